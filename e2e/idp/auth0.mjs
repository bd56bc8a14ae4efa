// What Auth0 does differently, seen from a client: the issuer ends in a slash, `audience` asks for a JWT for an API,
// tokens name the organization that a person signed in to, claims of one's own have a URL for a name, a bad refresh
// token is answered with 403, and the sign-out has a form of its own that asks no question.

import { signOut } from './signout.mjs';

const namespace = 'https://site.example.test/';

const routes = {
  authorization: '/authorize',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  end_session: '/v2/logout',
  jwks: '/.well-known/jwks.json',
  userinfo: '/userinfo',
};

export function auth0({ clients }, origin) {
  const issuer = `${origin}/`;
  const organizations = new Map(); // by grant
  const org = (source) => ({ org_id: organizations.get(source?.grantId) });
  return {
    issuer,
    organizations,
    asksToSignOut: false,
    client: (c) => (c.client_secret ? { token_endpoint_auth_method: 'client_secret_post' } : {}),
    settings: {
      routes,
      extraParams: ['organization'],
      formats: {
        customizers: {
          jwt: (ctx, token, jwt) => { // Auth0's own profile, not that of RFC 9068
            const { client_id: azp, jti, aud, ...payload } = jwt.payload;
            jwt.payload = { ...payload, azp, aud: [aud, `${issuer}userinfo`] };
            jwt.header = { typ: 'JWT' };
          },
        },
      },
    },
    claims: { openid: ['org_id', `${namespace}groups`] },
    idClaims: (user, source) => ({ [`${namespace}groups`]: user.groups, ...org(source) }),
    accessClaims: (user, token) => ({ [`${namespace}groups`]: user.groups, ...org(token) }),

    receive(req) {
      const url = new URL(req.url, origin);
      if (url.pathname === routes.authorization) {
        // Auth0 grants offline_access without prompt=consent, on which the standard's provider insists.
        if (!url.searchParams.has('prompt')) url.searchParams.set('prompt', 'consent');
        if (url.searchParams.has('audience')) url.searchParams.set('resource', url.searchParams.get('audience'));
      }
      if (url.pathname === routes.token && req.headers.authorization) {
        return { status: 401, body: { error: 'access_denied', error_description: 'the application sends its secret in the body' } };
      }
      const refused = url.pathname === routes.end_session && signOut(url, 'returnTo', clients);
      req.url = url.pathname + url.search;
      return refused || undefined;
    },

    respond(ctx) {
      if (ctx.oidc?.route === 'token' && ctx.body?.error === 'invalid_grant') ctx.status = 403;
    },
  };
}
