package edgeauth_test

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

func TestIndexesAndPathsOutsideASCIICanBeServed(t *testing.T) {
	for _, test := range []struct{ spa, folder, path, want string }{
		{"/start-ü.html", "", "/", "/start-%C3%BC.html"},
		{"/start-ü.html", "", "/größe", "/start-%C3%BC.html"},
		{"", "über.html", "/", "/%C3%BCber.html"},
		{"", "über.html", "/größe/", "/gr%C3%B6%C3%9Fe/%C3%BCber.html"},
		{"", "index.html", "/größe/", "/gr%C3%B6%C3%9Fe/index.html"},
		{"", "index.html", "/größe.txt", ""},
		{"", "", "/größe", ""},
	} {
		t.Run(test.spa+test.folder+" at "+test.path, func(t *testing.T) {
			w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
				c.Index = edgeauth.Index{SPA: test.spa, Folder: test.folder}
			})
			w.follow("alice", "/x.y")
			d := w.get(test.path)
			require.Equal(t, edgeauth.Allow, d.Action, "%v", d.Reason)
			require.Equal(t, test.want, d.Forward.Path)
			_, err := answer.Of(&d)
			require.NoError(t, err)

			w.Jar = map[string]string{}
			d = w.get(w.atProvider(w.get(test.path).Location, "alice"))
			got, err := url.PathUnescape(strings.TrimPrefix(d.Location, appURL))
			require.NoError(t, err)
			want, _ := url.PathUnescape(test.path)
			require.Equal(t, want, got, "and it comes back there")
			_, err = answer.Of(&d)
			require.NoError(t, err)
		})
	}
}

func TestForwardedIdentityIsTheSessionsAlone(t *testing.T) { // CVE-2025-64484
	forward := func(c *edgeauth.Config, o *devidp.Options) {
		c.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}}
		c.Forward.Headers = map[string]string{"X-Auth-Subject": "sub", "X-Auth-Name": "name", "X-Auth-Groups": "groups", "X-Auth-Odd": "odd", "X-Auth-Missing": "missing"}
		o.Users[0].Claims["name"], o.Users[0].Claims["odd"] = "Zoë\r\nX: y %41", []string{"a,b", "c"}
	}
	with(t, forward, func(t *testing.T, w *world) {
		names := []string{"X-Auth-Groups", "X-Auth-Missing", "X-Auth-Name", "X-Auth-Odd", "X-Auth-Subject"}
		d := w.get("/public/x")
		require.Subset(t, d.Forward.Drop, names, "on public paths too")
		require.Empty(t, d.Forward.Set)
		w.signedIn("alice", "/")
		w.Jar["theme"] = "dark"
		d = w.get("/")
		require.Subset(t, d.Forward.Drop, names)
		require.Equal(t, http.Header{
			"X-Auth-Subject": {"alice"}, "X-Auth-Name": {"Zo%C3%AB%0D%0AX: y %2541"}, "X-Auth-Groups": {"staff"}, "X-Auth-Odd": {"a%2Cb,c"},
		}, d.Forward.Set)
		require.Equal(t, "theme=dark", d.Forward.Cookie)
	})
	t.Run("the access token", func(t *testing.T) {
		w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.Forward.AccessToken = true })
		w.signedIn("alice", "/")
		d := w.get("/")
		require.Contains(t, d.Forward.Drop, "Authorization")
		require.True(t, strings.HasPrefix(d.Forward.Set.Get("Authorization"), "Bearer ey"))
		before := d.Forward.Set.Get("Authorization")
		w.Wait(2 * time.Hour)
		require.NotEqual(t, before, w.fetch("/").Forward.Set.Get("Authorization"), "it is renewed with the session")
	})
}

func TestTheErrorOfACheckDoesNotChooseTheAnswer(t *testing.T) {
	var no error
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Check = func(context.Context, *edgeauth.Request, edgeauth.Identity) error { return no }
	})
	w.signedIn("alice", "/")
	no = errors.New("no")
	want := w.get("/")
	require.Equal(t, http.StatusForbidden, want.Status)
	for _, code := range []edgeauth.Reason{
		"cross_site", "no_session", "refresh_refused", "wrong_subject", "loop", "bad_request", "unknown_host", "config_failure", "signed_in",
	} {
		no = code // as where the check asks another guard
		d := w.get("/")
		require.Equal(t, "forbidden_by_check", d.Code())
		require.Equal(t, http.StatusForbidden, d.Status, code)
		require.Equal(t, string(want.Body), string(d.Body), code)
		require.Empty(t, d.Cookies, code)
	}
}

// Whoever is refused may have another account, and has to know which one this is.
func TestARefusalNamesTheAccountAndOffersAnother(t *testing.T) {
	with(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"admins"}}}
		c.Branding = edgeauth.Branding{Name: "Intranet", Languages: []string{"en", "de"}}
	}, func(t *testing.T, w *world) {
		w.signedIn("alice", "/")
		w.Header = map[string]string{"Accept": "text/html", "Accept-Language": "de"}
		d := w.get("/admin/x?y=1")
		require.Equal(t, http.StatusForbidden, d.Status)
		require.Equal(t, "alice", d.Identity.Subject(), "the log names who it was")
		body := string(d.Body)
		for _, want := range []string{"Intranet", "<b>alice@example.com</b>", `lang="de"`, "ref-1", "/.auth/logout"} {
			require.Contains(t, body, want)
		}
		const another = "/.auth/login?prompt=select_account&return=%2Fadmin%2Fx%3Fy%3D1"
		require.Contains(t, body, html.EscapeString(another))
		d = w.get(another)
		u, err := url.Parse(d.Location)
		require.NoError(t, err)
		require.Equal(t, "login", u.Query().Get("prompt"), "this provider does not say that it knows select_account")
		require.Equal(t, "de", u.Query().Get("ui_locales"))
		require.Equal(t, appURL+"/admin/x?y=1", w.get(w.atProvider(d.Location, "bob")).Location)
		require.NotEqual(t, http.StatusForbidden, w.get("/admin/x?y=1").Status)
	})
}
