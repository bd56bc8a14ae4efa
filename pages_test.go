package edgeauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"testing"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func pageGuard(t testing.TB) *Guard {
	g, err := New(Config{
		Provider: provider.OIDC("https://idp.example"), ClientID: "site", Hosts: []string{"app.example.com"}, Session: Session{Keys: [][]byte{firstKey}},
		Logger: slog.New(slog.DiscardHandler), HTTPClient: &http.Client{Transport: refusing{}},
	})
	require.NoError(t, err)
	return g
}

func headerOf(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestPeopleGetPagesAndProgramsGetJSON(t *testing.T) {
	g := pageGuard(t)
	for _, test := range []struct {
		who    string
		header map[string]string
		page   bool
	}{
		{"a navigation", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, true},
		{"a frame", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, true},
		{"an old browser", map[string]string{"Accept": "text/html,*/*"}, true},
		{"a tool that says nothing", nil, true},
		{"a fetch", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "*/*"}, false},
		{"a fetch that takes pages", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html"}, true},
		{"an image", map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, false},
		{"a program that wants JSON", map[string]string{"Accept": "application/json"}, false},
		{"an old script", map[string]string{"X-Requested-With": "XMLHttpRequest", "Accept": "text/html"}, false},
	} {
		t.Run(test.who, func(t *testing.T) {
			d := g.Check(context.Background(), &Request{ID: "ref-7", Method: "GET", Host: "other.example", Path: "/", Header: headerOf(test.header)})
			require.Equal(t, http.StatusMisdirectedRequest, d.Status)
			require.Equal(t, "no-store", d.Header.Get("Cache-Control"))
			require.Equal(t, "nosniff", d.Header.Get("X-Content-Type-Options"))
			require.Contains(t, string(d.Body), "ref-7")
			if test.page {
				require.Equal(t, "text/html; charset=utf-8", d.Header.Get("Content-Type"))
				require.Equal(t, g.design.Policy(), d.Header.Get("Content-Security-Policy"))
				return
			}
			require.Equal(t, "application/json", d.Header.Get("Content-Type"))
			var answer map[string]string
			require.NoError(t, json.Unmarshal(d.Body, &answer))
			require.Equal(t, "unknown_host", answer["error"])
		})
	}
}

func TestAReferenceIsThePlatformsOrRandom(t *testing.T) {
	g := pageGuard(t)
	ask := func(id string) string {
		d := g.Check(context.Background(), &Request{ID: id, Host: "other.example", Path: "/"})
		return regexp.MustCompile(`Reference <code>(.*?)</code>`).FindStringSubmatch(string(d.Body))[1]
	}
	require.Equal(t, "abc", ask("abc"))
	require.Len(t, ask(""), 10)
	require.NotEqual(t, ask(""), ask(""))
}

// detail is what no viewer may see.
const detail = "detail-of-the-reason"

func TestNoPageTellsAReasonsDetail(t *testing.T) {
	g := pageGuard(t)
	why := func(r reason.Reason) error { return fmt.Errorf("%w: %s", r, detail) }
	v := func(header map[string]string) *visit {
		return &visit{r: &Request{ID: "ref", Method: "GET", Path: "/x", Header: headerOf(header)}, origin: "https://app.example.com", path: "/x", clean: true}
	}
	ctx := context.Background()
	for _, header := range []map[string]string{{"Accept": "text/html"}, {"Accept": "application/json"}} {
		for _, r := range []reason.Reason{
			reason.ProviderError, reason.ProviderDown, reason.ProviderBusy, reason.KeysUnavailable, reason.TokenAnswer, reason.SessionTooLarge, reason.Internal,
			reason.Loop, reason.CodeRefused, reason.BadSession, reason.WrongNonce,
		} {
			for _, d := range []Decision{
				g.answer(ctx, v(header), why(r), Decision{}), g.answer(ctx, v(header), &signInError{why(r), "/"}, Decision{}), g.unauthorized(v(header), why(r)),
				g.panicked(v(header), detail),
			} {
				require.NotContains(t, string(d.Body), detail)
				require.NotContains(t, fmt.Sprint(d.Header), detail)
				require.NotContains(t, d.Location, detail)
				require.Equal(t, Deny, d.Action)
				require.GreaterOrEqual(t, d.Status, 400)
				require.Equal(t, "no-store", d.Header.Get("Cache-Control"))
			}
		}
	}
}

func TestHEADIsAnsweredAsGETIs(t *testing.T) {
	g := pageGuard(t)
	for _, path := range []string{"/.auth/signed-out", "/.auth/session", "/.auth/logout", "/x//y", "//"} {
		for _, host := range []string{"app.example.com", "other.example"} {
			ask := func(method string) Decision {
				d := g.Check(context.Background(), &Request{ID: "ref", Method: method, Host: host, Path: path})
				d.Reason = nil
				return d
			}
			require.Equal(t, ask("GET"), ask("HEAD"), path)
		}
	}
}

func TestASiteMayMakeItsOwnPages(t *testing.T) {
	ours := pageGuard(t)
	ask := func(g *Guard, header map[string]string) Decision {
		return g.Check(context.Background(), &Request{ID: "ref", Method: "GET", Host: "app.example.com", Path: "//", Header: headerOf(header)})
	}
	var seen Page
	for name, test := range map[string]struct {
		page   func(Page) ([]byte, string, error)
		policy string // "ours" for that of our own page
	}{
		"its own":          {func(p Page) ([]byte, string, error) { seen = p; return []byte("<p>own"), "default-src 'self'", nil }, "default-src 'self'"},
		"without a policy": {func(Page) ([]byte, string, error) { return []byte("<p>own"), "", nil }, ""},
		"one that fails":   {func(Page) ([]byte, string, error) { return []byte("<p>own"), "", errors.New("no template") }, "ours"},
		"one that panics":  {func(Page) ([]byte, string, error) { panic("no template") }, "ours"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := ours.cfg
			cfg.Page = test.page
			g, err := New(cfg)
			require.NoError(t, err)
			d := ask(g, map[string]string{"Accept": "text/html"})
			require.Equal(t, http.StatusBadRequest, d.Status)
			if test.policy == "ours" {
				require.Equal(t, ask(ours, map[string]string{"Accept": "text/html"}).Body, d.Body)
				require.Equal(t, ours.design.Policy(), d.Header.Get("Content-Security-Policy"))
				return
			}
			require.Equal(t, "<p>own", string(d.Body))
			require.Equal(t, "text/html; charset=utf-8", d.Header.Get("Content-Type"))
			require.Equal(t, test.policy, d.Header.Get("Content-Security-Policy"))
			require.Equal(t, "application/json", ask(g, map[string]string{"Accept": "application/json"}).Header.Get("Content-Type"), "programs get JSON")
		})
	}
	require.Equal(t, Page{
		Code: "bad_path", Status: 400, Language: "en", Title: "This address does not work", Text: "Please check the address, or go to the start page.",
		Site: "app.example.com", Ways: []Way{{"Go to the start page", "/", false}},
	}, seen)
}
