// Package provider describes identity providers as data.
//
// A [Provider] names a provider's URLs, the extra parameters it wants, the rules its tokens obey and how its
// claims map to an identity. It holds no protocol: state, nonce, PKCE, cookies, the token call and the order of
// the token checks live in the core alone. The package imports only the standard library.
//
// An adapter starts from [OIDC], or from a literal with its own Endpoints where nothing is to be discovered, sets what
// the provider does differently, and is tried with the package providertest.
package provider

import "encoding/json"

// Provider is one identity provider, ready to be used by any number of sites. The zero value of each field is the
// strict choice. Do not change a Provider after you have handed it to the core.
type Provider struct {
	// Name says which kind of provider this is, in logs and in sealed cookies: "entraid", "oidc". Required.
	Name string

	// Issuer is the exact issuer: what `iss` must be in tokens (OIDC Core 3.1.3.7, rule 2), in the discovery document
	// (OIDC Discovery 4.3) and in the callback (RFC 9207). For a provider without an issuer it is any URL that names
	// the provider; it is part of every identity. Required.
	Issuer string
	// TokenIssuers, where not empty, replaces Issuer for tokens: the exact issuers accepted there. An entry may
	// hold one placeholder in braces, such as {tid}: it is filled with that claim of the token, which must then
	// be a GUID, and compared whole.
	TokenIssuers []string
	// CallbackIssuers are the values accepted in the callback's iss parameter. The default is Issuer alone.
	CallbackIssuers []string
	// CallbackIssuerRequired refuses a callback without iss (RFC 9207, 2.4). Discovery can switch it on too.
	CallbackIssuerRequired bool

	// Endpoints are the provider's URLs. Discovery, where set, supplies those that are empty.
	Endpoints Endpoints
	// Discovery is the URL of the provider's metadata (OIDC Discovery 4), or "" where nothing is to be discovered.
	Discovery string
	// JWKS is a key set given inline (RFC 7517, 5). Where it is set, keys are never fetched.
	JWKS json.RawMessage

	// Scopes are asked for unless the site asks for others.
	Scopes []string
	// AuthorizeParams are further parameters of the authorization request. They cannot replace those of the protocol:
	// client_id, redirect_uri, response_type, scope, state, nonce, code_challenge, code_challenge_method.
	AuthorizeParams map[string]string
	// AudienceParam names an authorization request parameter that carries the site's first audience, as Auth0 wants it.
	AudienceParam string
	// PushRequests hands authorization requests over to the provider itself (RFC 9126), one call for each sign-in that begins.
	// Metadata that requires it switches it on.
	PushRequests bool
	// ResponseMode is how the provider answers. The default is the query of the callback.
	ResponseMode ResponseMode
	// NoPKCE leaves PKCE out of both requests (RFC 7636), for a provider that refuses it. What remains binds a code to the browser less
	// well, so that the client then needs a secret or a key.
	NoPKCE bool
	// SelectAccount is the value of prompt at which the provider asks for the account (OIDC Core 3.1.2.1). The default is
	// "select_account" where the metadata lists it, else "login", at which the person signs in again.
	SelectAccount string
	// CodeGrant and RefreshGrant are what the two token requests carry beyond the standard's parameters.
	CodeGrant, RefreshGrant Grant
	// ClientAuth is how a client secret is sent (RFC 6749, 2.3.1). The default is [ClientSecretBasic].
	ClientAuth ClientAuth
	// AssertionAudience is the aud of what a client signs with its own key (RFC 7523, 3). The default is the URL of the
	// token endpoint.
	AssertionAudience string
	// SecretIssuer, where set, makes the client secret a token that the client's key signs, with this iss: Apple's team id.
	SecretIssuer string
	// Secret says whether a client secret is required, optional or forbidden. A site that disagrees is a configuration
	// error.
	Secret Need

	// Proof is what proves a sign-in unless the site says otherwise.
	Proof Proof
	// Proofs are the kinds of evidence this provider can give. Empty means the ID token alone.
	Proofs []Proof
	// ClaimsFrom adds the claims of userinfo to those of the ID token, where it is [IDToken] and [Userinfo] (OIDC Core 5.4),
	// unless the site says otherwise. The default is the proof alone.
	ClaimsFrom []Proof
	// IDToken and AccessToken are the rules of the two kinds of token.
	IDToken, AccessToken TokenRules
	// Userinfo are the requests whose answers are the evidence where Proof is [Userinfo].
	Userinfo UserinfoRules
	// GroupsLookup asks for the groups apart, for rules that ask for groups where tokens do not say which there are.
	GroupsLookup GroupsLookup
	// Check may refuse a token that has passed all other rules; it cannot accept one that has not. It must be
	// a pure function of its argument.
	Check func(Token) error
	// Mapping names the claims that make an identity.
	Mapping Mapping

	// RefreshRotates says that a refresh answer normally carries a new refresh token. The core handles either answer;
	// the package providertest imitates the provider accordingly.
	RefreshRotates bool
	// Logout is the form of the end-session request.
	Logout Logout
	// OpenSignup says that anybody can get an account there, so that being signed in restricts nothing by itself.
	OpenSignup bool
	// MutableClaims are claims that a user or a foreign administrator can set, so that no rule may rest on them. One that
	// ends with "*" stands for all that begin so. Where anybody can get an account, [SelfWritten] are among them always.
	MutableClaims []string
	// ReadOnlyClaims are those of MutableClaims that nobody but the site's owner can set, as the owner says.
	ReadOnlyClaims []string
	// MutableRemedy tells how such a claim is made one that rules may rest on, where that is possible.
	MutableRemedy string
	// ErrorCodes maps error codes of this provider that the standards do not know, in the callback or from the token
	// endpoint, to those they do.
	ErrorCodes map[string]string
}

