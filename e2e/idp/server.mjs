// A certified OpenID Provider as a process of its own: node server.mjs CONFIG.json
//
// It listens on loopback, prints one line of JSON with its URL and issuer when it is ready, and ends when its
// standard input does. GET /_calls lists the token calls and sign-outs it has seen.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import * as entra from './entra.mjs';
import { interact } from './interaction.mjs';
import { build } from './provider.mjs';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const server = createServer();

server.listen(config.port ?? 0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const { provider, issuer, events } = build(config, url);
  const oidc = provider.callback();

  server.on('request', (req, res) => {
    if (req.url === '/_calls') return json(res, 200, events);
    if (req.url.startsWith('/interaction/')) {
      return interact(provider, config.consent, req, res).catch((err) => {
        console.error(err);
        json(res, 400, { error: err.message });
      });
    }
    if (config.shape === 'entra') {
      entra.mount(req, config.tenant, config.clients);
      if (req.method === 'POST' && req.url === entra.routes.token) {
        const refused = entra.refusal(req, config.platform, config.origins ?? []);
        if (refused) {
          events.push({ event: 'token', ok: false, error: refused.error, code: refused.error_codes[0], origin: req.headers.origin });
          return json(res, 400, refused);
        }
      }
    }
    return oidc(req, res);
  });

  console.log(JSON.stringify({ url, issuer }));
});

process.stdin.on('end', () => process.exit(0)).resume();

function json(res, status, body) {
  res.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  res.end(JSON.stringify(body));
}
