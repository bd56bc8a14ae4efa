package hostcache

import (
	"context"
	"errors"
	"time"
)

const (
	maxAsking  = 64                     // hosts without a value that are asked for at once
	maxWaiting = 256                    // that wait for their turn
	maxWait    = 500 * time.Millisecond // for one's turn
)

// ErrBusy says that too many hosts are being asked for that have had no value yet.
var ErrBusy = errors.New("too many hosts are asked for that have not been seen before")

// queue bounds what made-up hosts can make the source work on. A host that has a value does not stand in it.
type queue struct {
	asking, waiting chan struct{}
}

func newQueue() queue {
	return queue{asking: make(chan struct{}, maxAsking), waiting: make(chan struct{}, maxWaiting)}
}

// enter waits for its turn, a while at most.
func (q *queue) enter(ctx context.Context) error {
	select {
	case q.asking <- struct{}{}:
		return nil
	default:
	}
	select {
	case q.waiting <- struct{}{}:
		defer func() { <-q.waiting }()
	default:
		return ErrBusy
	}
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case q.asking <- struct{}{}:
		return nil
	case <-timer.C:
		return ErrBusy
	case <-ctx.Done():
		return ErrBusy
	}
}

func (q *queue) leave() { <-q.asking }
