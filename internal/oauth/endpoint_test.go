package oauth

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestASlowProviderTakesABoundedNumberOfConnections(t *testing.T) {
	var underWay, most atomic.Int64
	answer, full := make(chan struct{}), make(chan struct{})
	slow := transport(func(r *http.Request) (*http.Response, error) {
		n := underWay.Add(1)
		defer underWay.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if n == maxCalls {
			close(full)
		}
		select {
		case <-answer:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
	})
	client, err := New(Config{Provider: provider.OIDC("https://idp.example"), HTTPClient: &http.Client{Transport: slow}})
	require.NoError(t, err)
	call := func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://idp.example/token", nil)
		require.NoError(t, err)
		_, _, err = client.call(r)
		return err
	}
	var calls sync.WaitGroup
	for range maxCalls {
		calls.Go(func() {
			if err := call(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	<-full
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, call(short), reason.ProviderDown, "one more waits until its deadline")
	close(answer)
	calls.Wait()
	require.EqualValues(t, maxCalls, most.Load())
	require.NoError(t, call(t.Context()), "there is room again")
}
