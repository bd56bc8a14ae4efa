// signOut turns a sign-out in a provider's own form into the standard's. It returns a refusal where the request names
// no address that is registered for its client.
export function signOut(url, name, clients) {
  const back = url.searchParams.get(name);
  const client = clients.find((c) => c.client_id === url.searchParams.get('client_id'));
  if (!client?.post_logout_redirect_uris.includes(back)) {
    return { status: 400, body: { error: 'invalid_request', error_description: `${name} is not registered` } };
  }
  url.searchParams.delete(name);
  url.searchParams.set('post_logout_redirect_uri', back);
  return undefined;
}
