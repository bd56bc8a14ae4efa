package edgeauthtest

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest/browser"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/provider"
)

// Person is somebody who can sign in at the fake provider.
type Person struct {
	// Name is typed or clicked on the sign-in page, and is the subject unless Claims says otherwise.
	Name string
	// Password, where set, has to be typed.
	Password string
	Claims   map[string]any
	Groups   []string // nil: the tokens do not say
}

// WorldOptions say how a [World] begins. Every field has a default.
type WorldOptions struct {
	// Provider is the provider that the fake one imitates, at its own URLs. Default provider.OIDC("https://id.example.net").
	Provider provider.Provider
	// People can sign in. Default alice, of the group staff, and bob, of staff and admins.
	People []Person
	// TokenLife is how long the provider's tokens live. Default 1 h.
	TokenLife time.Duration
}

// World is a clock, a fake identity provider, handlers in place of servers, and a browser: everything that a journey
// needs. Nothing in it opens a socket.
type World struct {
	Clock   *Clock
	Browser *browser.Browser
	IdP     *IdP
	// Home is the site that a story's relative addresses belong to. Default: the first host that got a handler.
	Home string

	people []Person
	p      provider.Provider
	hosts  map[string]http.Handler
}

// worldKey is the key of all providers in one test binary: making a key takes longer than a journey.
var worldKey = sync.OnceValues(func() (*devidp.Key, error) { return devidp.NewKey("RS256") })

// NewWorld makes a world. It fails the test where the options cannot be used.
func NewWorld(t testing.TB, o WorldOptions) *World {
	t.Helper()
	if o.Provider.Issuer == "" {
		o.Provider = provider.OIDC("https://id.example.net")
	}
	if o.People == nil {
		o.People = []Person{
			{Name: "alice", Groups: []string{"staff"}, Claims: map[string]any{"name": "Alice", "email": "alice@example.com", "email_verified": true}},
			{Name: "bob", Groups: []string{"staff", "admins"}, Claims: map[string]any{"name": "Bob", "email": "bob@example.com", "email_verified": true}},
		}
	}
	key, err := worldKey()
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Clock: NewClock(), people: o.People, p: o.Provider, hosts: map[string]http.Handler{}}
	options := devidp.Options{
		Provider: o.Provider, Now: w.Clock.Now, TokenLife: o.TokenLife, Keys: []*devidp.Key{key},
		Refresh: devidp.RotateOnce, CallbackIssuer: true, AtHash: true,
	}
	for _, p := range o.People {
		options.Users = append(options.Users, devidp.User{Name: p.Name, Password: p.Password, Claims: p.Claims, Groups: p.Groups})
	}
	server, err := devidp.New(options)
	if err != nil {
		t.Fatal(err)
	}
	w.IdP = &IdP{server}
	for _, host := range server.Hosts() {
		w.hosts[host] = server
	}
	w.Browser = browser.New(w.Clock.Now, w.hosts)
	return w
}

// Config is the configuration of a site at host whose people sign in at the world's provider. Change it as you need
// before [World.Protect].
func (w *World) Config(host string) edgeauth.Config {
	key := sha256.Sum256([]byte("a key of tests")) // it stands for random bytes
	return edgeauth.Config{
		Provider:   w.p,
		ClientID:   "client-of-" + host,
		Hosts:      []string{host},
		Session:    edgeauth.Session{Keys: [][]byte{key[:]}},
		HTTPClient: &http.Client{Transport: w.IdP.server.Transport()},
		Now:        w.Clock.Now,
	}
}

// Register registers a site at the provider as its client, with its callback and signed-out URLs.
func (w *World) Register(c edgeauth.Config) {
	client := devidp.Client{ID: c.ClientID, Secret: c.ClientSecret}
	paths := c.Paths.WithDefaults()
	add := func(origin string) {
		client.RedirectURIs = append(client.RedirectURIs, origin+paths.Callback)
		client.PostLogoutURIs = append(client.PostLogoutURIs, origin+paths.SignedOut)
	}
	for _, host := range c.Hosts {
		if c.InsecureHTTP {
			add("http://" + host)
		} else {
			add("https://" + host)
		}
	}
	w.IdP.server.Register(client)
}

// Protect puts a new guard of c in front of next, serves both at c.Hosts, and registers the site at the provider. It
// fails the test where c cannot be used.
func (w *World) Protect(t testing.TB, c edgeauth.Config, next http.Handler) {
	t.Helper()
	guard, err := edgeauth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.Register(c)
	for _, host := range c.Hosts {
		w.Handle(host, nethttp.Protect(guard, next))
	}
	if c.InsecureHTTP {
		w.Home = strings.Replace(w.Home, "https://"+c.Hosts[0], "http://"+c.Hosts[0], 1)
	}
}

// Handle serves h at a host. Call it before the first request.
func (w *World) Handle(host string, h http.Handler) {
	w.hosts[host] = h
	if w.Home == "" {
		w.Home = "https://" + host
	}
}
