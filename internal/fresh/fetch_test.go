package fresh_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/fresh"
)

func serve(t *testing.T, handle http.HandlerFunc) string {
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s.URL
}

func TestFetch(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Header.Get("Accept") != "application/json" {
			w.WriteHeader(http.StatusBadRequest)
		}
		w.Header().Set("Cache-Control", "public, max-age=300")
		w.Write([]byte(`{"a":1}`))
	})
	body, maxAge, err := fresh.Fetch(context.Background(), nil, url+"/x?appid=1", 7)
	require.NoError(t, err)
	require.Equal(t, `{"a":1}`, string(body))
	require.Equal(t, 5*time.Minute, maxAge)
}

func TestFetchReadsCacheControl(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 0, "public": 0, "max-age=60": time.Minute, "public, Max-Age=60": time.Minute, `max-age="60"`: time.Minute,
		"max-age=0": time.Second, "no-store": time.Second, "no-cache, max-age=60": time.Second, "max-age=x": 0, "max-age=-1": 0,
		"max-age=99999999999": 0, "s-maxage=5": 0,
	} {
		url := serve(t, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Cache-Control", header) })
		_, maxAge, err := fresh.Fetch(context.Background(), nil, url, 10)
		require.NoError(t, err)
		require.Equal(t, want, maxAge, header)
	}
}

func TestFetchRefuses(t *testing.T) {
	elsewhere := serve(t, func(w http.ResponseWriter, r *http.Request) { t.Error("a redirect was followed") })
	for rule, handle := range map[string]http.HandlerFunc{
		"D03 a redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, http.StatusFound) },
		"a redirect with 307": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
		},
		"status 201":       func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusCreated) },
		"status 404":       func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"status 503":       func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"a body too large": func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(strings.Repeat("x", 11))) },
		"a body cut short": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "10")
			w.Write([]byte("x"))
		},
	} {
		t.Run(rule, func(t *testing.T) {
			url := serve(t, handle)
			follows := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
			_, _, err := fresh.Fetch(context.Background(), follows, url+"/x?secret=s3cret", 10)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "s3cret")
			require.NotNil(t, follows.CheckRedirect, "the client that was given stays as it is")
		})
	}
}

func TestFetchErrorsShowNoQueryAndNoUser(t *testing.T) {
	down := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") })}
	for _, url := range []string{"https://user:s3cret@a.example/x?s3cret", "https://a.example/x?s3cret#s3cret", "::s3cret", "s3cret\x00", "http:///x?s3cret"} {
		_, _, err := fresh.Fetch(context.Background(), down, url, 10)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "s3cret")
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestFetchSendsNoCookies(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		require.Empty(t, r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
	})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	for range 2 {
		_, _, err := fresh.Fetch(context.Background(), &http.Client{Jar: jar}, url, 10)
		require.NoError(t, err)
	}
}

func TestFetchEndsWithItsContext(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, _, err := fresh.Fetch(ctx, nil, url, 10)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
