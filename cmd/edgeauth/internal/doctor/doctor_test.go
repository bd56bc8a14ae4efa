package doctor

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	madeUpTenant = "37c156ce-36f2-4e30-ab8a-c9e8d79d09f4"
	madeUpSecret = "hush/hush+%&"
)

var madeUpKey = "x5Z0Y1b7nQm2oVwJcK8fTgHsLdRpEuAiNyBvCtXzM0k="

type members = map[string]any

// checkup is a provider on loopback and a document for it.
type checkup struct {
	doc     members
	client  devidp.Client
	entra   bool                 // the provider has Entra's shape
	setUp   func(*devidp.Server) // bends and faults
	after   func(*testing.T, *devidp.Server)
	offline bool

	status int
	want   []string
	never  []string
}

// signingKey is of every provider here: to make one for RSA takes longer than a whole check.
var signingKey = sync.OnceValues(func() (*devidp.Key, error) { return devidp.NewKey("RS256") })

func (c checkup) run(t *testing.T) {
	key, err := signingKey()
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(nil)
	base := "http://" + server.Listener.Addr().String()
	options := devidp.Options{Provider: provider.OIDC(base), Clients: []devidp.Client{c.client}, Keys: []*devidp.Key{key}, CallbackIssuer: true}
	doc := members{
		"hosts": []string{"app.example.com"}, "client_id": "web", "session": members{"keys": []string{"file:key"}},
		"provider": members{"type": "oidc", "issuer": base},
	}
	if c.entra {
		e := provider.Endpoints{Authorize: base + "/authorize", Token: base + "/token", Keys: base + "/keys", EndSession: base + "/logout"}
		options.Provider = provider.Provider{Name: "entraid", Issuer: base + "/v2.0", Endpoints: e, ClientAuth: provider.ClientSecretPost}
		doc["provider"] = members{"type": "entraid", "tenant": madeUpTenant, "issuer": base + "/v2.0", "endpoints": e}
	}
	idp, err := devidp.New(options)
	require.NoError(t, err)
	server.Config.Handler = idp
	server.Start()
	t.Cleanup(server.Close)
	if c.setUp != nil {
		c.setUp(idp)
	}

	for name, value := range c.doc {
		if inner, ok := value.(members); ok && doc[name] != nil {
			maps.Copy(doc[name].(members), inner)
			continue
		}
		doc[name] = value
	}
	text, err := json.Marshal(doc)
	require.NoError(t, err)
	text = bytes.ReplaceAll(text, []byte("IDP"), []byte(base))
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "site.json"), text, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key"), []byte(madeUpKey), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secret"), []byte(madeUpSecret), 0o600))

	status, printed, report := diagnose(t, filepath.Join(dir, "site.json"), c.offline)
	require.Equal(t, c.status, status, printed)
	flat := strings.Join(strings.Fields(printed), " ") // without the breaks of lines
	for _, want := range c.want {
		require.Contains(t, flat, want)
	}
	var document strings.Builder
	require.NoError(t, report.WriteJSON(&document))
	for _, hidden := range append(c.never, madeUpSecret, url.QueryEscape(madeUpSecret), madeUpKey, "\x1b", "panic") {
		require.NotContains(t, printed, hidden)
		require.NotContains(t, document.String(), hidden)
	}
	if status == 0 {
		require.NotContains(t, printed, "WRONG")
	}
	require.LessOrEqual(t, idp.Calls(devidp.Token), 1, "one made-up code is enough")
	if c.after != nil {
		c.after(t, idp)
	}
}

// diagnose checks a document, or a folder of them, and returns what the command would print.
func diagnose(t *testing.T, name string, offline bool) (status int, printed string, report *Report) {
	client := &http.Client{Timeout: 5 * time.Minute} // the provider is this process
	var out strings.Builder
	report, err := Check(t.Context(), name, Options{Offline: offline, Client: client})
	if err == nil {
		report.Print(&out)
		err = report.Err()
	}
	if err != nil {
		status = 1
		out.WriteString(err.Error())
	}
	return status, out.String(), report
}

func secretOf(value string) members { return members{"client_secret": value} }

var gitHub = members{"client_secret": "file:secret", "provider": members{
	"type": "github", "orgs": []string{"42"}, "endpoints": members{"authorize": "IDP/authorize", "token": "IDP/token", "userinfo": "IDP/userinfo"},
}}

