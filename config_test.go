package edgeauth_test

import (
	"bytes"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// plainConfig is right as it is.
func plainConfig() edgeauth.Config {
	return edgeauth.Config{
		Provider: provider.OIDC(idpURL), ClientID: "site", Hosts: []string{appHost},
		Session: edgeauth.Session{Keys: [][]byte{testKey}},
	}
}

// faultsOf are the faults that New finds, by field.
func faultsOf(t *testing.T, c edgeauth.Config) map[string][]*edgeauth.FieldError {
	t.Helper()
	_, err := edgeauth.New(c)
	found := map[string][]*edgeauth.FieldError{}
	var collect func(error)
	collect = func(err error) {
		if fault, ok := err.(*edgeauth.FieldError); ok {
			found[fault.Field] = append(found[fault.Field], fault)
			return
		}
		switch e := err.(type) {
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				collect(inner)
			}
		case interface{ Unwrap() error }:
			collect(e.Unwrap())
		}
	}
	collect(err)
	return found
}

func TestAConfigurationIsRefused(t *testing.T) {
	type config = edgeauth.Config
	anyone := func(path string, methods ...string) func(*config) {
		return func(c *config) {
			c.Rules = []edgeauth.Rule{{Path: path, Anyone: true, Methods: methods}}
		}
	}
	rule := func(r edgeauth.Rule) func(*config) { return func(c *config) { c.Rules = []edgeauth.Rule{r} } }
	claims := func(claims map[string]string) func(*config) {
		return rule(edgeauth.Rule{Path: "/a/", Claims: claims})
	}
	tokens := func(more func(*config)) func(*config) {
		return func(c *config) {
			c.Session = edgeauth.Session{Mode: edgeauth.Tokens}
			more(c)
		}
	}
	for _, test := range []struct {
		name   string
		change func(*config)
		field  string // that the fault names
		says   string // in the problem
		remedy string
	}{
		{"no provider", func(c *config) { c.Provider = provider.Provider{} }, "Provider", "no name", "provider package"},
		{"no client id", func(c *config) { c.ClientID = "" }, "ClientID", "empty", "console"},
		{"no hosts", func(c *config) { c.Hosts = nil }, "Hosts", "empty", "app.example.com"},
		{"a URL as host", func(c *config) { c.Hosts = []string{appHost, "https://app.example.com"} }, "Hosts[1]", "URL", "alone"},
		{"a host with a path", func(c *config) { c.Hosts = []string{"app.example.com/x"} }, "Hosts[0]", "URL", "alone"},
		{"a host with a blank", func(c *config) { c.Hosts = []string{"app example"} }, "Hosts[0]", "not a host name", "name such as"},
		{"a wildcard host", func(c *config) { c.Hosts = []string{"*.example.com"} }, "Hosts[0]", "not a host name", "name such as"},
		{"a host in another script", func(c *config) { c.Hosts = []string{"bücher.example"} }, "Hosts[0]", "not a host name", "A-labels"},
		{"a host with a user", func(c *config) { c.Hosts = []string{"me@example.com"} }, "Hosts[0]", "not a host name", "name such as"},
		{"an empty host", func(c *config) { c.Hosts = []string{""} }, "Hosts[0]", "not a host name", "name such as"},

		{"no session key", func(c *config) { c.Session.Keys = nil }, "Session.Keys", "empty", "openssl rand -base64 32"},
		{"a maximal age that is none", func(c *config) { c.AuthorizeParams = map[string]string{"max_age": "1h"} }, "AuthorizeParams", "max_age", "whole number"},
		{"a maximal age below none", func(c *config) { c.AuthorizeParams = map[string]string{"max_age": "-1"} }, "AuthorizeParams", "max_age", "whole number"},
		{"a key of one byte", func(c *config) { c.Session.Keys = [][]byte{bytes.Repeat([]byte{7}, 32)} }, "Session.Keys[0]", "is made up, and has to be 32 random bytes", "openssl"},
		{"a short key", func(c *config) { c.Session.Keys = [][]byte{testKey, testKey[:31]} }, "Session.Keys[1]", "has 31 bytes, want 32", "openssl"},
		{"a long key", func(c *config) { c.Session.Keys = [][]byte{append(drawnKey("long"), 1)} }, "Session.Keys[0]", "has 33 bytes, want 32", "openssl"},
		{"a lifetime below nothing", func(c *config) { c.Session.Lifetime = -time.Hour }, "Session.Lifetime", "-1h", "400 days"},
		{"a lifetime that no browser keeps", func(c *config) { c.Session.Lifetime = 401 * 24 * time.Hour }, "Session.Lifetime", "9624h", "400 days"},
		{"an idle time of seconds", func(c *config) { c.Session.Idle = time.Second }, "Session.Idle", "1s", "a minute"},
		{"an unknown session mode", func(c *config) { c.Session.Mode = 7 }, "Session.Mode", "", "sealed or tokens"},

		{"tokens with a Domain", tokens(func(c *config) { c.Cookie.Domain = "example.com" }), "Cookie.Domain", "sessions of tokens", "sealed"},
		{"tokens with a lifetime", tokens(func(c *config) { c.Session.Lifetime = time.Hour }), "Session.Lifetime", "sessions of tokens", "sealed"},
		{"tokens with an idle time", tokens(func(c *config) { c.Session.Idle = time.Hour }), "Session.Idle", "sessions of tokens", "sealed"},
		{"tokens with claims", tokens(func(c *config) { c.Session.Claims = []string{"name"} }), "Session.Claims", "sessions of tokens", "sealed"},
		{"tokens that outlive themselves", tokens(func(c *config) { c.Session.OutliveToken = true }), "Session.OutliveToken", "sessions of tokens", "sealed"},
		{"tokens with opaque evidence", tokens(func(c *config) { c.Proof = provider.Userinfo }), "Proof", "sessions of tokens", "sealed"},
		{"tokens that forward an access token they do not keep", tokens(func(c *config) { c.Forward.AccessToken = true }), "Forward.AccessToken", "sessions of tokens", "sealed"},

		{"SameSite=None without Secure", func(c *config) {
			c.Hosts, c.InsecureHTTP, c.Cookie.SameSite = []string{"localhost:8080"}, true, http.SameSiteNoneMode
		}, "Cookie.SameSite", "https only", "lax"},
		{"SameSite=Strict", func(c *config) { c.Cookie.SameSite = http.SameSiteStrictMode }, "Cookie.SameSite", "loop", "lax"},
		{"partitioned cookies that stay at home", func(c *config) { c.Cookie.SameSite, c.Cookie.Partitioned = http.SameSiteLaxMode, true }, "Cookie.Partitioned", "out of other sites' frames", "none"},
		{"a hint that says how to sign in", func(c *config) { c.SignIn.Hints = []string{"login_hint", "prompt"} }, "SignIn.Hints[1]", "prompt", "AuthorizeParams"},
		{"a hint that says how, in other letters", func(c *config) { c.SignIn.Hints = []string{"Prompt"} }, "SignIn.Hints[0]", "Prompt", "AuthorizeParams"},
		{"a hint of the sign-in's own, in others", func(c *config) { c.SignIn.Hints = []string{"State"} }, "SignIn.Hints[0]", "State", "leave it out"},
		{"a hint that asks for less", func(c *config) { c.SignIn.Hints = []string{"vtr"} }, "SignIn.Hints[0]", "vtr", "AuthorizeParams"},
		{"a hint that is the sign-in's own", func(c *config) { c.SignIn.Hints = []string{"state"} }, "SignIn.Hints[0]", "state", "leave it out"},
		{"a hint without a name", func(c *config) { c.SignIn.Hints = []string{""} }, "SignIn.Hints[0]", "", "leave it out"},
		{"an unknown SameSite", func(c *config) { c.Cookie.SameSite = 9 }, "Cookie.SameSite", "9", "lax or none"},
		{"a cookie domain without https", func(c *config) {
			c.Hosts, c.InsecureHTTP, c.Cookie.Domain = []string{"a.localhost"}, true, "a.localhost"
		}, "Cookie.Domain", "without https", "https"},
		{"a cookie domain that covers no host", func(c *config) { c.Cookie.Domain = "example.org" }, "Cookie.Domain", "does not cover", "parent"},
		{"a cookie domain that only looks like a parent", func(c *config) { c.Cookie.Domain = "ample.com" }, "Cookie.Domain", "does not cover", "parent"},
		{"a cookie domain for a whole top level", func(c *config) { c.Cookie.Domain = "com" }, "Cookie.Domain", "not a domain of yours", "example.com"},
		{"http on a public host", func(c *config) { c.InsecureHTTP = true }, "InsecureHTTP", "not loopback", "https"},
		{"http on a host that only looks like this machine", func(c *config) { c.Hosts, c.InsecureHTTP = []string{"localhost.example.com"}, true }, "InsecureHTTP", "not loopback", "https"},
		{"http at the distribution", func(c *config) { c.Hosts, c.InsecureHTTP = []string{"cloudfront"}, true }, "InsecureHTTP", "not loopback", "https"},

		{"an http endpoint", func(c *config) { c.Provider.Endpoints.Token = "http://idp.example/token" }, "Provider.Endpoints.Token", "not https", "loopback"},
		{"an http discovery", func(c *config) { c.Provider.Discovery = "http://idp.example/d" }, "Provider.Discovery", "not https", "loopback"},
		{"an http endpoint on 127.0.0.1.example", func(c *config) { c.Provider.Endpoints.Keys = "http://127.0.0.1.example/k" }, "Provider.Endpoints.Keys", "not https", "loopback"},
		{"an endpoint without host", func(c *config) { c.Provider.Endpoints.Authorize = "/authorize" }, "Provider.Endpoints.Authorize", "not a plain URL", "https://"},
		{"an endpoint with a user", func(c *config) { c.Provider.Endpoints.Authorize = "https://a:b@idp.example/" }, "Provider.Endpoints.Authorize", "not a plain URL", "https://"},
		{"an endpoint with a fragment", func(c *config) { c.Provider.Endpoints.EndSession = "https://idp.example/#x" }, "Provider.Endpoints.EndSession", "not a plain URL", "https://"},
		{"a javascript endpoint", func(c *config) { c.Provider.Endpoints.Authorize = "javascript:alert(1)" }, "Provider.Endpoints.Authorize", "", "https://"},
		{"no token endpoint and no discovery", func(c *config) { c.Provider.Discovery = "" }, "Provider.Endpoints.Token", "nothing is discovered", "Discovery"},
		{"a symmetric algorithm", func(c *config) { c.Provider.IDToken.Algorithms = []string{"HS256"} }, "Provider.IDToken.Algorithms[0]", "HS256", "RS256"},
		{"no algorithm at all", func(c *config) { c.Provider.IDToken.Algorithms = []string{"none"} }, "Provider.IDToken.Algorithms[0]", "none", "RS256"},
		{"a proof that the provider cannot give", func(c *config) { c.Proof, c.Provider.Proofs = provider.Userinfo, []provider.Proof{provider.IDToken} }, "Proof", "userinfo", "choose"},
		{"an access token for nobody", func(c *config) { c.Proof, c.Provider.AccessToken.Audience = provider.AccessToken, nil }, "Audience", "empty", "API"},
		{"a missing secret", func(c *config) { c.Provider.Secret = provider.Required }, "ClientSecret", "empty", "create"},
		{"a secret that the provider refuses", func(c *config) { c.Provider.Secret, c.ClientSecret = provider.Forbidden, "the-client-secret" }, "ClientSecret", "is set", "remove"},
		{"a leeway of hours", func(c *config) { c.Leeway = time.Hour }, "Leeway", "1h", "5m"},
		{"a leeway below nothing", func(c *config) { c.Leeway = -time.Second }, "Leeway", "-1s", "5m"},

		{"callback and logout on one path", func(c *config) { c.Paths.Logout = "/.auth/callback" }, "Paths.Logout", "is also Paths.Callback", "own path"},
		{"a path without slash", func(c *config) { c.Paths.Callback = "callback" }, "Paths.Callback", "not a plain path", "/.auth/callback"},
		{"a path with an escape", func(c *config) { c.Paths.Login = "/log%69n" }, "Paths.Login", "not a plain path", "no escapes"},
		{"a path with dot segments", func(c *config) { c.Paths.Login = "/a/../login" }, "Paths.Login", "not a plain path", "no escapes"},
		{"a path that ends in a slash", func(c *config) { c.Paths.Session = "/session/" }, "Paths.Session", "not a plain path", "no slash at the end"},
		{"the whole site as callback", func(c *config) { c.Paths.Callback = "/" }, "Paths.Callback", "not a plain path", ""},
		{"a path with a query", func(c *config) { c.Paths.SignedOut = "/out?x=1" }, "Paths.SignedOut", "not a plain path", ""},
		{"a path of another host", func(c *config) { c.Paths.SignedOut = "//evil.example/out" }, "Paths.SignedOut", "not a plain path", ""},

		{"a public rule for everything", anyone("/"), "Rules[0].Path", "everywhere", "/public/"},
		{"a public rule to read everything", anyone("/", "GET"), "Rules[0].Path", "everywhere", "OPTIONS"},
		{"a public rule for the callback", anyone("/.auth/callback"), "Rules[0].Path", "own path", "narrow"},
		{"a public rule that covers the callback", anyone("/.auth/"), "Rules[0].Path", "own path", "narrow"},
		{"a public rule with groups", rule(edgeauth.Rule{Path: "/a/", Anyone: true, Groups: []string{"x"}}), "Rules[0]", "anyone in and asks", "choose one"},
		{"methods on a rule that is not public", rule(edgeauth.Rule{Path: "/a/", Methods: []string{"GET"}, Groups: []string{"x"}}), "Rules[0].Methods", "not for anyone", "remove"},
		{"a rule without path", rule(edgeauth.Rule{Anyone: true}), "Rules[0].Path", "not a plain path", "decoded"},
		{"a rule with an escape", anyone("/a%20b/"), "Rules[0].Path", "not a plain path", "decoded"},
		{"a rule with dot segments", anyone("/public/../"), "Rules[0].Path", "not a plain path", "decoded"},
		{"a rule with two slashes", anyone("/public//a"), "Rules[0].Path", "not a plain path", "decoded"},
		{"a rule with a query", anyone("/public?x"), "Rules[0].Path", "looks like a pattern", "%3F"},
		{"a rule with a backslash", anyone(`/public\a`), "Rules[0].Path", "not a plain path", "decoded"},
		{"a rule on a claim that people can change", func(c *config) {
			c.Provider.MutableClaims = []string{"preferred_username"}
			claims(map[string]string{"preferred_username": "alice"})(c)
		}, "Rules[0].Claims", "lets people change", "groups, roles"},
		{"a rule on an unproven email", claims(map[string]string{"email": "a@example.com"}), "Rules[0].Claims", "unproven", "email_verified"},
		{"a rule on an email that is not verified", claims(map[string]string{"email": "a@example.com", "email_verified": "false"}), "Rules[0].Claims", "unproven", "email_verified"},
		{"a rule with an empty list of groups", rule(edgeauth.Rule{Path: "/a/", Groups: []string{}}), "Rules[0].Groups", "is empty", "leave it out"},
		{"a rule with an empty list of roles", rule(edgeauth.Rule{Path: "/a/", Roles: []string{}}), "Rules[0].Roles", "is empty", "leave it out"},
		{"a rule with an empty list of scopes", rule(edgeauth.Rule{Path: "/a/", Scopes: []string{}}), "Rules[0].Scopes", "is empty", "leave it out"},
		{"a rule with no claims in its claims", rule(edgeauth.Rule{Path: "/a/", Claims: map[string]string{}}), "Rules[0].Claims", "is empty", "leave it out"},

		{"open sign-up without a restriction", func(c *config) { c.Provider.OpenSignup = true }, "OpenToEveryone", "anybody can get an account", "restrict the provider"},
		{"open sign-up restricted on some paths only", func(c *config) {
			c.Provider.OpenSignup = true
			rule(edgeauth.Rule{Path: "/admin/", Groups: []string{"x"}})(c)
		}, "OpenToEveryone", "not every path", "end the rules"},
		{"open sign-up with a gap before the restriction", func(c *config) {
			c.Provider.OpenSignup = true
			c.Rules = []edgeauth.Rule{{Path: "/mine/"}, {Path: "/", Groups: []string{"x"}}}
		}, "OpenToEveryone", "not every path", "end the rules"},

		{"a Cookie header as identity", func(c *config) { c.Forward.Headers = map[string]string{"Cookie": "sub"} }, "Forward.Headers", "Cookie", "X-Auth-Subject"},
		{"an Authorization header as identity", func(c *config) { c.Forward.Headers = map[string]string{"authorization": "sub"} }, "Forward.Headers", "authorization", "X-Auth-Subject"},
		{"the path as identity", func(c *config) { c.Forward.Headers = map[string]string{"X_Original_URL": "sub"} }, "Forward.Headers", "X_Original_URL", "X-Auth-Subject"},
		{"the viewer's address as identity", func(c *config) { c.Forward.Headers = map[string]string{"X-Real-IP": "sub"} }, "Forward.Headers", "X-Real-IP", "X-Auth-Subject"},
		{"a header with a line break", func(c *config) { c.Forward.Headers = map[string]string{"X-A\r\nX-B": "sub"} }, "Forward.Headers", "X-A", "X-Auth-Subject"},
		{"a header without name", func(c *config) { c.Forward.Headers = map[string]string{"": "sub"} }, "Forward.Headers", "", "X-Auth-Subject"},
		{"an index that climbs", func(c *config) { c.Index.SPA = "/../index.html" }, "Index.SPA", "not the name of a file", "index.html"},
		{"an index without slash", func(c *config) { c.Index.SPA = "index.html" }, "Index.SPA", "not the name of a file", "slash in front"},
		{"a folder as folder index", func(c *config) { c.Index.Folder = "sub/" }, "Index.Folder", "not the name of a file", "index.html"},
		{"two kinds of index", func(c *config) { c.Index = edgeauth.Index{SPA: "/index.html", Folder: "index.html"} }, "Index", "both", "choose one"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := plainConfig()
			test.change(&c)
			found := faultsOf(t, c)
			require.Contains(t, found, test.field)
			require.True(t, slices.ContainsFunc(found[test.field], func(f *edgeauth.FieldError) bool {
				return strings.Contains(f.Problem, test.says) && strings.Contains(f.Remedy, test.remedy)
			}), "faults: %v", found[test.field])
		})
	}
}

