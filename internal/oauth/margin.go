package oauth

import (
	"context"
	"time"

	"github.com/edgeauth/edgeauth/internal/flight"
)

const (
	maxWait     = flight.Deadline - replyMargin // for all that one request waits for, where the platform says nothing
	replyMargin = 300 * time.Millisecond        // before the platform's own deadline, to answer in
)

// WithReplyMargin bounds what a request may wait for, so that it is answered by a page of ours and not by the
// platform's.
func WithReplyMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline)-replyMargin < maxWait {
		return context.WithDeadline(ctx, deadline.Add(-replyMargin))
	}
	return context.WithTimeout(ctx, maxWait)
}