func oneClient(change func(*devidp.Client)) devidp.Client {
	c := devidp.Client{ID: "web"}
	change(&c)
	return c
}

var (
	public       = devidp.Client{ID: "web"}
	confidential = devidp.Client{ID: "web", Secret: madeUpSecret}
)

func bent(b devidp.Tamper) func(*devidp.Server) { return func(s *devidp.Server) { s.Tamper(b) } }

func broken(e devidp.Endpoint, f devidp.Fault) func(*devidp.Server) {
	return func(s *devidp.Server) { s.Fail(e, f) }
}

// saying answers every token request with this.
func saying(status int, body string) func(*devidp.Server) {
	return broken(devidp.Token, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	})
}

func metadata(name string, value any) func(*devidp.Server) {
	return bent(devidp.Tamper{Discovery: func(doc map[string]any) { doc[name] = value }})
}

func TestCheckTellsTheClientAndTheProvider(t *testing.T) {
	spa := members{"provider": members{"platform": "spa"}}
	for name, c := range map[string]checkup{
		"a right document": {client: public, want: []string{
			"names the same issuer", "1 key, 1 usable for RS256", "it knows PKCE with S256", "lists every scope", "names itself in callbacks",
			"a made-up code was refused (invalid_grant), and nothing was said against the client without a secret (none)",
			"redirect URI https://app.example.com/.auth/callback", "sign-out URL https://app.example.com/.auth/signed-out", "Nothing is wrong",
		}},
		"every host has its URLs": {
			client: public, doc: members{"hosts": []string{"A.example.com", "b.example.com:8443", "cloudfront"}, "paths": members{"callback": "/cb", "login": "/in"}},
			want: []string{
				"https://a.example.com/cb", "https://b.example.com:8443/cb", "https://your-distribution.cloudfront.net/cb",
				"https://your-distribution.cloudfront.net/.auth/signed-out", "the distribution's own name",
			},
		},
		"hosts of this machine are tried over http": {
			client: public, doc: members{"hosts": []string{"localhost:8080"}},
			want: []string{"redirect URI http://localhost:8080/.auth/callback", "as with serve -insecure-http"},
		},
		"hosts below localhost are of this machine for the core": {
			client: public, doc: members{"hosts": []string{"app.localhost:8080"}},
			want: []string{"redirect URI http://app.localhost:8080/.auth/callback", "as with serve -insecure-http"},
		},
		"a document without keys": {
			client: public, doc: members{"session": members{"keys": nil, "mode": "sealed"}}, status: 1, want: []string{"session.keys"},
		},
		"a header that no function may set": {
			client: public, doc: members{"forward": members{"headers": members{"X-Cache": "sub"}}}, want: []string{"note package refuses it", "forward.headers", "Nothing is wrong"},
		},
		"an assertion of the workload, which no function has": {
			client: public, doc: members{"client_assertion": "file:secret"}, want: []string{"note package refuses it", "client_assertion: is read again at every call"},
		},
		"a secret that is right": {
			client: confidential, doc: secretOf("file:secret"), want: []string{"nothing was said against the client with its secret (client_secret_basic)"},
		},

		"another issuer than the provider's": {
			client: public, doc: members{"provider": members{"issuer": "IDP/"}}, status: 1,
			want: []string{"WRONG the provider calls itself", "slash and all", "redirect URI https://app.example.com/.auth/callback"},
		},
		"a client that the provider does not know": {
			client: public, doc: members{"client_id": "other"}, status: 1,
			want: []string{`WRONG the token endpoint refused the client without a secret (none): "invalid_client", no such client`, `Is "other" the application's client id`},
		},
		"a wrong secret": {
			client: confidential, doc: secretOf("mistaken"), status: 1,
			want:  []string{`with its secret (client_secret_basic): "invalid_client"`, "Is client_secret the secret itself", "also knows client_secret_post"},
			never: []string{`"mistaken"`, `mistaken`},
		},
		"a missing secret": {
			client: confidential, status: 1, want: []string{`WRONG the token endpoint refused the client without a secret`, "create a secret"},
		},
		"a secret for a public client": {
			client: public, doc: secretOf("file:secret"), status: 1, want: []string{"WRONG the token endpoint refused the client", "If the application is public, remove it"},
		},
		"a secret whose file is missing": {
			client: confidential, doc: secretOf("file:wrong"), status: 1, want: []string{"client_secret: the secret's file"},
		},
		"a secret whose variable is not set": {
			client: confidential, doc: secretOf("env:NOT_SET_ANYWHERE"), status: 1, want: []string{`"NOT_SET_ANYWHERE" is not set`},
		},
		"only the other way is listed": {
			client: public, doc: secretOf("file:secret"), status: 1, setUp: metadata("token_endpoint_auth_methods_supported", []string{"client_secret_post"}),
			want: []string{"The provider takes secrets by client_secret_post and does not list client_secret_basic"},
		},

		"a single-page client in a document for any provider": {
			client: oneClient(func(c *devidp.Client) { c.Origin = devidp.OriginRequired }), status: 1,
			want: []string{`WRONG the token endpoint refused the client without a secret (none): "invalid_request", AADSTS9002327`, `AADSTS9002327: The redirect URI is registered as a single-page`},
		},
		"a single-page client in a document for Entra": {
			client: oneClient(func(c *devidp.Client) { c.Origin = devidp.OriginRequired }), entra: true, doc: spa,
			want: []string{"its metadata cannot be had, and the settings do without", "nothing was said against the client", "a session ends 24 hours after the sign-in", "docs/providers/entra-id.md"},
		},
		"a web client in a document for a single-page one": {
			client: oneClient(func(c *devidp.Client) { c.Origin = devidp.OriginForbidden }), entra: true, doc: spa, status: 1,
			want: []string{`AADSTS9002326: The redirect URI is not registered as a single-page application's`},
		},
		"a confidential client in a document for a single-page one": {
			client: confidential, entra: true, doc: spa, status: 1, want: []string{`set "platform": "web" and give a client_secret`},
		},
		"a secret by post": {
			client: confidential, entra: true, doc: members{"client_secret": "file:secret", "provider": members{"platform": "web"}},
			want: []string{"with its secret (client_secret_post)"},
		},

		"a provider that is down": {
			client: public, setUp: func(s *devidp.Server) { s.FailAll(devidp.Down()) }, status: 1,
			want: []string{"WRONG its metadata cannot be had", "does this machine reach it", "redirect URI https://app.example.com/.auth/callback", "(if it has a sign-out)"},
		},
		"a page instead of metadata": {
			client: public, setUp: broken(devidp.Discovery, devidp.HTML()), status: 1, want: []string{"something else than metadata", "is a proxy in between?"},
		},
		"no metadata where there should be": {
			client: public, setUp: broken(devidp.Discovery, devidp.Status(404)), status: 1, want: []string{"status 404", "Is the issuer right"},
		},
		"a page instead of keys":  {client: public, setUp: broken(devidp.Keys, devidp.HTML()), status: 1, want: []string{"WRONG its keys cannot be used"}},
		"keys that cannot be had": {client: public, setUp: broken(devidp.Keys, devidp.Status(500)), status: 1, want: []string{"WRONG its keys cannot be had"}},
		"a page instead of a token answer": {
			client: public, setUp: broken(devidp.Token, devidp.HTML()), status: 1, want: []string{"WRONG the token endpoint answered 200 and something else than JSON"},
		},
		"a token endpoint that is busy":        {client: public, setUp: broken(devidp.Token, devidp.Status(503)), status: 1, want: []string{"busy or broken, it answered 503"}},
		"a token endpoint that is elsewhere":   {client: public, setUp: broken(devidp.Token, devidp.RedirectTo("https://evil.example")), status: 1, want: []string{"WRONG the token endpoint answered 302"}},
		"a token endpoint that breaks off":     {client: public, setUp: broken(devidp.Token, devidp.Down()), status: 1, want: []string{"WRONG the token endpoint could not be asked"}},
		"an answer that says nothing":          {client: public, setUp: saying(400, `{}`), status: 1, want: []string{"without saying what is wrong"}},
		"tokens for a made-up code":            {client: public, setUp: saying(200, `{"access_token":"a","token_type":"Bearer"}`), status: 1, want: []string{"WRONG the token endpoint gives tokens for a code that was made up"}, never: []string{`"a"`}},
		"an error that is an object":           {client: public, setUp: saying(400, `{"error":{"message":"no such code"},"error_codes":"x"}`), want: []string{`note a made-up code was refused in the provider's own words`, "no such code"}},
		"an error of no standard":              {client: public, setUp: saying(200, `{"error":"no_such_thing"}`), want: []string{`note a made-up code was refused in the provider's own words: "no_such_thing"`}},
		"a code in words of its own":           {client: public, setUp: saying(400, `{"error":"invalid_code"}`), want: []string{`own words: "invalid_code"`, "Nothing is wrong"}},
		"an invalid request about the code":    {client: public, setUp: saying(400, `{"error":"invalid_request","error_description":"Invalid authorization code"}`), want: []string{"own words", "Nothing is wrong"}},
		"an invalid request about else":        {client: public, setUp: saying(400, `{"error":"invalid_request","error_description":"Origin missing"}`), status: 1, want: []string{"WRONG the token endpoint refused the client"}},
		"an own word about the client":         {client: public, setUp: saying(400, `{"error":"client_not_allowed"}`), status: 1, want: []string{"WRONG the token endpoint refused the client", "of no standard"}},
		"a grant that is not allowed":          {client: public, setUp: saying(400, `{"error":"unauthorized_client"}`), status: 1, want: []string{"allowed to use the authorization code grant"}},
		"a scope that is not allowed":          {client: public, setUp: saying(400, `{"error":"invalid_scope"}`), status: 1, want: []string{"Compare scopes and audience"}},
		"the error decides, not the status":    {client: public, setUp: saying(401, `{"error":"invalid_grant"}`), want: []string{"a made-up code was refused"}},
		"the error decides, not the number":    {client: public, setUp: saying(400, `{"error":"invalid_grant","error_description":"AADSTS7000218: odd"}`), want: []string{"a made-up code was refused"}},
		"a number that comes only as a number": {client: public, setUp: saying(401, `{"error":"invalid_client","error_codes":[7000218]}`), status: 1, want: []string{`AADSTS7000218: The application is a confidential client`}},
		"an answer that steers the terminal and repeats what it was sent": {
			client: confidential, doc: secretOf("file:secret"), status: 1,
			setUp: saying(401, `{"error":"invalid_client\u001b[2J","error_description":"got hush/hush+%& and `+url.QueryEscape(madeUpSecret)+` \u001b]0;x\u0007"}`),
			want:  []string{"got (the secret) and (the secret)"},
		},

		"GitHub's words for a code that is none":    {client: confidential, doc: gitHub, setUp: saying(200, `{"error":"bad_verification_code"}`), want: []string{"publishes neither metadata nor keys", "a made-up code was refused (bad_verification_code)", "signing out ends the session at this site only"}, never: []string{"sign-out URL"}},
		"GitHub's words for a wrong secret":         {client: confidential, doc: gitHub, setUp: saying(200, `{"error":"incorrect_client_credentials"}`), status: 1, want: []string{"Is client_secret the secret itself"}},
		"GitHub's words for a foreign redirect URI": {client: confidential, doc: gitHub, setUp: saying(200, `{"error":"redirect_uri_mismatch"}`), status: 1, want: []string{"Register the redirect URI that is shown below"}},

		"a key for something else": {
			client: public, want: []string{"2 keys, 1 usable for RS256", "note not used: key 1: use is not sig"},
			setUp: bent(devidp.Tamper{Keys: func(set map[string]any) {
				keys := set["keys"].([]map[string]any)
				other := maps.Clone(keys[0])
				other["use"] = "enc"
				set["keys"] = append(keys, other)
			}}),
		},
		"keys for another algorithm": {
			client: public, status: 1, doc: members{"provider": members{"algorithms": []string{"RS256"}}}, want: []string{"WRONG none of its 1 key is for RS256", "WRONG it signs with ES256, but only RS256 is accepted", "provider.algorithms"},
			setUp: func(s *devidp.Server) {
				key, err := devidp.NewKey("ES256")
				if err == nil {
					s.SetKeys(key)
				}
			},
		},
		"another algorithm that its metadata lists": {
			client: public, want: []string{"1 usable for RS256 or ES256", "ok it signs with RS256, ES256"},
			setUp: func(s *devidp.Server) {
				key, err := devidp.NewKey("ES256")
				if err == nil {
					s.SetKeys(key)
				}
			},
		},
		"algorithms that need a shared secret": {
			client: public, status: 1, setUp: metadata("id_token_signing_alg_values_supported", []string{"HS256", "none"}), want: []string{"WRONG it signs with HS256, none, but only RS256 is accepted"},
		},
		"an optional member that is empty": {
			client: public, setUp: metadata("end_session_endpoint", ""), want: []string{`a member of its metadata is not used: end_session_endpoint is ""`, "it has no sign-out of its own"},
		},
		"keys without names where tokens need them": {
			client: public, entra: true, doc: spa, status: 1, want: []string{"WRONG it has keys without kid"},
			setUp: bent(devidp.Tamper{Keys: func(set map[string]any) { delete(set["keys"].([]map[string]any)[0], "kid") }}),
		},
		"algorithms beside the accepted one": {client: public, setUp: metadata("id_token_signing_alg_values_supported", []string{"HS256", "RS256"}), want: []string{"only RS256 is accepted, so the application must be set to that"}},
		"PKCE by plain alone":                {client: public, setUp: metadata("code_challenge_methods_supported", []string{"plain"}), status: 1, want: []string{"WRONG it says that it knows PKCE by plain alone"}},
		"PKCE that is not told":              {client: public, setUp: metadata("code_challenge_methods_supported", nil), want: []string{"note it does not say that it knows PKCE"}},
		"no answers in the query":            {client: public, setUp: metadata("response_modes_supported", []string{"form_post"}), status: 1, want: []string{"WRONG it does not answer by query", "set response_mode"}},
		"signed request objects alone":       {client: public, setUp: metadata("require_signed_request_object", true), status: 1, want: []string{"WRONG it takes signed request objects alone"}},
		"pushed requests alone, nowhere": {client: public, setUp: bent(devidp.Tamper{Discovery: func(d map[string]any) {
			d["require_pushed_authorization_requests"] = true
			delete(d, "pushed_authorization_request_endpoint")
		}}), status: 1, want: []string{"WRONG it takes pushed requests alone"}},
		"pushed requests alone":                         {client: public, setUp: metadata("require_pushed_authorization_requests", true), want: []string{"a made-up code was refused", "ok a pushed request was taken", "Nothing is wrong"}},
		"pushed requests, because the document says so": {client: public, doc: members{"provider": members{"push_requests": true}}, want: []string{"ok a pushed request was taken"}},
		"pushed requests of a client that is not known": {
			client: public, doc: members{"client_id": "other", "provider": members{"push_requests": true}}, status: 1,
			want: []string{`WRONG a pushed request was refused: "invalid_client", no such client. No sign-in would begin`},
		},
		"pushed requests, and a page instead of an answer": {
			client: public, doc: members{"provider": members{"push_requests": true}}, setUp: broken(devidp.Pushed, devidp.HTML()), status: 1,
			want: []string{"WRONG the endpoint for pushed requests answered 200 without a request_uri", "is that its URL?"},
		},
		"pushed requests at an endpoint that breaks off": {
			client: public, doc: members{"provider": members{"push_requests": true}}, setUp: broken(devidp.Pushed, devidp.Down()), status: 1,
			want: []string{"WRONG the endpoint for pushed requests could not be asked"},
		},
		"pushed requests alone, where the document names all and pushes none": {
			client: public, setUp: metadata("require_pushed_authorization_requests", true), status: 1, want: []string{"WRONG it takes pushed requests alone", "does not push them"},
			doc: members{"provider": members{"endpoints": members{"authorize": "IDP/authorize", "token": "IDP/token", "keys": "IDP/keys"}}},
		},
		"certificates alone": {
			client: public, setUp: metadata("token_endpoint_auth_methods_supported", []string{"tls_client_auth", "self_signed_tls_client_auth"}), status: 1,
			want: []string{"WRONG it takes clients by tls_client_auth, self_signed_tls_client_auth alone", "a certificate is for programs alone"},
		},
		"clients with keys alone":           {client: public, setUp: metadata("token_endpoint_auth_methods_supported", []string{"private_key_jwt"}), status: 1, want: []string{"WRONG it takes clients by private_key_jwt alone", "give client_key"}},
		"secrets where only keys are taken": {client: confidential, doc: secretOf("file:secret"), setUp: metadata("token_endpoint_auth_methods_supported", []string{"private_key_jwt", "client_secret_jwt"}), status: 1, want: []string{"WRONG it takes clients by private_key_jwt, client_secret_jwt alone"}},
		"secrets alone, and none listed":    {client: public, setUp: metadata("token_endpoint_auth_methods_supported", []string{"client_secret_basic"}), want: []string{"Nothing is wrong"}},
		"no code flow":                      {client: public, setUp: metadata("response_types_supported", []string{"id_token"}), status: 1, want: []string{"WRONG it does not know the authorization code flow"}},
		"no grant for codes":                {client: public, setUp: metadata("grant_types_supported", []string{"client_credentials"}), status: 1, want: []string{"WRONG its token endpoint takes no authorization codes"}},
		"metadata that is not whole, where the document names all": {
			client: public, setUp: metadata("token_endpoint", nil), want: []string{"note its metadata is not whole, and the document does without it", "Nothing is wrong"},
			doc: members{"provider": members{"endpoints": members{"authorize": "IDP/authorize", "token": "IDP/token", "keys": "IDP/keys"}}},
		},
		"metadata that is not whole, where it is needed": {client: public, setUp: metadata("token_endpoint", nil), status: 1, want: []string{"WRONG", "token_endpoint is missing"}},
		"a scope that is not listed":                     {client: public, doc: members{"scopes": []string{"openid", "offline_access", "pets"}}, want: []string{`note it does not list "pets" among its scopes`}},
		"scopes that are not told":                       {client: public, setUp: metadata("scopes_supported", nil), want: []string{"note it does not list its scopes; asked for: openid profile email offline_access"}},
		"an endpoint without TLS":                        {client: public, setUp: metadata("token_endpoint", "http://idp.example/token"), status: 1, want: []string{`token_endpoint is "http://idp.example/token", want https`}},
	} {
		t.Run(name, func(t *testing.T) { c.run(t) })
	}
}