func TestTheSignInsOwnParametersCannotBeConfigured(t *testing.T) {
	for _, name := range []string{
		"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
		"code_challenge", "code_challenge_method", "request", "request_uri",
	} {
		c := plainConfig()
		c.AuthorizeParams = map[string]string{name: "x"}
		faults := faultsOf(t, c)["AuthorizeParams"]
		require.Len(t, faults, 1, name)
		require.Contains(t, faults[0].Problem, name)
	}
}

func TestEveryFaultIsReportedAtOnceAndNamesFieldProblemAndRemedy(t *testing.T) {
	c := plainConfig()
	c.ClientID, c.Hosts, c.Session.Keys, c.Leeway = "", nil, [][]byte{{1}}, time.Hour
	c.Paths.Logout = "/.auth/callback"
	c.Cookie.SameSite = http.SameSiteStrictMode
	c.Provider.Endpoints.Token = "http://idp.example/token"
	c.Provider.OpenSignup = true
	c.Rules = []edgeauth.Rule{{Path: "/", Anyone: true}, {Path: "x"}}
	found := faultsOf(t, c)
	for _, field := range []string{
		"ClientID", "Hosts", "Session.Keys[0]", "Leeway", "Paths.Logout", "Cookie.SameSite", "Provider.Endpoints.Token",
		"OpenToEveryone", "Rules[0].Path", "Rules[1].Path",
	} {
		require.Contains(t, found, field)
	}
	for _, field := range slices.Collect(maps.Keys(found)) {
		for _, fault := range found[field] {
			require.NotEmpty(t, fault.Problem, field)
			require.NotEmpty(t, fault.Remedy, field)
			require.Equal(t, fault.Field+": "+fault.Problem+"; "+fault.Remedy, fault.Error())
		}
	}
}

