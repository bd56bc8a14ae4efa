package webserve_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
)

func TestBrowsersComeByHTTPSAlone(t *testing.T) { // RFC 6797
	handler := webserve.HSTS(http.NotFoundHandler(), time.Hour)
	for host, want := range map[string]string{
		"app.example.com": "max-age=3600", "app.example.com:8443": "max-age=3600", "localhost": "", "localhost:8443": "", "app.localhost:8443": "",
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "https://"+host+"/", nil))
		require.Equal(t, want, w.Header().Get("Strict-Transport-Security"), host)
	}
}

// deadlines is a response whose connection remembers until when it waits for a body.
type deadlines struct {
	http.ResponseWriter
	until time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.until = t
	return nil
}

func TestABodyIsWaitedForWhileItComesOn(t *testing.T) {
	for _, size := range []int{1, 64 << 10, 10 << 20} {
		w := &deadlines{ResponseWriter: httptest.NewRecorder()}
		began := time.Now()
		webserve.Patient(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			require.WithinRange(t, w.until, began.Add(29*time.Second), time.Now().Add(31*time.Second), "for the first byte")
		})).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x")))
		webserve.Patient(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.Copy(io.Discard, r.Body)
			require.NoError(t, err)
		})).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", size))))
		require.GreaterOrEqual(t, w.until.Sub(began), 30*time.Second+time.Duration(size>>10)*time.Second, "a second more for each kilobyte")
	}
	w := &deadlines{ResponseWriter: httptest.NewRecorder()}
	webserve.Patient(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	require.Zero(t, w.until, "what has no body has no deadline: a WebSocket or an event stream, say")
}

func TestAServerGoesOnUntilLoadBalancersHaveNoticed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, end := context.WithCancel(t.Context())
	noticed, done := make(chan struct{}), make(chan error, 1)
	server := webserve.Server{
		Handler: http.NotFoundHandler(), Drain: time.Hour, Ending: func() { close(noticed) }, Log: slog.New(slog.DiscardHandler),
	}
	go func() { done <- server.Serve(ctx, l) }()
	ask := func() *http.Response {
		answer, err := http.Get("http://" + l.Addr().String())
		require.NoError(t, err)
		_, _ = io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		return answer
	}
	require.False(t, ask().Close)
	end()
	<-noticed
	require.Equal(t, http.StatusNotFound, ask().StatusCode, "it still answers, on new connections too")
	require.True(t, ask().Close, "and asks for another connection each time, which goes to another server")
	l.Close()
	require.Error(t, <-done)
}
