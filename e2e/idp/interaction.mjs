// What happens between the authorization request and the redirect back: a person signs in and consents.

import { html, readForm } from './http.mjs';
import { consentPage, loginPage } from './pages.mjs';
import { byPassword, bySubject } from './users.mjs';

// interact shows the page that is due, or takes its answer. Where nobody is to be asked, consent is given at once.
export async function interact(provider, shape, config, req, res) {
  const { uid, prompt, params, session, lastSubmission } = await provider.interactionDetails(req, res);
  const finish = (result) => provider.interactionFinished(req, res, result);
  const allow = async () => {
    const organization = params.organization ?? lastSubmission?.organization;
    if (organization && !bySubject(session.accountId).organizations.includes(organization)) {
      return finish({ error: 'access_denied', error_description: `the person is not part of ${organization}` });
    }
    const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    if (params.resource) grant.addResourceScope(params.resource, params.scope);
    const grantId = await grant.save();
    shape.organizations?.set(grantId, organization);
    return finish({ consent: { grantId } });
  };
  const login = (status, fault) => html(res, status, loginPage({
    uid, fault, client: params.client_id, asksOrganization: config.asks_organization && !params.organization,
  }));

  if (req.method === 'GET') {
    if (prompt.name === 'login') return login(200);
    return config.consent ? html(res, 200, consentPage(uid, params.client_id, params.scope)) : allow();
  }
  switch (req.url.split('/')[3]) {
    case 'login': {
      const form = await readForm(req);
      const user = byPassword(form.get('username'), form.get('password'));
      if (!user) return login(401, 'Wrong name or password.');
      return finish({ login: { accountId: user.claims.sub }, organization: form.get('organization') || undefined });
    }
    case 'allow':
      return allow();
    case 'deny':
      return finish({ error: 'access_denied', error_description: 'the person said no' });
    default:
      return html(res, 404, 'no such step');
  }
}
