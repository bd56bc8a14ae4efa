package fresh

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A caller can see a version and be overtaken by a whole load before it asks for one.
func TestACallerThatWasOvertakenLoadsNothing(t *testing.T) {
	loads := 0
	d := New(Config[int]{Load: func(context.Context, int) (int, time.Duration, error) { loads++; return loads, 0, nil }})
	for range 2 {
		seen := d.current.Load()
		require.NoError(t, d.renew(context.Background(), seen, nil))
		require.NoError(t, d.renew(context.Background(), seen, func() bool { return false }))
	}
	require.Equal(t, 2, loads)
}
