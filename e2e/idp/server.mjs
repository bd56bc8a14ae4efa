// Providers, all in one process: node server.mjs [CONFIG.json]
//
// It listens on loopback and ends when its standard input does. POST / with a configuration document makes a provider
// at an address of its own and answers with { url, issuer }; so does a file for the one that it is started with. When
// it is ready it prints a line of JSON: { control }, or { url, issuer } where a file was given.
//
// At each provider GET /_calls lists the token calls and sign-outs it has seen, and POST /_life?seconds=3600 sets how
// long the tokens live that it issues from now on.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { github } from './github.mjs';
import { json, readBody } from './http.mjs';
import { openid } from './provider.mjs';

// A connection that is kept for Node's five seconds is now and then closed just when a slow machine uses it again, and a
// token call is never sent twice.
const keepAliveTimeout = 600_000;

const listen = async (port) => {
  const server = createServer({ keepAliveTimeout }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${server.address().port}` };
};

const serve = (server, handle) => server.on('request', async (req, res) => {
  try {
    await handle(req, res);
  } catch (err) {
    console.error(server.address().port, err);
    if (!res.headersSent) json(res, 400, { error: err.message });
  }
});

async function start(config) {
  const { server, url } = await listen(config.port ?? 0);
  const { issuer, events, setLife, handle } = (config.shape === 'github' ? github : openid)(config, url);
  serve(server, (req, res) => {
    const { pathname, searchParams } = new URL(req.url, url);
    switch (`${req.method} ${pathname}`) {
      case 'GET /_calls': return json(res, 200, events);
      case 'POST /_life': return json(res, 200, setLife?.(Number(searchParams.get('seconds'))));
      default: return handle(req, res);
    }
  });
  return { url, issuer };
}

if (process.argv[2]) {
  console.log(JSON.stringify(await start(JSON.parse(readFileSync(process.argv[2], 'utf8')))));
} else {
  const { server, url } = await listen(0);
  serve(server, async (req, res) => json(res, 200, await start(JSON.parse(await readBody(req)))));
  console.log(JSON.stringify({ control: url }));
}

process.stdin.on('end', () => process.exit(0)).resume();
