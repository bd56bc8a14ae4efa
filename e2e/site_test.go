package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

const webSecret = "a secret with % and & in it, long enough"

// setup is one way to protect a site.
type setup struct {
	shape            string // see shape_test.go; default a plain OpenID Provider
	mode             string // sealed | tokens
	confidential     bool   // the site has a client secret
	accessToken      bool   // the evidence is an access token for the site's API, and the upstream gets it
	tokenSeconds     int    // how long the provider's first tokens live; default an hour
	leeway           string // of the document; default what sites have without one
	consent          bool
	group            string // who may enter /admin/; default admins
	asksOrganization bool   // Auth0 lets the person name an organization
	further          object // members of the document's provider beyond those of its shape
	claims           []string
	upstream         string // where the site comes from; default the folder site/
	forward, signIn  object // of the document
	habits           object // of the provider: see idpConfig
	members          object // further ones of the document
}

// site is a running site behind edgeauth, with its provider.
type site struct {
	URL     string
	idp     *idp
	setup   setup
	process *process
}

// prepareSite starts a provider for a site that is still to be served, at the address that is returned.
func prepareSite(t *testing.T, s setup) (w *site, address string) {
	t.Helper()
	needTools(t)
	port := freePort(t)
	// Cookies ignore ports: the site and the provider need different host names.
	w = &site{URL: "http://localhost:" + port, setup: s}
	w.idp = startIDP(t, s.idpConfig(w.URL))
	return w, net.JoinHostPort("127.0.0.1", port)
}

var nextPort atomic.Int64

// freePort is a port that nobody listens on and that systems give to nobody who asks for any: a site's address is
// part of its provider's configuration, so it has to be known, and to stay free, before the site runs.
func freePort(t *testing.T) string {
	t.Helper()
	port, err := unusedPort()
	require.NoError(t, err)
	return port
}

func unusedPort() (string, error) {
	for range 1000 {
		port := strconv.FormatInt(20000+(int64(os.Getpid())*61+nextPort.Add(1))%12000, 10)
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			return port, listener.Close()
		}
	}
	return "", errors.New("no free port")
}

// startSite protects a site with edgeauth serve.
func startSite(t *testing.T, s setup) *site {
	t.Helper()
	w, address := prepareSite(t, s)
	w.serve(t, w.write(t), address)
	w.answers(t, w.URL)
	return w
}

// write puts the site document into a file.
func (w *site) write(t *testing.T) (file string) {
	t.Helper()
	document, err := json.MarshalIndent(w.setup.document(w), "", "  ")
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "site.json")
	require.NoError(t, os.WriteFile(file, document, 0o600))
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the site document:\n%s", document)
		}
	})
	return file
}

// serve runs the command at an address, which is not the site's own where a server stands in front.
func (w *site) serve(t *testing.T, file, address string) {
	t.Helper()
	args := []string{"serve", "-config", file, "-addr", address, "-insecure-http"}
	if w.setup.upstream != "" {
		args = append(args, "-upstream", w.setup.upstream)
	} else {
		args = append(args, "-dir", "site")
	}
	w.process = start(t, "edgeauth serve", command(t), args...)
}

// answers waits until the process that was started last answers at an origin, which may be that of a server in front.
func (w *site) answers(t *testing.T, origin string) {
	t.Helper()
	w.process.waitFor(t, "its first answer", func() bool {
		answer, err := http.Get(origin + "/public/")
		if err == nil {
			answer.Body.Close()
		}
		return err == nil && answer.StatusCode != http.StatusBadGateway
	})
}

// idpConfig is the provider that fits the site.
func (s setup) idpConfig(url string) idpConfig {
	client := idpClient{
		ID:                    "site",
		RedirectURIs:          []string{url + "/.auth/callback"},
		PostLogoutRedirectURI: []string{url + "/.auth/signed-out"},
	}
	config := idpConfig{
		Shape: s.shape, TokenSeconds: s.tokenSeconds, Rotate: s.rotates(), Consent: s.asksConsent(), AsksOrganization: s.asksOrganization, Habits: s.habits,
	}
	if s.confidential {
		client.Secret = webSecret
	}
	if s.accessToken {
		config.ResourceScopes = []string{"reports.read"}
	}
	switch s.shape {
	case entraLike:
		config.Tenant, config.Platform, config.Origins = tenant, s.platform(), []string{url}
	case cognitoLike:
		config.Pool = pool
	}
	config.Clients = []idpClient{client}
	return config
}

type object = map[string]any

// document is the site document.
func (s setup) document(w *site) object {
	group := s.group
	if group == "" {
		group = "admins"
	}
	doc := object{
		"hosts":     []string{w.URL[strings.Index(w.URL, "//")+2:]},
		"client_id": "site",
		"provider":  s.provider(w.idp),
		"session":   s.session(),
		"rules": []object{
			{"path": "/public/", "allow": "anyone"},
			{"path": "/style.css", "allow": "anyone"},
			{"path": "/admin/", "groups": []string{group}},
		},
	}
	params := object{}
	if s.shape == "" {
		// OpenID Connect Core 11: offline access needs consent.
		params["prompt"] = "consent"
	}
	if s.leeway != "" {
		doc["leeway"] = s.leeway
	}
	if s.confidential {
		doc["client_secret"] = webSecret
	}
	if s.accessToken {
		doc["proof"] = "access_token"
		doc["forward"] = object{"access_token": true, "headers": object{"X-Auth-Subject": "sub"}}
		if s.shape != cognitoLike {
			doc["audience"] = []string{apiName}
		}
		if s.shape == "" {
			params["resource"] = apiName // RFC 8707, 2
		}
	}
	if s.forward != nil {
		doc["forward"] = s.forward
	}
	if s.signIn != nil {
		doc["sign_in"] = s.signIn
	}
	if scopes := s.scopes(); scopes != nil {
		doc["scopes"] = scopes
	}
	doc["authorize_params"] = params
	maps.Copy(doc, s.members)
	return doc
}

func (s setup) session() object {
	if s.mode == "tokens" {
		return object{"mode": "tokens"}
	}
	key := make([]byte, 32)
	rand.Read(key)
	session := object{"mode": "sealed", "keys": []string{base64.StdEncoding.EncodeToString(key)}}
	if s.claims != nil {
		session["claims"] = s.claims
	}
	return session
}
