// What GitHub does, seen from an OAuth app: no OpenID Connect, opaque tokens that do not expire, a token endpoint that
// answers in a form unless JSON is asked for and tells its errors with 200, and an API that knows the person.
//
// POST /_leave?user=ada&org=4201 ends a membership, POST /_revoke takes every token back.

import { createHash, randomBytes } from 'node:crypto';
import { html, json, readForm } from './http.mjs';
import { consentPage, errorPage, loginPage } from './pages.mjs';
import { byPassword, users } from './users.mjs';

const seconds = 1000;
const codeLife = 600 * seconds;
const secret = () => randomBytes(20).toString('hex');
const s256 = (verifier) => createHash('sha256').update(verifier ?? '').digest('base64url');

// github returns the provider and the list of what happened there, which grows.
export function github({ clients }, origin) {
  const events = [];
  const requests = new Map(); // authorization requests that a person has before them
  const sessions = new Map(); // browsers of people who are signed in
  const consents = new Set(); // who has allowed what
  const codes = new Map();
  const tokens = new Map();
  const members = new Map(users.map((u) => [u, new Set(u.organizations.filter((o) => /^\d+$/.test(o)))]));

  const redirect = (res, base, params, headers = {}) => {
    const to = new URL(base, origin);
    for (const [name, value] of Object.entries(params)) if (value) to.searchParams.set(name, value);
    res.writeHead(302, { Location: to.href, 'Cache-Control': 'no-store', ...headers }).end();
  };
  const person = (req) => sessions.get(/(?:^|; )user_session=(\w+)/.exec(req.headers.cookie)?.[1]);
  const consentOf = (user, asked) => [user.username, asked.client_id, asked.scope].join(' ');

  function authorize(req, res, query) {
    const asked = Object.fromEntries(query);
    const client = clients.find((c) => c.client_id === asked.client_id);
    if (!client) return html(res, 404, errorPage({ error: 'not found' }));
    if (!client.redirect_uris.includes(asked.redirect_uri)) {
      return redirect(res, client.redirect_uris[0], { error: 'redirect_uri_mismatch', state: asked.state });
    }
    const uid = secret();
    requests.set(uid, asked);
    return proceed(req, res, uid, asked.prompt === 'select_account' ? undefined : person(req));
  }

  // proceed asks for what is missing, or sends the browser back.
  function proceed(req, res, uid, user, headers) {
    const asked = requests.get(uid);
    if (!user) return html(res, 200, loginPage({ uid, client: asked.client_id }));
    if (!consents.has(consentOf(user, asked))) {
      res.setHeaders(new Headers(headers));
      return html(res, 200, consentPage(uid, asked.client_id, asked.scope));
    }
    requests.delete(uid);
    const code = secret();
    codes.set(code, { asked, user, until: Date.now() + codeLife });
    events.push({ event: 'authorization', ok: true, client_id: asked.client_id });
    return redirect(res, asked.redirect_uri, { code, state: asked.state }, headers);
  }

  async function interact(req, res, uid, step) {
    const asked = requests.get(uid);
    if (!asked) return html(res, 404, errorPage({ error: 'not found' }));
    const form = await readForm(req);
    if (step === 'login') {
      const user = byPassword(form.get('username'), form.get('password'));
      if (!user) return html(res, 401, loginPage({ uid, client: asked.client_id, fault: 'Wrong name or password.' }));
      const session = secret();
      sessions.set(session, user);
      return proceed(req, res, uid, user, { 'Set-Cookie': `user_session=${session}; Path=/; HttpOnly; SameSite=Lax` });
    }
    if (step === 'allow' && person(req)) {
      consents.add(consentOf(person(req), asked));
      return proceed(req, res, uid, person(req));
    }
    requests.delete(uid);
    events.push({ event: 'authorization', ok: false, error: 'access_denied' });
    return redirect(res, asked.redirect_uri, {
      error: 'access_denied', error_description: 'The user has denied your application access.', state: asked.state,
    });
  }

  async function accessToken(req, res) {
    const form = await readForm(req);
    const { asked, user, until } = codes.get(form.get('code')) ?? {};
    codes.delete(form.get('code'));
    const answer = (body) => {
      events.push({ event: 'token', ok: !body.error, grant: 'authorization_code', error: body.error });
      if (/json/.test(req.headers.accept)) return json(res, 200, body);
      res.writeHead(200, { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' });
      return res.end(String(new URLSearchParams(body)));
    };
    const client = clients.find((c) => c.client_id === form.get('client_id'));
    if (!client || form.get('client_secret') !== client.client_secret) {
      return answer({ error: 'incorrect_client_credentials', error_description: 'The client_id and/or client_secret passed are incorrect.' });
    }
    if (!asked || asked.client_id !== client.client_id || Date.now() > until || (asked.code_challenge && s256(form.get('code_verifier')) !== asked.code_challenge)) {
      return answer({ error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' });
    }
    if (form.get('redirect_uri') !== asked.redirect_uri) return answer({ error: 'redirect_uri_mismatch' });
    const token = `gho_${secret()}`;
    const scope = (asked.scope ?? '').split(' ').join(',');
    tokens.set(token, { user, scopes: scope.split(',') });
    return answer({ access_token: token, scope, token_type: 'bearer' });
  }

  function api(req, res, path) {
    if (!req.headers['user-agent']) return json(res, 403, { message: 'Request forbidden by administrative rules.' });
    const { user, scopes } = tokens.get(/^bearer (.+)$/i.exec(req.headers.authorization)?.[1]) ?? {};
    events.push({ event: 'api', ok: Boolean(user) });
    if (!user) return json(res, 401, { message: 'Bad credentials' });
    switch (path) {
      case '/user':
        return json(res, 200, { id: user.account, login: user.username, name: user.claims.name, email: null });
      case '/user/emails':
        if (!scopes.includes('user:email')) break;
        return json(res, 200, [{ email: user.claims.email, primary: true, verified: true, visibility: 'private' }]);
      case '/user/orgs':
        if (!scopes.includes('read:org')) break;
        return json(res, 200, [...members.get(user)].map((id) => ({ id: Number(id), login: `org-${id}` })));
    }
    return json(res, 404, { message: 'Not Found' });
  }

  async function handle(req, res) {
    const { pathname, searchParams } = new URL(req.url, origin);
    const [, first, uid, step] = pathname.split('/');
    switch (`${req.method} ${first === 'interaction' ? '/interaction' : pathname}`) {
      case 'GET /login/oauth/authorize': return authorize(req, res, searchParams);
      case 'POST /interaction': return interact(req, res, uid, step);
      case 'POST /login/oauth/access_token': return accessToken(req, res);
      case 'POST /_revoke': return json(res, 200, tokens.clear());
      case 'POST /_leave': return json(res, 200, leave(searchParams.get('user'), searchParams.get('org')));
      default:
        if (pathname.startsWith('/api/v3/')) return api(req, res, pathname.slice('/api/v3'.length));
        return json(res, 404, { message: 'Not Found' });
    }
  }
  const leave = (username, org) => members.get(users.find((u) => u.username === username)).delete(org);

  return { issuer: origin, events, handle };
}
