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

// deadlines keeps the deadline of every call to the provider.
type deadlines struct {
	next http.RoundTripper
	seen []time.Time
}

func (d *deadlines) RoundTrip(r *http.Request) (*http.Response, error) {
	if at, ok := r.Context().Deadline(); ok && r.Method == http.MethodPost {
		d.seen = append(d.seen, at)
	}
	return d.next.RoundTrip(r)
}

func TestTheTokenCallEndsBeforeThePlatformDoes(t *testing.T) {
	calls := &deadlines{}
	w := newWorld(t, func(c *edgeauth.Config, _ *devidp.Options) { c.HTTPClient = &http.Client{Transport: calls} })
	calls.next = w.idp.Transport()
	back := w.atProvider(w.get("/").Location, "alice")

	end := time.Now().Add(2 * time.Second)
	ctx, cancel := context.WithDeadline(context.Background(), end)
	defer cancel()
	d := w.guard.Check(ctx, w.request(http.MethodGet, back))
	require.Equal(t, "signed_in", edgeauth.Code(d.Reason))
	require.Len(t, calls.seen, 1)
	require.Equal(t, 300*time.Millisecond, end.Sub(calls.seen[0]), "there is time left to answer in")
}
