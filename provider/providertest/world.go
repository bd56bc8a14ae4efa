package providertest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
)

const (
	host   = "app.example.com"
	site   = "https://" + host
	person = "robin"
)

// world is one site, the fake provider, one browser, and a clock that stands still.
type world struct {
	guard *edgeauth.Guard
	idp   *devidp.Server
	jar   map[string]string
	clock atomic.Int64
}

func newWorld() *world {
	w := &world{jar: map[string]string{}}
	w.clock.Store(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC).Unix())
	return w
}

// open makes the site's guard.
func (w *world) open(c edgeauth.Config) (err error) {
	c.Session.Keys = [][]byte{bytes.Repeat([]byte{7}, 32)}
	c.Now, c.Logger = w.now, slog.New(slog.DiscardHandler)
	c.HTTPClient = &http.Client{Transport: w.idp.Transport()}
	w.guard, err = edgeauth.New(c)
	return err
}

func (w *world) now() time.Time { return time.Unix(w.clock.Load(), 0) }

func (w *world) wait(d time.Duration) { w.clock.Add(int64(d / time.Second)) }

var navigation = map[string]string{
	"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin", "Accept": "text/html",
}

// do sends a request of the browser and keeps the cookies of the answer.
func (w *world) do(method, target string) edgeauth.Decision {
	path, query, _ := strings.Cut(strings.TrimPrefix(target, site), "?")
	var cookies []string
	for name, value := range w.jar {
		cookies = append(cookies, name+"="+value)
	}
	d := w.guard.Check(context.Background(), &edgeauth.Request{
		Method: method, Host: host, Path: path, RawQuery: query, CookiesOnAllow: true,
		Cookie: []string{strings.Join(cookies, "; ")},
		Header: func(name string) string { return navigation[name] },
	})
	for _, c := range d.Cookies {
		if w.jar[c.Name] = c.Value; c.MaxAge < 0 {
			delete(w.jar, c.Name)
		}
	}
	return d
}

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

// follow sends the browser to the provider and returns the address that the provider sends it to.
func (w *world) follow(method, target string, form url.Values) (string, error) {
	r, err := http.NewRequest(method, target, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := w.idp.Transport().RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	back := resp.Header.Get("Location")
	if !strings.HasPrefix(back, site+"/") {
		return "", fmt.Errorf("the provider answered %d and did not send the browser back", resp.StatusCode)
	}
	return back, nil
}
