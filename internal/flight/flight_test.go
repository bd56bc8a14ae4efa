package flight_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/flight"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/stretchr/testify/require"
)

func TestWorkOutlivesTheRequestThatBeganIt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	leave := make(chan struct{})
	c := flight.Start(ctx, func(ctx context.Context) (int, error) {
		<-leave
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		require.LessOrEqual(t, time.Until(deadline), flight.Deadline)
		return 7, ctx.Err()
	}, func(int, error) {})
	cancel()
	close(leave)
	<-c.Done()
	got, err := c.Result()
	require.NoError(t, err)
	require.Equal(t, 7, got)
}

func TestTheResultIsKnownInsideBeforeAnybodyIsTold(t *testing.T) {
	oops := errors.New("oops")
	var told error
	c := flight.Start(context.Background(), func(context.Context) (int, error) { return 0, oops }, func(_ int, err error) { told = err })
	<-c.Done()
	require.Equal(t, oops, told)
}

func TestAPanicIsAnErrorAndEndsNoProcess(t *testing.T) {
	c := flight.Start(context.Background(), func(context.Context) (int, error) { panic("a secret") }, func(int, error) {})
	<-c.Done()
	_, err := c.Result()
	require.ErrorIs(t, err, reason.Internal)
	require.NotContains(t, err.Error(), "a secret")
}

func TestWorkThatEndsItsGoroutineIsAnError(t *testing.T) {
	var told error
	c := flight.Start(context.Background(), func(context.Context) (int, error) {
		runtime.Goexit()
		return 7, nil
	}, func(_ int, err error) { told = err })
	<-c.Done()
	_, err := c.Result()
	require.ErrorIs(t, err, reason.Internal)
	require.Equal(t, err, told, "whoever counts what is under way is told as well")
}