func TestMetadataForEveryTenantIsThatOfEach(t *testing.T) {
	const each = "https://login.microsoftonline.com/{tenantid}/v2.0"
	for configured, same := range map[string]bool{
		"https://login.microsoftonline.com/organizations/v2.0":  true,
		"https://login.microsoftonline.com/organizations/v2.0/": false,
		"https://evil.example/organizations/v2.0":               false,
	} {
		require.Equal(t, same, sameIssuer(each, configured), configured)
	}
	require.True(t, sameIssuer("https://a.example", "https://a.example"))
	require.False(t, sameIssuer("https://a.example/", "https://a.example"))
	require.False(t, sameIssuer("", "https://a.example"))
}

func TestCheckNamesEveryFaultOfADocument(t *testing.T) {
	checkup{
		client: public, doc: members{"client_id": "", "hosts": []string{"https://app.example.com"}, "session": members{"idle": "30s"}}, status: 1,
		want: []string{"WRONG site", "client_id: is empty", `hosts[0]: "https://app.example.com" is a URL`, "session.idle: is 30s", "not right yet: 3 faults"},
	}.run(t)
	checkup{client: public, doc: members{"client": "web"}, status: 1, want: []string{`WRONG site`, `client`, "not right yet: 1 fault"}}.run(t)
}

