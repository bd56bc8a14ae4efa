package doctor

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
)

// rehearsal plays a browser against the site's own guard, so that what is shown and what is sent is what people's
// sign-ins will show and send.
type rehearsal struct {
	guard         *edgeauth.Guard
	login, logout string // paths
	tap           *tap
}

// unknownEndpoint stands in for a URL that could not be discovered.
const unknownEndpoint = "https://unknown.invalid/"

func newRehearsal(site edgeauth.Config, p provider.Provider, client *http.Client) (*rehearsal, error) {
	site.Paths = site.Paths.WithDefaults()
	r := &rehearsal{login: site.Paths.Login, logout: site.Paths.Logout, tap: &tap{to: cmp.Or(client.Transport, http.DefaultTransport)}}
	p.Discovery = "" // it has been made, or it failed
	p.Endpoints = p.Endpoints.Merge(provider.Endpoints{Authorize: unknownEndpoint, Token: unknownEndpoint, Keys: unknownEndpoint})
	site.Provider = p
	site.Logger = slog.New(slog.DiscardHandler)
	site.HTTPClient = &http.Client{Transport: r.tap, Timeout: client.Timeout}
	var err error
	r.guard, err = edgeauth.New(site)
	return r, err
}

// distribution stands for the name that a function's distribution does not have yet.
const distribution = "your-distribution.cloudfront.net"

// ask sends a request as the browser would.
func (r *rehearsal) ask(ctx context.Context, method, host, path, query string, cookies []*http.Cookie) edgeauth.Decision {
	request := &edgeauth.Request{Method: method, Host: host, Path: path, RawQuery: query}
	if host == "cloudfront" {
		request.Host, request.Distribution = distribution, distribution
	}
	for _, c := range cookies {
		request.Cookie = append(request.Cookie, c.Name+"="+c.Value)
	}
	request.Header = func(name string) string {
		if name == "Sec-Fetch-Site" {
			return "same-origin"
		}
		return ""
	}
	return r.guard.Check(ctx, request)
}

// signIn is a sign-in that has begun.
type signIn struct {
	host    string
	request url.Values // the authorization request
	cookies []*http.Cookie
}

func (r *rehearsal) signIn(ctx context.Context, host string) (signIn, error) {
	d := r.ask(ctx, http.MethodGet, host, r.login, "", nil)
	to, err := url.Parse(d.Location)
	if err != nil || d.Action != edgeauth.Redirect {
		return signIn{}, fmt.Errorf("no sign-in starts at %s: %v", host, d.Reason)
	}
	return signIn{host, to.Query(), d.Cookies}, nil
}

// answered is what the provider said to what was posted last, or nil.
func (r *rehearsal) answered() *tokenAnswer { return r.tap.answer }

// signedOut is the URL that the provider has to send people back to after a sign-out.
func (r *rehearsal) signedOut(ctx context.Context, host string, form provider.Logout) string {
	d := r.ask(ctx, http.MethodPost, host, r.logout, "", nil)
	to, err := url.Parse(d.Location)
	if err != nil {
		return d.Location
	}
	return cmp.Or(to.Query().Get(cmp.Or(form.ReturnParam, "post_logout_redirect_uri")), d.Location)
}

// redeem ends a sign-in with a code that no provider has given. It returns what the token endpoint said to it.
func (r *rehearsal) redeem(ctx context.Context, s signIn, issuer string) (tokenAnswer, error) {
	callback, err := url.Parse(s.request.Get("redirect_uri"))
	if err != nil {
		return tokenAnswer{}, err
	}
	query := url.Values{"code": {"a-code-that-edgeauth-check-made-up"}, "state": {s.request.Get("state")}}
	if issuer != "" {
		query.Set("iss", issuer)
	}
	d := r.ask(ctx, http.MethodGet, s.host, callback.Path, query.Encode(), s.cookies)
	if r.answered() == nil {
		return tokenAnswer{}, cmp.Or(d.Reason, errors.New("the token endpoint was not asked"))
	}
	return *r.answered(), nil
}

// tokenAnswer is what the token endpoint said.
type tokenAnswer struct {
	status int
	body   []byte
}

// tap passes requests on and keeps the answer to the one that is posted.
type tap struct {
	to     http.RoundTripper
	answer *tokenAnswer
}

func (t *tap) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.to.RoundTrip(request)
	if err != nil || request.Method != http.MethodPost || strings.HasPrefix(request.URL.String(), unknownEndpoint) {
		return response, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		response.Body.Close()
		return nil, err
	}
	t.answer = &tokenAnswer{response.StatusCode, body}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), response.Body), response.Body}
	return response, nil
}
