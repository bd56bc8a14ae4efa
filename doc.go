// Package edgeauth lets only signed-in people reach a site.
//
// It answers one question: may this request pass? A [Guard] takes a [Request], which any platform can state, and
// returns a [Decision]: allow, redirect, or a page of its own. People sign in with OAuth 2.0 and OpenID Connect, by the
// authorization code flow with PKCE. Package nethttp carries decisions out in a Go web server, package lambdaedge in
// a Lambda@Edge viewer-request function; identity providers are data, in packages such as entraid.
//
//	guard, err := edgeauth.New(edgeauth.Config{
//		Provider: provider.OIDC("https://login.example.com"),
//		ClientID: "site",
//		Hosts:    []string{"app.example.com"},
//		Session:  edgeauth.Session{Keys: [][]byte{key}},
//	})
//	http.ListenAndServe(addr, nethttp.Protect(guard, site))
//
// # Words
//
//   - Host, origin: what the viewer asked for, and what URLs of the site are built from: always the configured entry.
//   - Own path: a path that this package answers itself: callback, login, logout, session, signed-out.
//   - Clean path: one that every server splits and decodes in the same way. A path that is not clean is never public.
//   - Wide form: what all ways of writing a clean path have in common, in another case, say. What a rule asks for, it asks
//     for whatever has the wide form of its path or lies below.
//   - Navigation: a person looks at a page that is about to load. Only a navigation may be sent to the provider.
//   - Attempt: a sign-in in progress. It lives in a cookie of its own until its callback comes.
//   - Evidence, proof: what the provider gave to show who somebody is, and which kind of it decides.
//   - Session: a signed-in browser. It is sealed (encrypted, of our making) or a token (the provider's own).
//   - Renewal: new evidence for a session, by its refresh token. A rotated refresh token works once.
//   - Stamp: the note of when somebody was last seen, where there is an idle limit.
//   - Decision, reason: the answer to a request, and the stable code of why.
//   - Forward: how an allowed request differs from the one that came.
//   - Leeway: how far the provider's clock may be from this one.
//
// docs/architecture.md shows the rooms behind this package and the walk of one request.
//
// # Promises
//
// Each has a test of its name in promises_test.go.
//
//  1. The zero Decision denies. An unknown Action, or a Status outside 200 to 599, is written as a denial with
//     status 500.
//  2. No hook turns a refused token or session into an accepted one. A mapping names claims and is trusted code; a
//     check can only refuse.
//  3. No page, URL or log shows a reason's detail to a viewer, or a token or a secret to anybody.
//  4. The same Request gets the same Decision. Platforms differ only by the fields they declare.
//  5. A shared fetch may outlast the caller that gave up, by its own deadline of at most 10 s. No other goroutine
//     outlives a call, and no state is kept that a frozen process could spoil: times are wall clock, looked at when a
//     request comes. New makes no network call.
//
// # What it does not do
//
// It does not limit the rate of requests, it does not protect what is reachable past it (close the bucket or the
// server behind it), and it cannot take back a token that a provider has issued before its time is over.
package edgeauth