func TestFindingsAreDataForPrograms(t *testing.T) {
	type finding struct {
		Document, Section, Level, Name, Member, Text, Remedy string
		Line                                                 int
	}
	read := func(t *testing.T, doc string) (wrong, risks int, findings []finding) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "site.json"), []byte(doc), 0o600))
		_, _, report := diagnose(t, filepath.Join(dir, "site.json"), true)
		var out bytes.Buffer
		require.NoError(t, report.WriteJSON(&out))
		var read struct {
			Wrong, Risks *int
			Findings     []finding
		}
		d := json.NewDecoder(&out)
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&read))
		require.False(t, d.More(), "more than one document")
		for i := range read.Findings {
			require.Equal(t, filepath.ToSlash(filepath.Join(dir, "site.json")), read.Findings[i].Document)
			read.Findings[i].Document = "D"
		}
		return *read.Wrong, *read.Risks, read.Findings
	}

	wrong, _, findings := read(t, "{\n\"client\": 1,\n\"hosts\": [\"a.example\"]}")
	require.Equal(t, len(findings), wrong)
	require.Contains(t, findings, finding{Document: "D", Section: "document", Level: "wrong", Member: "client", Line: 2, Text: "unknown member", Remedy: `did you mean "client_id"?`})

	start := `{"provider": {"type": "oidc", "issuer": "https://idp.example"}, "session": {"mode": "tokens"},` + "\n"
	wrong, _, findings = read(t, start+`"hosts": ["https://a.example"], "client_id": "web"}`)
	require.Equal(t, 1, wrong)
	require.Equal(t, []finding{{Document: "D", Section: "document", Level: "wrong", Member: "hosts[0]", Line: 2, Text: `"https://a.example" is a URL`, Remedy: "give the host alone"}}, findings)

	wrong, risks, findings := read(t, start+`"hosts": ["a.example"], "client_id": "web", "client_secret": "in clear"}`)
	require.Zero(t, wrong)
	require.Equal(t, 2, risks)
	require.Contains(t, findings, finding{Document: "D", Section: "register", Level: "fact", Name: "redirect URI", Text: "https://a.example/.auth/callback"})
	require.Contains(t, findings, finding{Document: "D", Section: "register", Level: "fact", Name: "sign-out URL", Text: "https://a.example/.auth/signed-out"})
	require.Contains(t, findings, finding{
		Document: "D", Section: "risks", Level: "risk", Member: "client_secret",
		Text:   "client_secret stands in the document as it is. Whoever reads it can act as this application",
		Remedy: `write "env:NAME" or "file:NAME".`,
	})
}

