// Package flight shares one piece of work among all who need it at the same time.
//
// The work is not tied to the request that began it: others wait for it too, and it ends by a deadline of its own.
package flight

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
)

// Deadline is how long shared work may take, whoever still waits for it: longer than providers that are slow and right. An
// edge function has less, and says so itself.
const Deadline = 10 * time.Second

// IdleTime is how long a connection to a provider may wait for its next use. Servers close theirs after five seconds or more,
// and a code that is posted on a connection which is just being closed is lost.
const IdleTime = 4 * time.Second

// errAbandoned is the error of work that ended its goroutine (runtime.Goexit) and so returned nothing.
var errAbandoned = fmt.Errorf("%w: the work ended its goroutine", reason.Internal)

// Call is one piece of work under way, or its result.
type Call[T any] struct {
	done  chan struct{} // closed when the rest is set
	value T
	err   error
}

// Start begins work. Of ctx only the values reach it. Landed, which is called before anybody is told, sees the result.
func Start[T any](ctx context.Context, work func(context.Context) (T, error), landed func(T, error)) *Call[T] {
	c := &Call[T]{done: make(chan struct{}), err: errAbandoned}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Deadline)
		defer cancel()
		defer close(c.done)
		defer func() { landed(c.value, c.err) }()
		c.value, c.err = protected(ctx, work)
	}()
	return c
}

// Done is closed when the work is over.
func (c *Call[T]) Done() <-chan struct{} { return c.done }

// Result is what the work came to. It must not be called before Done is closed.
func (c *Call[T]) Result() (T, error) { return c.value, c.err }

// protected turns a panic into an error: nothing else would catch one in a goroutine.
func protected[T any](ctx context.Context, work func(context.Context) (T, error)) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic: %s\n%s", reason.Internal, reason.PanicText(p), debug.Stack())
		}
	}()
	return work(ctx)
}