func TestNoSecretIsInAConfigurationError(t *testing.T) {
	key := []byte("this-key-is-too-short")
	c := plainConfig()
	c.Session.Keys, c.ClientSecret, c.Provider.Secret = [][]byte{key}, "the-client-secret", provider.Forbidden
	_, err := edgeauth.New(c)
	require.Error(t, err)
	require.NotContains(t, err.Error(), string(key))
	require.NotContains(t, err.Error(), "the-client-secret")
}

func TestAConfigurationIsAccepted(t *testing.T) {
	for name, change := range map[string]func(*edgeauth.Config){
		"as it is": func(*edgeauth.Config) {},
		"preflights of the whole site are open": func(c *edgeauth.Config) {
			c.Rules = []edgeauth.Rule{{Path: "/", Anyone: true, Methods: []string{"OPTIONS"}}}
		},
		"a verified email": func(c *edgeauth.Config) {
			c.Rules = []edgeauth.Rule{{Path: "/", Claims: map[string]string{"email": "a@example.com", "email_verified": "true"}}}
		},
		"open sign-up with a restriction at the end": func(c *edgeauth.Config) {
			c.Provider.OpenSignup = true
			c.Rules = []edgeauth.Rule{{Path: "/robots.txt", Anyone: true}, {Path: "/", Groups: []string{"x"}}}
		},
		"open sign-up for everyone": func(c *edgeauth.Config) { c.Provider.OpenSignup, c.OpenToEveryone = true, true },
		"http on loopback hosts": func(c *edgeauth.Config) {
			c.Hosts, c.InsecureHTTP = []string{"localhost:8080", "127.0.0.1:8080", "[::1]:8080", "a.localhost"}, true
		},
		"an http provider on loopback": func(c *edgeauth.Config) { c.Provider = provider.OIDC("http://127.0.0.1:9000") },
		"the distribution's own name":  func(c *edgeauth.Config) { c.Hosts = []string{"cloudfront"} },
		"a parent as cookie domain":    func(c *edgeauth.Config) { c.Cookie.Domain = "example.com" },
		"SameSite=None over https":     func(c *edgeauth.Config) { c.Cookie.SameSite = http.SameSiteNoneMode },
		"tokens without any secret":    func(c *edgeauth.Config) { c.Session = edgeauth.Session{Mode: edgeauth.Tokens} },
	} {
		t.Run(name, func(t *testing.T) {
			c := plainConfig()
			change(&c)
			_, err := edgeauth.New(c)
			require.NoError(t, err)
		})
	}
}

func TestNewMakesNoNetworkCall(t *testing.T) {
	c := plainConfig()
	c.HTTPClient = &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("a call")
		return nil, errors.New("no")
	})}
	_, err := edgeauth.New(c)
	require.NoError(t, err)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
