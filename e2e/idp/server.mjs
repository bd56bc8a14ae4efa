// A provider as a process of its own: node server.mjs CONFIG.json
//
// It listens on loopback, prints one line of JSON with its URL and issuer when it is ready, and ends when its
// standard input does. GET /_calls lists the token calls and sign-outs it has seen.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { github } from './github.mjs';
import { json } from './http.mjs';
import { openid } from './provider.mjs';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const server = createServer();

server.listen(config.port ?? 0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const { issuer, events, handle } = (config.shape === 'github' ? github : openid)(config, url);
  server.on('request', async (req, res) => {
    try {
      await (req.url === '/_calls' ? json(res, 200, events) : handle(req, res));
    } catch (err) {
      console.error(err);
      json(res, 400, { error: err.message });
    }
  });
  console.log(JSON.stringify({ url, issuer }));
});

process.stdin.on('end', () => process.exit(0)).resume();
