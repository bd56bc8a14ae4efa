package e2e

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// leeway is what the site allows for clock differences: only past it does a session without refresh end.
const leeway = 60 * time.Second

func TestARefreshedSessionServesPageFetchAndForm(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		upstream := startUpstream(t)
		s.tokenSeconds, s.upstream = 10, upstream
		w := startSite(t, s)
		b := newBrowser(t)
		page, script, form := b.tab(t), b.visitor(t).tab(t), b.visitor(t).tab(t)
		page.visit(w, "/", ada)
		script.visit(w, "/", ben)
		form.visit(w, "/form.html", grace)
		time.Sleep(leeway + time.Duration(s.tokenSeconds+2)*time.Second)

		before := len(w.idp.tokenCalls(t, "refresh_token"))
		refreshed := func(what string) {
			t.Helper()
			now := len(w.idp.tokenCalls(t, "refresh_token"))
			require.Equal(t, before+1, now, "refreshes for %s", what)
			before = now
		}

		page.open(w.URL + deepLink)
		require.Equal(t, w.URL+deepLink, page.url())
		refreshed("a page")
		page.sees("#who", ada.name)

		got := script.fetch("/data/members.json")
		require.Equal(t, http.StatusOK, got.Status)
		require.Contains(t, got.Body, secret)
		refreshed("a fetch")

		form.click("#send")
		form.see("#echo")
		require.Equal(t, w.URL+"/submit?box=7", form.url())
		require.Equal(t, "POST /submit?box=7 tea & scones = 100 % — à quatre heures", form.text("#echo"))
		refreshed("a form")
		form.shot("form")

		require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 3, "somebody was sent to sign in again")
	}, furtherSetups)
}

func TestEachRefreshUsesTheNewestRefreshToken(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		s.tokenSeconds = 12
		w := startSite(t, s)
		p := newBrowser(t).tab(t)
		p.visit(w, "/", ada)

		deadline := time.Now().Add(2 * patience)
		for len(w.idp.tokenCalls(t, "refresh_token")) < 3 {
			require.True(t, time.Now().Before(deadline), "no third refresh: %+v", w.idp.calls(t))
			p.open(w.URL + "/")
			p.sees("#who", ada.name)
			time.Sleep(time.Second)
		}

		seen := map[string]bool{}
		calls := w.idp.tokenCalls(t, "refresh_token")
		for _, c := range calls {
			seen[c.RefreshToken] = true
			if s.shape == entraLike {
				require.Equal(t, w.URL, c.Origin)
			}
		}
		if s.rotates() {
			require.Len(t, seen, len(calls), "a refresh token was used twice")
		} else {
			require.Len(t, seen, 1, "the refresh token was lost")
		}
		require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 1)
	}, furtherSetups)
}

// startUpstream serves the folder site/ and answers a POST with what arrived.
func startUpstream(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServer(http.Dir("site")))
	mux.HandleFunc("POST /submit", func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><title>Thank you</title><h1>Thank you</h1><pre id=echo>"+
			html.EscapeString(fmt.Sprintf("%s %s %s", r.Method, r.URL, r.PostForm.Get("text")))+"</pre>")
	})
	mux.HandleFunc("GET /echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		writeJSON(w, r.Header)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}
