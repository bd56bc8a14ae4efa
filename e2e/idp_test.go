package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The people in idp/users.mjs.
type person struct{ username, password, name string }

var (
	ada   = person{"ada", "analytical engine", "Ada Lovelace"} // in the group admins
	ben   = person{"ben", "kite & key", "Ben Franklin"}        // not in it
	grace = person{"grace", "nanoseconds", "Grace Hopper"}     // in 180 groups, lastGroup among them
)

const lastGroup = "9f3c1e52-7a40-4c1b-8d26-000000000179"

// idpConfig is the document that idp/server.mjs reads.
type idpConfig struct {
	Shape            string      `json:"shape,omitempty"`    // "entra", "auth0", "cognito", "github", or nothing for a plain provider
	Tenant           string      `json:"tenant,omitempty"`   // entra: the directory
	Platform         string      `json:"platform,omitempty"` // entra: "spa" wants the Origin header, "web" refuses it
	Origins          []string    `json:"origins,omitempty"`  // entra: the origins of the redirect URIs
	Pool             string      `json:"pool,omitempty"`     // cognito: the user pool
	AsksOrganization bool        `json:"asks_organization"`  // auth0: the person names one, unless the site does
	Clients          []idpClient `json:"clients"`
	TokenSeconds     int         `json:"token_seconds,omitempty"` // life of ID and access tokens, until it is told another; default an hour
	Port             int         `json:"port,omitempty"`          // default any
	Rotate           bool        `json:"rotate"`                  // refresh tokens are good for one use
	Consent          bool        `json:"consent"`                 // the person is asked
	ResourceScopes   []string    `json:"resource_scopes,omitempty"`
	Habits           object      `json:"habits,omitempty"` // what a plain provider does otherwise: alg, thin, features, and members of the client
}

type idpClient struct {
	ID                    string   `json:"client_id"`
	Secret                string   `json:"client_secret,omitempty"`
	RedirectURIs          []string `json:"redirect_uris"`
	PostLogoutRedirectURI []string `json:"post_logout_redirect_uris"`
}

// idp is a running provider.
type idp struct {
	URL    string `json:"url"`
	Issuer string `json:"issuer"`
}

// providers is the process in which all of them run, each at an address of its own.
type providers struct {
	*process
	control string
}

var theProviders = sync.OnceValues(func() (*providers, error) {
	found, err := findTools()
	if err != nil {
		return nil, err
	}
	child, err := launch("the providers", found.node, filepath.Join("idp", "server.mjs"))
	if err != nil {
		return nil, err
	}
	atTheEnd(child.end)
	line, err := child.await(`{"control"`)
	if err != nil {
		return nil, err
	}
	var ready struct{ Control string }
	return &providers{child, ready.Control}, json.Unmarshal([]byte(line), &ready)
})

func startIDP(t *testing.T, config idpConfig) *idp {
	t.Helper()
	needTools(t)
	all, err := theProviders()
	require.NoError(t, err)
	document, err := json.Marshal(config)
	require.NoError(t, err)
	answer, err := http.Post(all.control, "application/json", bytes.NewReader(document))
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	p := new(idp)
	require.NoError(t, json.NewDecoder(answer.Body).Decode(p))
	before := len(all.output.String())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what happened at the provider %s: %+v\nwhat all providers wrote meanwhile:\n%s", p.URL, p.calls(t), all.output.String()[before:])
		}
	})
	return p
}

// live sets how long the tokens live that the provider issues from now on.
func (p *idp) live(t *testing.T, life time.Duration) {
	t.Helper()
	p.tell(t, fmt.Sprintf("/_life?seconds=%d", int(life.Seconds())))
}

// call is something that happened at the provider.
type call struct {
	Event        string `json:"event"` // token, authorization, end_session, api
	OK           bool   `json:"ok"`
	Grant        string `json:"grant"`
	Error        string `json:"error"`
	Code         int    `json:"code"`
	Detail       string `json:"detail"`
	Origin       string `json:"origin"`
	RefreshToken string `json:"refresh_token"` // the fingerprint of what was sent
}

func (p *idp) calls(t *testing.T) []call {
	t.Helper()
	answer, err := http.Get(p.URL + "/_calls")
	require.NoError(t, err)
	defer answer.Body.Close()
	var calls []call
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&calls))
	return calls
}

// tokenCalls are the calls of the token endpoint for one grant. None may have been refused.
func (p *idp) tokenCalls(t *testing.T, grant string) []call {
	t.Helper()
	var found []call
	for _, c := range p.calls(t) {
		if c.Event != "token" {
			continue
		}
		require.True(t, c.OK, "a token call was refused: %+v", c)
		if c.Grant == grant {
			found = append(found, c)
		}
	}
	return found
}

func (p *idp) count(t *testing.T, event string) int {
	t.Helper()
	n := 0
	for _, c := range p.calls(t) {
		if c.Event == event {
			n++
		}
	}
	return n
}