func TestCheckAsksNobodyOffline(t *testing.T) {
	checkup{
		client: public, offline: true, want: []string{"not asked, because of -offline", "redirect URI https://app.example.com/.auth/callback", "sign-out URL https://app.example.com/.auth/signed-out (if it has a sign-out)"},
		after: func(t *testing.T, idp *devidp.Server) {
			for _, e := range devidp.Endpoints() {
				require.Zero(t, idp.Calls(e), e)
			}
		},
	}.run(t)
}

func TestCheckSendsTheSecretOnlyAsConfigured(t *testing.T) {
	for name, c := range map[string]struct {
		checkup
		basic bool
	}{
		"basic": {checkup{client: confidential, doc: secretOf("file:secret")}, true},
		"post":  {checkup{client: confidential, entra: true, doc: members{"client_secret": "file:secret", "provider": members{"platform": "web"}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			c.setUp = func(s *devidp.Server) {
				s.Fail(devidp.Token, func(endpoint http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						asked++
						_, _, basic := r.BasicAuth()
						require.Equal(t, c.basic, basic)
						require.Equal(t, !c.basic, r.FormValue("client_secret") != "")
						require.Equal(t, "authorization_code", r.FormValue("grant_type"))
						require.GreaterOrEqual(t, len(r.FormValue("code_verifier")), 43)
						endpoint.ServeHTTP(w, r)
					})
				})
			}
			c.run(t)
			require.Equal(t, 1, asked)
		})
	}
}

func FuzzWhatTheTokenEndpointSaysIsPrintedSafely(f *testing.F) {
	f.Add(400, []byte(`{"error":"invalid_grant"}`))
	f.Add(401, []byte(`{"error":"invalid_client","error_description":"AADSTS7000215: hush/hush+%& \u001b[2J","error_codes":[7000218]}`))
	f.Add(200, []byte("<!doctype html>\x1b]0;x\x07"))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		var out, document strings.Builder
		c := &check{report: &Report{}}
		c.section("client", "Client", "web")
		c.site.ClientID, c.site.ClientSecret = "web", madeUpSecret
		c.judge(tokenAnswer{status, body})
		c.report.Print(&out)
		require.NoError(t, c.report.WriteJSON(&document))
		require.NotContains(t, document.String(), madeUpSecret)
		require.NotContains(t, document.String(), url.QueryEscape(madeUpSecret))
		printed := out.String()
		require.NotEmpty(t, printed)
		require.NotContains(t, printed, madeUpSecret)
		require.NotContains(t, printed, url.QueryEscape(madeUpSecret))
		for _, r := range printed {
			require.True(t, r == '\n' || unicode.IsPrint(r), "%q", r)
		}
		require.Less(t, len(printed), 8<<10)
	})
}
