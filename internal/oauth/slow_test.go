package oauth

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A provider that takes four seconds is slow and right. What counts is the platform's own deadline, where there is one.
func TestARequestWaitsAsLongAsThePlatformLetsIt(t *testing.T) {
	for name, c := range map[string]struct{ platform, least, most time.Duration }{
		"no deadline":            {0, 9 * time.Second, 10 * time.Second},
		"a function of 5 s":      {5 * time.Second, 4 * time.Second, 4700 * time.Millisecond},
		"a function of 30 s":     {30 * time.Second, 9 * time.Second, 10 * time.Second},
		"a function that is old": {time.Second, 0, 700 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			began, ctx := time.Now(), t.Context()
			if c.platform > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithDeadline(ctx, began.Add(c.platform))
				defer cancel()
			}
			ctx, cancel := WithReplyMargin(ctx)
			defer cancel()
			deadline, ok := ctx.Deadline()
			require.True(t, ok)
			require.LessOrEqual(t, time.Until(deadline), c.most)
			require.GreaterOrEqual(t, deadline.Sub(began), c.least)
		})
	}
}
