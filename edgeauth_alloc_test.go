package edgeauth_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

func TestAnAllowedRequestAllocatesLittle(t *testing.T) {
	quiet := func(c *edgeauth.Config, _ *devidp.Options) { c.Logger = slog.New(slog.DiscardHandler) }
	for name, test := range map[string]struct {
		change func(*edgeauth.Config, *devidp.Options)
		most   float64
	}{
		"a verified token": {func(c *edgeauth.Config, o *devidp.Options) { tokensMode(c, o); quiet(c, o) }, 1},
		"a sealed session": {quiet, 8},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, test.change)
			w.signedIn("alice", "/")
			r := w.request(http.MethodGet, "/assets/app.js")
			r.Cookie[0] = "theme=dark; _ga=GA1.2.3; " + r.Cookie[0] + "; lang=en"
			ctx := context.Background()
			require.Equal(t, edgeauth.Allow, w.Guard.Check(ctx, r).Action)
			got := testing.AllocsPerRun(200, func() { w.Guard.Check(ctx, r) })
			t.Logf("%v allocations", got)
			require.LessOrEqual(t, got, test.most)
		})
	}
}
