// What happens between the authorization request and the redirect back: a person signs in and consents.

import { byPassword } from './users.mjs';
import { consentPage, loginPage } from './pages.mjs';

const bodyLimit = 64 * 1024;

async function readForm(req) {
  let body = '';
  for await (const chunk of req.setEncoding('utf8')) {
    body += chunk;
    if (body.length > bodyLimit) throw new Error('form too large');
  }
  return new URLSearchParams(body);
}

function html(res, status, body) {
  res.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' });
  res.end(body);
}

// grantAll gives a client everything the request names.
export async function grantAll(provider, accountId, clientId, scopes, resources) {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scopes);
  for (const resource of resources) grant.addResourceScope(resource, scopes);
  return grant.save();
}

export async function interact(provider, req, res) {
  const step = req.url.split('/')[3];
  const { uid, prompt, params, session } = await provider.interactionDetails(req, res);
  const finish = (result) => provider.interactionFinished(req, res, result);

  if (req.method === 'GET') {
    return html(res, 200, prompt.name === 'login'
      ? loginPage(uid, params.client_id)
      : consentPage(uid, params.client_id, params.scope));
  }
  switch (step) {
    case 'login': {
      const form = await readForm(req);
      const user = byPassword(form.get('username'), form.get('password'));
      if (!user) return html(res, 401, loginPage(uid, params.client_id, 'Wrong name or password.'));
      return finish({ login: { accountId: user.claims.sub } });
    }
    case 'allow': {
      const resources = [params.resource ?? []].flat();
      const grantId = await grantAll(provider, session.accountId, params.client_id, params.scope, resources);
      return finish({ consent: { grantId } });
    }
    case 'deny':
      return finish({ error: 'access_denied', error_description: 'the person said no' });
    default:
      return html(res, 404, 'no such step');
  }
}
