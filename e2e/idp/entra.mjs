// What Microsoft Entra ID does differently, seen from a client: everything lies below the tenant, the metadata and
// the issuer below /v2.0, keys name their issuer, and a code or a refresh token of a single-page application is
// redeemed with an Origin header only, one of a web application without it.

import { randomUUID } from 'node:crypto';

const routes = {
  authorization: '/oauth2/v2.0/authorize',
  token: '/oauth2/v2.0/token',
  end_session: '/oauth2/v2.0/logout',
  jwks: '/discovery/v2.0/keys',
  userinfo: '/oidc/userinfo',
};

export function entra({ tenant, platform, origins, clients }, origin) {
  const issuer = `${origin}/${tenant}/v2.0`;
  const inEveryToken = { tid: tenant, ver: '2.0' };
  return {
    issuer,
    settings: { routes },
    features: { revocation: { enabled: false } },
    claims: { openid: ['tid', 'oid', 'ver'], profile: ['groups'] },
    idClaims: () => inEveryToken,
    accessClaims: (user) => ({ ...inEveryToken, name: user.name, groups: user.groups }),

    receive(req) {
      // Links keep the tenant: oidc-provider derives its prefix from originalUrl.
      const prefix = `/${tenant}`;
      if (!req.url.startsWith(`${prefix}/`)) return undefined;
      const url = new URL(req.url.slice(prefix.length), origin);
      url.pathname = url.pathname.replace('/v2.0/.well-known/', '/.well-known/');
      // Entra grants offline_access without prompt=consent, on which the standard's provider insists.
      // Its choice among accounts is asked for by a value of prompt that the standard's provider does not know.
      if (url.pathname === routes.authorization) {
        url.searchParams.set('prompt', (url.searchParams.get('prompt') ?? 'consent').replace('select_account', 'login consent'));
      }
      // Entra knows whom to send back by the session and the registered address: it takes no client_id here.
      if (url.pathname === routes.end_session) {
        const back = url.searchParams.get('post_logout_redirect_uri');
        const client = clients.find((c) => c.post_logout_redirect_uris.includes(back));
        if (client) url.searchParams.set('client_id', client.client_id);
      }
      req.url = url.pathname + url.search;
      req.originalUrl = prefix + req.url;
      return req.method === 'POST' && req.url === routes.token ? refusal(req.headers.origin, platform, origins ?? []) : undefined;
    },

    respond(ctx) {
      if (ctx.oidc?.route === 'jwks') {
        ctx.body = { keys: ctx.body.keys.map((key) => ({ ...key, issuer, cloud_instance_name: 'microsoftonline.com' })) };
      }
    },
  };
}

// refusal is the answer to a token request whose Origin header does not fit the platform.
function refusal(origin, platform, origins) {
  if (platform === 'spa' && origin === undefined) {
    return answer(origin, 9002327, "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.");
  }
  if (platform === 'spa' && !origins.includes(origin)) {
    return answer(origin, 9002326, `Cross-origin token redemption is not permitted for the origin ${origin}.`);
  }
  if (platform === 'web' && origin !== undefined) {
    return answer(origin, 9002326, "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.");
  }
  return undefined;
}

function answer(origin, number, text) {
  const trace = randomUUID();
  const body = {
    error: 'invalid_request',
    error_description: `AADSTS${number}: ${text} Trace ID: ${trace}`,
    error_codes: [number],
    timestamp: new Date().toISOString(),
    trace_id: trace,
    correlation_id: randomUUID(),
  };
  return { status: 400, body, event: { event: 'token', ok: false, error: body.error, code: number, origin } };
}
