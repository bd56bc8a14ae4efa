package edgeauth_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

func TestAHookSeesACopyOfTheDecision(t *testing.T) {
	spoil := func(_ context.Context, _ *edgeauth.Request, d *edgeauth.Decision) {
		for _, h := range []http.Header{d.Header, d.Forward.Set} {
			for name := range h {
				h[name][0] = "spoilt"
				delete(h, name)
			}
		}
		for _, c := range d.Cookies {
			*c = http.Cookie{Name: "spoilt", Value: "spoilt"}
		}
		for i := range d.Body {
			d.Body[i] = 'x'
		}
		for i := range d.Forward.Drop {
			d.Forward.Drop[i] = "spoilt"
		}
		*d = edgeauth.Decision{Action: edgeauth.Allow}
	}
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) {
		c.Forward.Headers = map[string]string{"X-Auth-Subject": "sub", "X-Auth-Name": "name"}
		c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"admins"}}, {Path: "/public/", Anyone: true}}
	})
	w.signedIn("alice", "/")
	changed := w.config
	changed.OnDecision = spoil
	hooked, err := edgeauth.New(changed)
	require.NoError(t, err)
	for _, target := range []string{"/", "/public/x", "/admin/", "/.auth/session", "/.auth/signed-out", "//bad", "/"} {
		want := w.Guard.Check(t.Context(), w.request(http.MethodGet, target))
		got := hooked.Check(t.Context(), w.request(http.MethodGet, target))
		want.Reason, got.Reason = nil, nil // holds a stack or an address at most
		require.Equal(t, want, got, target)
	}
	w.Wait(59 * time.Minute)
	d := hooked.Check(t.Context(), w.request(http.MethodGet, "/"))
	require.Equal(t, "private, no-store", d.Header.Get("Cache-Control"))
	require.Equal(t, w.session(), d.Cookies[0].Name)
	w.Jar = map[string]string{}
	d = hooked.Check(t.Context(), w.request(http.MethodGet, "/"))
	require.Equal(t, edgeauth.Redirect, d.Action)
	require.Contains(t, d.Location, idpURL)
}

// Whoever asks the log what somebody did finds it by the subject.
func TestARecordSaysWhomItIsAbout(t *testing.T) {
	rules := func(c *edgeauth.Config, _ *devidp.Options) {
		c.Rules = []edgeauth.Rule{{Path: "/admin/", Groups: []string{"admins"}}, {Path: "/recent/", MaxAge: time.Minute}, {Path: "/public/", Anyone: true}}
	}
	for name, c := range map[string]struct {
		act     func(w *world)
		code    string
		subject any
	}{
		"signed in": {func(w *world) { w.signedIn("alice", "/") }, "signed_in", "alice"},
		"signed out": {func(w *world) {
			w.signedIn("alice", "/")
			w.signOut()
		}, "signed_out", "alice"},
		"refreshed on the way": {func(w *world) {
			w.signedIn("alice", "/")
			w.Wait(59 * time.Minute)
			w.do(http.MethodGet, "/")
		}, "refreshed", "alice"},
		"refreshed by a redirect": {func(w *world) {
			w.signedIn("alice", "/")
			w.Wait(59 * time.Minute)
			r := w.request(http.MethodGet, "/")
			r.CookiesOnAllow = false
			w.Guard.Check(t.Context(), r)
		}, "refreshed", "alice"},
		"forbidden": {func(w *world) {
			w.signedIn("alice", "/")
			w.do(http.MethodGet, "/admin/")
		}, "forbidden_group", "alice"},
		"allowed": {func(w *world) {
			w.signedIn("alice", "/")
			w.do(http.MethodGet, "/")
		}, "allowed", "alice"},
		"told of the session": {func(w *world) {
			w.signedIn("alice", "/")
			w.do(http.MethodGet, "/.auth/session")
		}, "session_info", "alice"},
		"nobody: a public page":      {func(w *world) { w.do(http.MethodGet, "/public/") }, "allowed", nil},
		"nobody: before the sign-in": {func(w *world) { w.do(http.MethodGet, "/") }, "no_session", nil},
		"nobody any more: the session has run out": {func(w *world) {
			w.signedIn("alice", "/")
			w.IdP.EndSessions()
			w.Wait(2 * time.Hour)
			w.do(http.MethodGet, "/")
			w.do(http.MethodGet, "/")
		}, "refresh_refused", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, rules)
			var seen []edgeauth.Decision
			changed := w.config
			changed.OnDecision = func(_ context.Context, _ *edgeauth.Request, d *edgeauth.Decision) { seen = append(seen, *d) }
			var err error
			w.Guard, err = edgeauth.New(changed)
			require.NoError(t, err)
			c.act(w)
			var last map[string]any
			for line := range strings.Lines(w.log.String()) {
				var record map[string]any
				require.NoError(t, json.Unmarshal([]byte(line), &record))
				if record["msg"] == "edgeauth decision" {
					last = record
				}
			}
			require.Equal(t, c.code, last["code"])
			require.Equal(t, c.subject, last["subject"])
			if c.subject != nil && c.code != "allowed" && c.code != "session_info" {
				require.NotEqual(t, "DEBUG", last["level"], "it happens now and then, and somebody wants to know")
			}
			require.Equal(t, fmt.Sprint(c.subject), cmp.Or(seen[len(seen)-1].Identity.Subject(), "<nil>"), "the hook is told as well")
		})
	}
}
