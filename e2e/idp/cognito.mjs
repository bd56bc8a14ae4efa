// What a Cognito user pool does differently, seen from a client: issuer and keys have an address of their own, tokens
// say what they are for, an access token has no audience, a refresh token comes unasked and is never replaced, the
// callback names no issuer, and the sign-out has a form of its own that asks no question.

import { randomBytes } from 'node:crypto';
import { signOut } from './signout.mjs';

const routes = {
  authorization: '/oauth2/authorize',
  token: '/oauth2/token',
  revocation: '/oauth2/revoke',
  end_session: '/logout',
  jwks: '/.well-known/jwks.json',
  userinfo: '/oauth2/userInfo',
};

const api = 'urn:cognito:api'; // JSON Web Tokens are given out for an API only
const keyID = () => randomBytes(32).toString('base64');
const absent = { toJSON: () => undefined };

export function cognito({ pool, clients, resource_scopes: own = [] }, origin) {
  const accessKey = keyID();
  return {
    issuer: `${origin}/${pool}`,
    keyIDs: [keyID(), accessKey], // one for each kind of token
    asksToSignOut: false,
    settings: {
      routes,
      issueRefreshToken: () => true,
      formats: {
        customizers: {
          jwt: (ctx, token, jwt) => {
            jwt.payload.aud = absent;
            jwt.header = { typ: undefined };
          },
        },
      },
    },
    resource: { scope: ['openid', 'profile', 'email', ...own].join(' '), jwt: { sign: { alg: 'RS256', kid: accessKey } } },
    claims: { openid: ['auth_time', 'at_hash', 'token_use', 'cognito:groups', 'cognito:username'] },
    idClaims: (user, source, accessToken) => ({
      token_use: 'id', at_hash: accessToken, 'cognito:groups': user.groups, 'cognito:username': user.preferred_username,
    }),
    // The name is what a trigger of the pool adds.
    accessClaims: (user) => ({
      token_use: 'access', version: 2, username: user.preferred_username, name: user.name, 'cognito:groups': user.groups,
    }),

    receive(req) {
      const url = new URL(req.url, origin);
      if (url.pathname.startsWith('/.well-known/')) return { status: 404, body: { message: 'not found' } };
      url.pathname = url.pathname.replace(`/${pool}/.well-known/`, '/.well-known/');
      if (url.pathname === routes.authorization) url.searchParams.set('resource', api);
      const refused = url.pathname === routes.end_session && signOut(url, 'logout_uri', clients);
      req.url = url.pathname + url.search;
      return refused || undefined;
    },

    respond(ctx) {
      const { location } = ctx.response.headers;
      if (['authorization', 'resume'].includes(ctx.oidc?.route) && location) {
        const back = new URL(location, origin);
        back.searchParams.delete('iss');
        ctx.set('Location', back.href);
      }
      if (ctx.oidc?.route === 'token' && ctx.oidc.params?.grant_type === 'refresh_token') delete ctx.body.refresh_token;
    },
  };
}
