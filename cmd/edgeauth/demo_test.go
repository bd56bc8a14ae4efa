package main

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheDemoLetsPeopleInAndOut(t *testing.T) {
	printed := start(t, "Ctrl-C", "demo", "-addr", freeAddr(t))
	app, idp := after(t, printed, "Open"), after(t, printed, "Provider")
	b := newBrowser(t)

	require.Contains(t, b.open(app+"/public/index.html").body, "Anyone may read this")
	stranger := b.get(app + "/app.js")
	require.Equal(t, http.StatusUnauthorized, stranger.status)
	require.NotContains(t, stranger.body, "showSession", "the source of the app")

	signIn := b.open(app + "/reports/7?year=2026")
	require.Equal(t, idp, "http://"+signIn.url.Host)
	require.Contains(t, signIn.body, "For development only")
	home := b.submit(signIn.url.String(), url.Values{"user": {"grace"}})
	require.Equal(t, app+"/reports/7?year=2026", home.url.String(), "a deep link is where the sign-in leads back to")
	require.Contains(t, home.body, "Nobody without a session can fetch this page")
	require.Contains(t, home.header.Get("Content-Security-Policy"), "default-src 'self'")

	var session struct {
		Authenticated bool
		Claims        struct {
			Name   string
			Groups []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(b.get(app+"/.auth/session").body), &session))
	require.True(t, session.Authenticated)
	require.Equal(t, "Grace Hopper", session.Claims.Name)
	require.Equal(t, []string{"staff"}, session.Claims.Groups)
	require.True(t, json.Valid([]byte(b.get(app+"/data/week.json").body)))
	require.Equal(t, http.StatusForbidden, b.open(app+"/admin/index.html").status)

	out := b.submit(app+"/.auth/logout", nil)
	require.Equal(t, app+"/.auth/signed-out", out.url.String())
	require.Equal(t, http.StatusUnauthorized, b.get(app+"/data/week.json").status)

	signIn = b.open(app + "/admin/index.html")
	require.Equal(t, idp, "http://"+signIn.url.Host, "signed out at the provider too")
	require.Contains(t, b.submit(signIn.url.String(), url.Values{"user": {"ada"}}).body, "You have the keys")
}

func TestTheDemoTakesTheNextFreePort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	printed := start(t, "Ctrl-C", "demo", "-addr", taken.Addr().String())
	require.NotContains(t, after(t, printed, "Open"), taken.Addr().String()[len("127.0.0.1"):])
}
