package fresh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Fetch gets the JSON document at address. It follows no redirect, whatever client does, and accepts only status 200
// and a body of at most limit bytes. maxAge is what Cache-Control allows: 0 if it says nothing, else at least 1 s.
// Errors show the address without its query.
func Fetch(ctx context.Context, client *http.Client, address string, limit int64) (body []byte, maxAge time.Duration, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, 0, errors.New("fetch: address is not a URL")
	}
	shown := u.Scheme + "://" + u.Host + u.EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("fetch %s: not a URL to fetch", shown)
	}
	req.Header.Set("Accept", "application/json")
	resp, err := Client(client).Do(req)
	if err != nil {
		return nil, 0, fmt.Errorf("fetch %s: %w", shown, cause(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("fetch %s: status %d, want 200", shown, resp.StatusCode)
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, 0, fmt.Errorf("fetch %s: %w", shown, err)
	}
	if int64(len(body)) > limit {
		return nil, 0, fmt.Errorf("fetch %s: body of more than %d bytes", shown, limit)
	}
	return body, allowed(resp.Header), nil
}

// Client is client without redirects and cookies, or a new one for nil. What is asked for a document, a code or a token
// must not be sent on to wherever a redirect points (RFC 9700, 4.12).
func Client(client *http.Client) *http.Client {
	c := http.Client{}
	if client != nil {
		c = *client
	}
	c.Jar = nil
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// cause removes the wrapper of net/http, which repeats the whole URL.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// allowed is the age that Cache-Control allows (RFC 9111, 5.2.2).
func allowed(h http.Header) time.Duration {
	var age time.Duration
	for _, line := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
			switch name {
			case "no-store", "no-cache":
				return time.Second
			case "max-age":
				n, err := strconv.ParseUint(strings.Trim(value, `"`), 10, 32)
				if err == nil {
					age = time.Duration(max(n, 1)) * time.Second
				}
			}
		}
	}
	return age
}