// Endpoints are a provider's URLs, each of its own: no rule says that they share a host.
type Endpoints struct {
	Authorize  string `json:"authorize,omitempty"`
	Token      string `json:"token,omitempty"`
	Keys       string `json:"keys,omitempty"`
	Userinfo   string `json:"userinfo,omitempty"`
	Revoke     string `json:"revoke,omitempty"`
	EndSession string `json:"end_session,omitempty"`
	// PushedRequests takes authorization requests from the client itself (RFC 9126).
	PushedRequests string `json:"pushed_requests,omitempty"`
}

// Merge returns e with its empty members taken from other.
func (e Endpoints) Merge(other Endpoints) Endpoints {
	pick := func(mine *string, theirs string) {
		if *mine == "" {
			*mine = theirs
		}
	}
	pick(&e.Authorize, other.Authorize)
	pick(&e.Token, other.Token)
	pick(&e.Keys, other.Keys)
	pick(&e.Userinfo, other.Userinfo)
	pick(&e.Revoke, other.Revoke)
	pick(&e.EndSession, other.EndSession)
	pick(&e.PushedRequests, other.PushedRequests)
	return e
}

// Grant is what one kind of token request carries beyond the standard's parameters.
type Grant struct {
	Params map[string]string
	Header map[string]string
	// Origin sends the origin of the redirect URI as the Origin header: Entra's single-page platform refuses
	// codes and refresh tokens without it.
	Origin bool
	// Scope sends the scopes of the authorization request again.
	Scope bool
}

// ClientAuth is how a confidential client names itself at the token endpoint.
type ClientAuth string

// The ways of RFC 6749, 2.3.1. A client without a secret sends its client_id in the body.
const (
	ClientSecretBasic ClientAuth = "client_secret_basic"
	ClientSecretPost  ClientAuth = "client_secret_post"
)

// ResponseMode is how the answer to an authorization request comes back.
type ResponseMode string

// FormPost is for providers that insist on it, such as Apple: the browser posts the answer to the callback
// (OAuth 2.0 Form Post Response Mode). At the edge the function then needs the request's body.
const FormPost ResponseMode = "form_post"

// Need says whether something must, may or must not be given.
type Need int

// The zero value is [Optional].
const (
	Optional Need = iota
	Required
	Forbidden
)

// Proof is a kind of evidence that somebody has signed in.
type Proof string

// The kinds of evidence. The ID token is the default.
const (
	IDToken     Proof = "id_token"
	AccessToken Proof = "access_token"
	Userinfo    Proof = "userinfo"
)

// TokenRules are the rules of one kind of token beyond those that hold for every token.
type TokenRules struct {
	// Algorithms are the accepted signature algorithms (RFC 8725, 3.1). The default is RS256 alone. "none" and the HS
	// family are never accepted.
	Algorithms []string
	// AlgorithmsListed accepts, besides, those that the provider's metadata lists for ID tokens, as far as they need no
	// shared secret. Whatever is listed, a key is good for its own kind of algorithm alone.
	AlgorithmsListed bool
	// Types are the accepted values of the typ header, compared without case and without "application/".
	// The default is JWT for an ID token, and JWT and at+jwt for an access token. An absent typ is accepted.
	Types []string
	// KeyIDRequired refuses a token without kid. Without it, a token that has no kid is tried against at most four keys
	// of the right type.
	KeyIDRequired bool
	// Audience are the accepted audiences of an access token, unless the site lists its own. An entry may hold
	// {client_id}. An ID token's audience is always the client id (OIDC Core 3.1.3.7, rule 3).
	Audience []string
	// AudienceOptional accepts an access token without aud where ClientClaims say whose it is, and the site names no
	// audience of its own.
	AudienceOptional bool
	// ClientClaims are names of the claim that must be our client id in an access token. The first one present
	// decides; where the list is not empty and none is present, the token is refused.
	ClientClaims []string
	// Equal are claims that must be present with one of the given strings. For a claim that is not a string, such as
	// true or 1, use [Provider.Check].
	Equal map[string][]string
	// Forbidden are claims that must be absent.
	Forbidden []string
	// SamePerson are claims by which an access token and the ID token that comes with it name one person, where their subs
	// may differ: one of these is equal in both. The subject of [Mapping] or sub itself will do as well.
	SamePerson []string
	// ScopeRequired refuses an access token whose [Mapping.Scopes] claim is absent or empty.
	ScopeRequired bool
}

