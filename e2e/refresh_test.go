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

// leeway is what a site allows for clock differences where its document does not say.
const leeway = 60 * time.Second

// shortLived makes the tokens of a setup end soon, and the session with them: only past the leeway does one end.
func (s setup) shortLived() setup {
	s.tokenSeconds, s.leeway = 4, "1s"
	return s
}

// outlive waits until every token is over that was issued so far. Those that are issued from then on live for an hour,
// so that nothing that a slow machine does is renewed a second time.
func (w *site) outlive(t *testing.T) {
	t.Helper()
	time.Sleep(time.Duration(w.setup.tokenSeconds+2) * time.Second)
	w.idp.live(t, time.Hour)
}

func TestARefreshedSessionServesPageFetchAndForm(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		s = s.shortLived()
		s.upstream = startUpstream(t)
		w := startSite(t, s)
		page, script, form := newBrowser(t).tab(t), newBrowser(t).tab(t), newBrowser(t).tab(t)
		page.visit(w, "/", ada)
		page.sees("#who", ada.name)
		script.visit(w, "/", ben)
		script.sees("#who", ben.name)
		form.visit(w, "/form.html", grace)
		w.outlive(t)

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

// No browser is needed to see which refresh token a site uses.
func TestEachRefreshUsesTheNewestRefreshToken(t *testing.T) {
	inEverySetup(t, func(t *testing.T, s setup) {
		s = s.shortLived()
		s.tokenSeconds = 2
		w := startSite(t, s)
		v := newVisitor(t)
		v.visit(w, "/", ada)

		for deadline := time.Now().Add(patience); len(w.idp.tokenCalls(t, "refresh_token")) < 3; time.Sleep(time.Second / 2) {
			require.True(t, time.Now().Before(deadline), "no third refresh: %+v", w.idp.calls(t))
			require.Equal(t, w.URL+"/", v.open(w.URL+"/").url)
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
