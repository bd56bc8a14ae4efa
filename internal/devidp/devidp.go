// Package devidp is an OpenID Provider for development and tests. It does not keep passwords safe.
//
// It answers at the URLs of a [provider.Provider], whichever hosts those have, and is strict where a real
// one is strict: exact redirect URIs, PKCE, one-time codes, one way of client authentication. A [Tamper] makes it
// break one rule at a time, a [Fault] makes one of its endpoints fail.
package devidp

import (
	"crypto"
	"time"

	"github.com/edgeauth/edgeauth/provider"
)

// Options describe the provider to imitate. Provider and Users are required.
type Options struct {
	// Provider gives the URLs to answer at, the issuer, and the claims its rules ask for. Where it has a Discovery
	// URL, endpoints that it does not name lie below the issuer.
	Provider provider.Provider
	// Clients are registered from the start; [Server.Register] adds more.
	Clients []Client
	Users   []User

	// Title is the heading of the sign-in page. Default "Sign in".
	Title string
	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Keys sign: the first ID tokens, the last access tokens. All are published. Default: one new RS256 key.
	Keys []*Key
	// TokenLife is how long ID tokens and access tokens live. Default 1 h.
	TokenLife time.Duration
	// CodeLife is how long a code can be redeemed. Default 10 min (RFC 6749, 4.1.2).
	CodeLife time.Duration

	// Refresh says whether there are refresh tokens and what happens to a used one. Default: there are none.
	Refresh Refresh
	// RefreshGrace is how long a refresh token still works after it was replaced. Default 0.
	RefreshGrace time.Duration
	// RefreshLife is how long after the sign-in its refresh tokens work. Default 0: never.
	RefreshLife time.Duration
	// RefreshScope is the scope that a client has to ask for to get a refresh token. Default "": it always gets one.
	RefreshScope string
	// RefreshOmitsIDToken leaves the ID token out of refresh answers (OIDC Core 12.2 allows it).
	RefreshOmitsIDToken bool

	// CallbackIssuer adds iss to the callback and says so in the discovery document (RFC 9207).
	CallbackIssuer bool
	// AtHash adds at_hash to ID tokens (OIDC Core 3.1.3.6).
	AtHash bool
	// OpaqueAccessToken makes access tokens that only the userinfo endpoint can read.
	OpaqueAccessToken bool
	// ErrorStatus replaces the HTTP status of token errors: some providers use 200, some 403. Default as in RFC 6749,
	// 5.2.
	ErrorStatus int
	// FormAnswers makes the token endpoint answer form-encoded unless the request asks for JSON, as GitHub does.
	FormAnswers bool
	// Shape is a tampering that always holds, for a provider whose usual answers differ from the standard's.
	Shape Tamper
}

// Client is a registered client.
type Client struct {
	ID string
	// Secret makes a confidential client; without one the client is public.
	Secret string
	// Key is what the client's assertions are verified with, in the place of a secret (private_key_jwt).
	Key crypto.PublicKey
	// Name is shown on the sign-in page. Default ID.
	Name string
	// RedirectURIs and PostLogoutURIs are compared as whole strings (RFC 9700, 2.1).
	RedirectURIs, PostLogoutURIs []string
	// Origin says how the token endpoint treats an Origin header.
	Origin OriginRule
}

// OriginRule says how the token endpoint treats an Origin header. The zero value ignores it.
type OriginRule int

// The rules of Entra's platforms.
const (
	OriginIgnored   OriginRule = iota
	OriginRequired             // single-page application: the origin of the redirect URI, or AADSTS9002327
	OriginForbidden            // web: none, or AADSTS9002326
)

// Refresh says what happens to a refresh token when it is used.
type Refresh int

// The zero value gives no refresh tokens.
const (
	NoRefresh  Refresh = iota
	Static             // it stays valid, and the answer has no new one
	Renewing           // the answer has a new one, and the old one stays valid
	RotateOnce         // the answer has a new one; using the old one again revokes all of this sign-in
)

// User is somebody who can sign in.
type User struct {
	// Name identifies the user on the sign-in page. It is the subject unless Claims says otherwise.
	Name string
	// Password has to be typed, if it is set. Without one a click signs in.
	Password string
	// Claims go into both tokens and the userinfo answer; "name" and "email" are shown on the page.
	Claims map[string]any
	// Groups go into the claim that the provider's mapping names. Nil leaves the claim out.
	Groups []string
	// API are JSON answers by URL, for a provider whose evidence is an API.
	API map[string]any
}

func (o Options) withDefaults() Options {
	if o.Title == "" {
		o.Title = "Sign in"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TokenLife == 0 {
		o.TokenLife = time.Hour
	}
	if o.CodeLife == 0 {
		o.CodeLife = 10 * time.Minute
	}
	o.Provider.Mapping = o.Provider.Mapping.WithDefaults()
	return o
}