// SignatureAlgorithms are the accepted ones: those that are listed, or RS256.
func (r *TokenRules) SignatureAlgorithms() []string {
	if len(r.Algorithms) == 0 {
		return []string{"RS256"}
	}
	return r.Algorithms
}

// Token is a token that has passed every rule, as [Provider.Check] sees it.
type Token struct {
	Kind     Proof
	ClientID string
	Header   Claims            // the JOSE header
	Claims   Claims            // the payload
	Key      json.RawMessage   // the members of the JWK that verified it, as published; nil for userinfo
	Params   map[string]string // the site's own authorize parameters, such as organization
}

// UserinfoRules say which requests give the evidence of a provider without checkable tokens.
type UserinfoRules struct {
	// URLs are fetched by GET with the access token as bearer. The default is the userinfo endpoint alone.
	URLs []string
	// Header is sent with each.
	Header map[string]string
	// Claims makes one set of claims, as JSON, from the answers, which come in the order of URLs. The default is
	// the first answer as it is.
	Claims func(answers []json.RawMessage) (json.RawMessage, error)
	// RecheckSeconds is the age after which the evidence is fetched again. The default is 3600.
	RecheckSeconds int
	// ScopeRequired are scopes that the token answer must not lack, where it names its scopes.
	ScopeRequired []string
}

// GroupsLookup is the request by which a provider tells a person's groups. The zero value makes none.
type GroupsLookup struct {
	// URL is fetched by GET with the access token as bearer. A placeholder in braces, such as {email}, is filled with that claim of
	// the token, escaped; a claim that is no text, or holds a quote or a backslash, asks for nothing.
	URL string
	// OnlyWith are claims at whose presence it is asked, such as one that says that there are too many groups for a token. The
	// default is the absence of the groups.
	OnlyWith []string
	// Read reads the answer. It reports false where the answer does not hold all groups: these are then unknown.
	Read func(answer json.RawMessage) (groups []string, all bool, err error)
}

// Mapping names the claims that make an identity. A name is a member of the claims, or, where it starts with a slash, a
// JSON Pointer into them (RFC 6901). A claim that is absent gives nothing; only an absent subject is an error. The zero
// value is: subject sub, scopes scope, roles roles, groups groups.
type Mapping struct {
	Subject string // default "sub"
	Tenant  string // default none
	Groups  string // default "groups"
	Roles   string // default "roles"
	// RoleNames says that the roles are the names of an object's members, as Zitadel writes them, and not a list.
	RoleNames bool
	// Scopes holds a string of words or an array of strings. Default "scope".
	Scopes string
	// GroupsElsewhere are claims whose presence means that the groups are not in this token, so that they are
	// unknown rather than empty.
	GroupsElsewhere []string
	// LogoutHint is the claim sent as the logout hint. Default none.
	LogoutHint string
}

// WithDefaults returns m with its empty names filled in.
func (m Mapping) WithDefaults() Mapping {
	def := func(name *string, value string) {
		if *name == "" {
			*name = value
		}
	}
	def(&m.Subject, "sub")
	def(&m.Groups, "groups")
	def(&m.Roles, "roles")
	def(&m.Scopes, "scope")
	return m
}

// Logout is the form of the request to the end-session endpoint. The zero value is that of OpenID Connect
// RP-Initiated Logout 1.0 with client_id; an ID token is put into a URL only where Get says so.
type Logout struct {
	// IDTokenHint sends the ID token as id_token_hint, which some providers want, and others ask the person without it. The
	// browser then posts the request by a form. Sealed sessions alone keep the ID token, up to 6 KiB of it.
	IDTokenHint bool
	// Get sends the ID token in the URL instead, for providers that take no form there, as Glewlwyd. The provider's log, and
	// the browser's history, then hold a token that is about to be worth nothing.
	Get bool
	// Off signs out at this site alone.
	Off         bool
	ReturnParam string // where the browser is to come back to; default "post_logout_redirect_uri"
	ClientParam string // default "client_id"; "-" for none
	HintParam   string // carries the claim [Mapping.LogoutHint]; default "logout_hint"
	Params      map[string]string
}
