// oidc-provider, set up from a configuration document: idpConfig in ../idp_test.go says what its members mean.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { Provider } from 'oidc-provider';
import * as entra from './entra.mjs';
import { endedPage, errorPage, logoutPage } from './pages.mjs';
import { bySubject } from './users.mjs';

const signingKey = () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'RS256' };
};

const html = (ctx, body) => {
  ctx.type = 'html';
  ctx.body = body;
};

const fingerprint = (token) =>
  (token ? createHash('sha256').update(token).digest('hex').slice(0, 12) : undefined);

const client = (c) => ({
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: c.client_secret ? 'client_secret_basic' : 'none',
  ...c,
});

// build returns the provider and the list of what happened there, which grows.
export function build(config, origin) {
  const isEntra = config.shape === 'entra';
  const issuer = isEntra ? entra.issuer(origin, config.tenant) : origin;
  const shapeClaims = isEntra ? entra.tokenClaims(config.tenant) : {};
  const seconds = config.token_seconds ?? 3600;
  const events = [];

  const provider = new Provider(issuer, {
    clients: config.clients.map(client),
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    pkce: { required: () => true },
    clientBasedCORS: () => true,
    conformIdTokenClaims: false,
    claims: {
      openid: ['sub', ...(isEntra ? ['tid', 'oid', 'ver'] : [])],
      profile: ['name', 'preferred_username', 'groups'],
      email: ['email', 'email_verified'],
    },
    scopes: ['openid', 'offline_access', ...(config.resource_scopes ?? [])],
    findAccount: (ctx, sub) => {
      const user = bySubject(sub);
      return user && { accountId: sub, claims: () => ({ ...user.claims, ...shapeClaims }) };
    },
    extraTokenClaims: (ctx, token) => {
      const user = bySubject(token.accountId);
      return { ...shapeClaims, name: user?.claims.name, groups: user?.claims.groups };
    },
    ttl: {
      AccessToken: seconds,
      IdToken: seconds,
      RefreshToken: 86400,
      AuthorizationCode: 60,
      Grant: 86400,
      Interaction: 600,
      Session: 86400,
    },
    rotateRefreshToken: () => config.rotate ?? true,
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: (ctx, out) => html(ctx, errorPage(out)),
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: !isEntra },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => html(ctx, logoutPage(form)),
        postLogoutSuccessSource: (ctx) => html(ctx, endedPage()),
      },
      resourceIndicators: {
        enabled: Boolean(config.resource),
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => ({
          scope: (config.resource_scopes ?? []).join(' '),
          audience: resource,
          accessTokenTTL: seconds,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    ...(isEntra ? { routes: entra.routes } : {}),
  });

  provider.use(async (ctx, next) => {
    await next();
    if (isEntra && ctx.oidc?.route === 'jwks') {
      ctx.body = { keys: entra.keysOf(ctx.body.keys, issuer) };
    }
  });

  const tokenCall = (ok) => (ctx, err) => events.push({
    event: 'token',
    ok,
    grant: ctx.oidc.params?.grant_type,
    error: err?.error,
    detail: err?.error_detail,
    origin: ctx.get('origin') || undefined,
    refresh_token: fingerprint(ctx.oidc.params?.refresh_token),
  });
  provider.on('grant.success', tokenCall(true));
  provider.on('grant.error', tokenCall(false));
  provider.on('end_session.success', () => events.push({ event: 'end_session' }));
  provider.on('authorization.error', (ctx, err) => events.push({ event: 'authorization', ok: false, error: err.error, detail: err.error_description }));
  provider.on('authorization.success', (ctx) => events.push({ event: 'authorization', ok: true, client_id: ctx.oidc.client?.clientId }));
  provider.on('revocation.error', (ctx, err) => events.push({ event: 'revocation', ok: false, error: err.error }));
  provider.on('server_error', (ctx, err) => console.error(err));

  return { provider, issuer, events };
}
