// oidc-provider, set up from a configuration document: idpConfig in ../idp_test.go says what its members mean.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { Provider } from 'oidc-provider';
import { auth0 } from './auth0.mjs';
import { cognito } from './cognito.mjs';
import { entra } from './entra.mjs';
import { interact } from './interaction.mjs';
import { json } from './http.mjs';
import { endedPage, errorPage, logoutPage } from './pages.mjs';
import { bySubject } from './users.mjs';

// plain is how the standard has it; a shape says what it does otherwise.
const plain = (config, origin) => ({
  issuer: origin,
  keyIDs: [randomBytes(8).toString('hex')],
  asksToSignOut: true,
  client: () => ({}),
  settings: {}, // of oidc-provider
  features: {},
  resource: {}, // of an API's access tokens
  claims: { profile: ['groups'] }, // names of further claims, by scope
  idClaims: () => ({}),
  accessClaims: (user) => ({ name: user.name, groups: user.groups }),
  receive: () => undefined, // rewrites a request, or returns the answer that refuses it
  respond: () => undefined, // has the last hand on an answer
});

const shapes = { entra, auth0, cognito };

// Making a key takes longer than all else a provider does, so the providers of a process share theirs. Each has names
// of its own for them.
const keys = [];

const signingKey = (kid, i) => {
  keys[i] ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return { ...keys[i], kid, use: 'sig', alg: 'RS256' };
};

// anotherKey is one for another algorithm than RS256.
const anotherKey = (alg) => {
  const kinds = { ES256: ['ec', { namedCurve: 'P-256' }], ES384: ['ec', { namedCurve: 'P-384' }], EdDSA: ['ed25519'], PS256: ['rsa', { modulusLength: 2048 }] };
  return { ...generateKeyPairSync(...kinds[alg]).privateKey.export({ format: 'jwk' }), kid: alg, use: 'sig', alg };
};

const html = (ctx, body) => {
  ctx.type = 'html';
  ctx.body = body;
};

const fingerprint = (token) =>
  (token ? createHash('sha256').update(token).digest('hex').slice(0, 12) : undefined);

// openid returns the provider and the list of what happened there, which grows.
export function openid(config, origin) {
  const shape = { ...plain(config, origin), ...shapes[config.shape]?.(config, origin) };
  let seconds = config.token_seconds ?? 3600;
  const life = () => seconds;
  const events = [];
  const habits = config.habits ?? {};

  const provider = new Provider(shape.issuer, {
    clients: config.clients.map((c) => ({
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: c.client_secret ? 'client_secret_basic' : 'none',
      ...shape.client(c),
      ...c,
      ...(habits.client ?? {}),
    })),
    jwks: { keys: habits.alg ? [anotherKey(habits.alg)] : shape.keyIDs.map(signingKey) },
    ...(habits.alg && { enabledJWA: { idTokenSigningAlgValues: [habits.alg], userinfoSigningAlgValues: [habits.alg] } }),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    pkce: { required: () => true },
    clientBasedCORS: () => true,
    conformIdTokenClaims: habits.thin ?? false,
    claims: {
      openid: ['sub', ...(shape.claims.openid ?? [])],
      profile: ['name', 'preferred_username', ...(shape.claims.profile ?? [])],
      email: ['email', 'email_verified'],
    },
    scopes: ['openid', 'offline_access', ...(config.resource_scopes ?? [])],
    findAccount: (ctx, sub, source) => {
      const user = bySubject(sub);
      const more = () => shape.idClaims(user.claims, source, ctx.oidc.entities.AccessToken?.value);
      return user && { accountId: sub, claims: () => ({ ...user.claims, ...more() }) };
    },
    extraTokenClaims: (ctx, token) => shape.accessClaims(bySubject(token.accountId).claims, token),
    ttl: {
      AccessToken: life,
      IdToken: life,
      RefreshToken: 86400,
      AuthorizationCode: 60,
      Grant: 86400,
      Interaction: 600,
      Session: 86400,
    },
    rotateRefreshToken: () => config.rotate ?? true,
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: (ctx, out) => html(ctx, errorPage(out)),
    ...shape.settings,
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => html(ctx, logoutPage(form, shape.asksToSignOut)),
        postLogoutSuccessSource: (ctx) => html(ctx, endedPage()),
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => ({
          scope: (config.resource_scopes ?? []).join(' '),
          audience: resource,
          accessTokenTTL: seconds,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
          ...shape.resource,
        }),
      },
      ...shape.features,
      ...(habits.features ?? {}),
    },
  });

  // An access token knows its own text, for at_hash.
  const { save } = provider.AccessToken.prototype;
  provider.AccessToken.prototype.save = async function remember(...args) {
    this.value = await save.apply(this, args);
    return this.value;
  };

  provider.use(async (ctx, next) => {
    await next();
    shape.respond(ctx);
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
  provider.on('server_error', (ctx, err) => console.error(origin, err));

  const oidc = provider.callback();
  const handle = (req, res) => {
    if (req.url.startsWith('/interaction/')) return interact(provider, shape, config, req, res);
    const refused = shape.receive(req);
    if (!refused) return oidc(req, res);
    if (refused.event) events.push(refused.event);
    return json(res, refused.status, refused.body);
  };
  const setLife = (value) => { seconds = value; };
  return { issuer: shape.issuer, events, setLife, handle };
}
