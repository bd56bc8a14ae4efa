package edgeauth_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/internal/devsite"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

const (
	idpURL  = "https://idp.example"
	appHost = "app.example.com"
	appURL  = "https://" + appHost
)

// world is a site in front of the fake provider, what it logs, and how its browser is odd.
type world struct {
	*devsite.Site
	t      *testing.T
	config edgeauth.Config
	log    syncBuffer

	round time.Time              // when the count of rounds ends; other cookies stay, as at somebody who keeps them on purpose
	drops func(name string) bool // says which cookies the browser does not keep
	seen  func(edgeauth.Decision)
	state string // of the newest sign-in
}

// drawnKey stands for 32 random bytes: the same ones in every run.
func drawnKey(name string) []byte {
	key := sha256.Sum256([]byte(name))
	return key[:]
}

var testKey = drawnKey("test")

// The keys are made once: to make an RSA key takes longer than most stories.
var (
	signingKey = sync.OnceValue(func() *devidp.Key { return newKey("RS256") })
	otherKey   = sync.OnceValue(func() *devidp.Key { return newKey("RS256") })
)

func newKey(algorithm string) *devidp.Key {
	key, err := devidp.NewKey(algorithm)
	if err != nil {
		panic(err)
	}
	return key
}

// newWorld makes a world; change changes what is configured before it is made.
func newWorld(t *testing.T, change func(*edgeauth.Config, *devidp.Options)) *world {
	t.Helper()
	w := &world{Site: devsite.New(appHost), t: t}
	w.Sends = func(name string) bool { return !strings.HasSuffix(name, "-n") || w.config.Now().Before(w.round) }
	p := provider.OIDC(idpURL)
	config := edgeauth.Config{
		Provider: p, ClientID: "site", Hosts: []string{appHost},
		Session: edgeauth.Session{Keys: [][]byte{testKey}},
		Now:     w.Now,
		Logger:  slog.New(slog.NewJSONHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	options := devidp.Options{
		Clients: []devidp.Client{{ID: "site", RedirectURIs: []string{appURL + "/.auth/callback", appURL + "/.auth/callback/staff"}, PostLogoutURIs: []string{appURL + "/.auth/signed-out"}}},
		Users: []devidp.User{
			{Name: "alice", Claims: map[string]any{"name": "Alice", "email": "alice@example.com", "email_verified": true}, Groups: []string{"staff"}},
			{Name: "bob", Claims: map[string]any{"name": "Bob"}, Groups: []string{"staff", "admins"}},
		},
		Refresh: devidp.RotateOnce, CallbackIssuer: true, AtHash: true,
		Now: w.Now,
	}
	if change != nil {
		change(&config, &options)
	}
	options.Provider = config.Provider
	if options.Keys == nil {
		options.Keys = []*devidp.Key{signingKey()}
	}
	var err error
	w.IdP, err = devidp.New(options)
	require.NoError(t, err)
	if config.HTTPClient == nil {
		config.HTTPClient = &http.Client{Transport: w.IdP.Transport()}
	}
	w.config = config
	w.Guard, err = edgeauth.New(config)
	require.NoError(t, err)
	return w
}

// tokensMode is a change for newWorld.
func tokensMode(c *edgeauth.Config, _ *devidp.Options) {
	c.Session = edgeauth.Session{Mode: edgeauth.Tokens}
}

var navigation = devsite.Navigation

var script = map[string]string{
	"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin", "Accept": "*/*",
}

// request is a request of the browser for a path with an optional query.
func (w *world) request(method, target string) *edgeauth.Request {
	r := w.Request(method, target)
	r.ID = "ref-1"
	return r
}

// do sends a request and keeps the cookies of the answer.
func (w *world) do(method, target string) edgeauth.Decision {
	d := w.Guard.Check(context.Background(), w.request(method, target))
	if w.seen != nil {
		w.seen(d)
	}
	w.keep(d)
	if u, err := url.Parse(d.Location); err == nil && u.Query().Has("code_challenge") {
		w.state = u.Query().Get("state")
	}
	return d
}

// keep keeps the cookies of an answer, as far as the browser does.
func (w *world) keep(d edgeauth.Decision) {
	w.Keep(d)
	for _, c := range d.Cookies {
		if c.MaxAge >= 0 && strings.HasSuffix(c.Name, "-n") {
			w.round = w.config.Now().Add(time.Duration(c.MaxAge) * time.Second)
		}
	}
	for name := range w.Jar {
		if w.drops != nil && w.drops(name) {
			delete(w.Jar, name)
		}
	}
}

func (w *world) get(target string) edgeauth.Decision { return w.do(http.MethodGet, target) }

// fetch is a GET by the page's script.
func (w *world) fetch(target string) edgeauth.Decision {
	w.Header = script
	defer func() { w.Header = nil }()
	return w.get(target)
}

// atProvider signs user in at the authorization URL and returns the callback's target.
func (w *world) atProvider(location, user string) string {
	w.t.Helper()
	back, err := w.AtProvider(http.MethodPost, location, url.Values{"user": {user}})
	require.NoError(w.t, err)
	return back
}

// signIn signs user in on the way to target and returns the decision that finished it.
func (w *world) signIn(user, target string) edgeauth.Decision {
	w.t.Helper()
	d := w.get(target)
	require.Equal(w.t, edgeauth.Redirect, d.Action, "reason: %v", d.Reason)
	return w.get(w.atProvider(d.Location, user))
}

// signedIn is signIn that must succeed.
func (w *world) signedIn(user, target string) {
	w.t.Helper()
	d := w.signIn(user, target)
	require.Equal(w.t, "signed_in", edgeauth.Code(d.Reason), "reason: %v", d.Reason)
	require.Equal(w.t, appURL+target, d.Location)
}

// comesBack starts a sign-in on the way to target, signs user in at the provider and returns the callback's target,
// which has not been asked for yet. Edits change its parameters.
func (w *world) comesBack(user, target string, edits ...func(url.Values)) string {
	w.t.Helper()
	d := w.get(target)
	require.Equal(w.t, edgeauth.Redirect, d.Action, "reason: %v", d.Reason)
	return edited(w.t, w.atProvider(d.Location, user), edits...)
}

// edited changes the query of a URL.
func edited(t *testing.T, location string, edits ...func(url.Values)) string {
	t.Helper()
	u, err := url.Parse(location)
	require.NoError(t, err)
	q := u.Query()
	for _, edit := range edits {
		edit(q)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// refusedAtProvider starts a sign-in and comes back with an error in the place of a code.
func (w *world) refusedAtProvider(target, failure, description string) edgeauth.Decision {
	w.t.Helper()
	return w.get(w.comesBack("alice", target, func(q url.Values) {
		q.Del("code")
		q.Set("error", failure)
		if description != "" {
			q.Set("error_description", description)
		}
	}))
}

// session is the name of the session's first cookie; attempts are those of the sign-ins in progress.
func (w *world) session() string {
	for name := range w.Jar {
		if i := strings.LastIndex(name, "edgeauth-"); i >= 0 && !strings.Contains(name[i+len("edgeauth-"):], "-") {
			return name
		}
	}
	return ""
}

func (w *world) attempts() (names []string) {
	for name := range w.Jar {
		if strings.Contains(name, "-s-") {
			names = append(names, name)
		}
	}
	return names
}

// tokenCalls is how many calls of the token endpoint f makes.
func (w *world) tokenCalls(f func()) int {
	before := w.IdP.Calls(devidp.Token)
	f()
	return w.IdP.Calls(devidp.Token) - before
}

// code is the reason code of a GET.
func (w *world) code(target string) string { return edgeauth.Code(w.get(target).Reason) }

// syncBuffer is a buffer for concurrent writers.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
