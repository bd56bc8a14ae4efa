package edgeauth_test

import (
	"context"
	"net/http"
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
