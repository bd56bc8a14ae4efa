package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/edgeauth/edgeauth/internal/flight"
	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	maxAnswer = 1 << 20 // bytes of an answer
	maxCalls  = 100     // of one site under way: a provider that is slow must not take the connections of other sites
)

// HTTPClient is the client for calls to the provider: it follows no redirect. Given is the program's own, or nil.
func HTTPClient(given *http.Client) *http.Client {
	if given == nil {
		given = &http.Client{Timeout: flight.Deadline, Transport: connections()}
	}
	return fresh.Client(given)
}

// connections to providers are shared by all sites that bring no client of their own.
var connections = sync.OnceValue(func() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t := standard.Clone()
	t.IdleConnTimeout = flight.IdleTime
	return t
})

// request is a form for the provider with the client's authentication.
func (c *Client) request(ctx context.Context, p *provider.Provider, endpoint string, form url.Values) (*http.Request, error) {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	if err := c.auth.Authenticate(ctx, p.Endpoints.Token, header, form); err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("%w: %s is not a URL", reason.ProviderError, endpoint)
	}
	request.Header = header
	return request, nil
}

// grant calls the token endpoint. The call is made once: a code is good for one use, so only what never left this
// machine is sent again, and net/http does that by itself.
func (c *Client) grant(ctx context.Context, p *provider.Provider, grant provider.Grant, form url.Values, origin string) (tokens, error) {
	for name, value := range grant.Params {
		form.Set(name, value)
	}
	if grant.Scope {
		form.Set("scope", strings.Join(c.c.Scopes, " "))
	}
	request, err := c.request(ctx, p, p.Endpoints.Token, form)
	if err != nil {
		return tokens{}, err
	}
	for name, value := range grant.Header {
		request.Header.Set(name, value)
	}
	if grant.Origin {
		request.Header.Set("Origin", origin)
	}
	status, body, err := c.call(request)
	if err != nil {
		return tokens{}, err
	}
	return readTokens(p, status, body, form, c.c.ClientSecret)
}

// call sends a request to the provider and reads a bounded answer. Errors name the endpoint and no parameter.
func (c *Client) call(request *http.Request) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(request.Context(), flight.Deadline)
	defer cancel()
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", "edgeauth") // GitHub refuses requests without one
	}
	endpoint := request.URL.Scheme + "://" + request.URL.Host + request.URL.Path
	select {
	case c.calls <- struct{}{}:
		defer func() { <-c.calls }()
	case <-ctx.Done():
		return 0, nil, fmt.Errorf("%w: %s: %d calls are under way", reason.ProviderDown, endpoint, maxCalls)
	}
	response, err := c.c.HTTPClient.Do(request.WithContext(ctx))
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the query
		}
		return 0, nil, fmt.Errorf("%w: %s: %v", reason.ProviderDown, endpoint, err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return 0, nil, fmt.Errorf("%w: %s: reading the answer: %v", reason.ProviderDown, endpoint, err)
	case response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500:
		return 0, nil, fmt.Errorf("%w: %s answered %d", reason.ProviderBusy, endpoint, response.StatusCode)
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return 0, nil, fmt.Errorf("%w: %s answered with a redirect, which is not followed", reason.TokenAnswer, endpoint)
	case len(body) > maxAnswer:
		return 0, nil, fmt.Errorf("%w: %s answered with more than %d bytes", reason.TokenAnswer, endpoint, maxAnswer)
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "" && kind != "application/jwt" && !strings.HasSuffix(kind, "json") && !json.Valid(body) {
		return 0, nil, fmt.Errorf("%w: %s answered %d with %q, want application/json", reason.TokenAnswer, endpoint, response.StatusCode, kind)
	}
	return response.StatusCode, body, nil
}
