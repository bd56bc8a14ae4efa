package oauth

import (
	"context"
	"time"
)

const (
	maxWait     = 4500 * time.Millisecond // for all that one request waits for: an edge function may have 5 s in all
	replyMargin = 300 * time.Millisecond  // before the platform's own deadline, to answer in
)

// WithReplyMargin bounds what a request may wait for, so that it is answered by a page of ours and not by the
// platform's.
func WithReplyMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline)-replyMargin < maxWait {
		return context.WithDeadline(ctx, deadline.Add(-replyMargin))
	}
	return context.WithTimeout(ctx, maxWait)
}
