package providertest

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devsite"
)

const (
	host   = "app.example.com"
	site   = "https://" + host
	person = "robin"
)

// world is a site in front of the fake provider, with the person at its browser.
type world struct{ *devsite.Site }

// newWorld has a browser that comes by links of the site's own pages: else a logout asks first.
func newWorld() *world {
	w := &world{devsite.New(host)}
	w.Header = maps.Clone(devsite.Navigation)
	w.Header["Sec-Fetch-Site"] = "same-origin"
	return w
}

// open makes the site's guard.
func (w *world) open(c edgeauth.Config) (err error) {
	key := sha256.Sum256([]byte("a key of this kit")) // it stands for random bytes
	c.Session.Keys = [][]byte{key[:]}
	c.Now, c.Logger = w.Now, slog.New(slog.DiscardHandler)
	c.HTTPClient = &http.Client{Transport: w.IdP.Transport()}
	w.Guard, err = edgeauth.New(c)
	return err
}

func (w *world) do(method, target string) edgeauth.Decision { return w.Do(w.Request(method, target)) }

func (w *world) get(target string) edgeauth.Decision { return w.do(http.MethodGet, target) }

// signIn signs the person in. The error says why the browser did not come back to the site.
func (w *world) signIn() (edgeauth.Decision, error) {
	d := w.get("/")
	if d.Action != edgeauth.Redirect {
		return d, fmt.Errorf("the sign-in did not begin: %w", d.Reason)
	}
	back, err := w.follow(http.MethodPost, d.Location, url.Values{"user": {person}})
	if err != nil {
		return d, fmt.Errorf("the authorization request was refused: %w", err)
	}
	return w.get(back), nil
}

// follow sends the browser to the provider, which has to send it back to the site.
func (w *world) follow(method, target string, form url.Values) (string, error) {
	back, err := w.AtProvider(method, target, form)
	if err == nil && !strings.HasPrefix(back, site+"/") {
		err = fmt.Errorf("the provider did not send the browser back, but to %s", back)
	}
	return back, err
}
