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

// interact shows the page that is due, or takes its answer. Where nobody is to be asked, consent is given at once.
export async function interact(provider, asksConsent, req, res) {
  const { uid, prompt, params, session } = await provider.interactionDetails(req, res);
  const finish = (result) => provider.interactionFinished(req, res, result);
  const allow = async () => {
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    if (params.resource) grant.addResourceScope(params.resource, params.scope);
    return finish({ consent: { grantId: await grant.save() } });
  };

  if (req.method === 'GET') {
    if (prompt.name === 'login') return html(res, 200, loginPage(uid, params.client_id));
    return asksConsent ? html(res, 200, consentPage(uid, params.client_id, params.scope)) : allow();
  }
  switch (req.url.split('/')[3]) {
    case 'login': {
      const form = await readForm(req);
      const user = byPassword(form.get('username'), form.get('password'));
      if (!user) return html(res, 401, loginPage(uid, params.client_id, 'Wrong name or password.'));
      return finish({ login: { accountId: user.claims.sub } });
    }
    case 'allow':
      return allow();
    case 'deny':
      return finish({ error: 'access_denied', error_description: 'the person said no' });
    default:
      return html(res, 404, 'no such step');
  }
}
