package e2e

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A server that logs and counts each request keeps nothing of it. With -long a thousand come each second for a minute.
func TestAServerUnderLoadKeepsNothing(t *testing.T) {
	t.Parallel()
	rate, lasts := 200, 2*time.Second
	if *long {
		rate, lasts = 1000, time.Minute
	}
	w, address := prepareSite(t, setup{mode: "sealed"})
	health := net.JoinHostPort("127.0.0.1", freePort(t))
	w.process = start(t, "edgeauth serve", command(t), "serve", "-config", w.write(t), "-dir", "site", "-addr", address, "-insecure-http", "-health", health, "-log", "json")
	w.answers(t, w.URL)
	member := newVisitor(t)
	member.visit(w, "/", ada)
	member.client.Transport = &http.Transport{MaxIdleConnsPerHost: 32}
	metric := func(name string) float64 {
		answer, err := http.Get("http://" + health + "/metrics")
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindSubmatch(text)
		require.NotNil(t, found, "%s in %s", name, text)
		value, err := strconv.ParseFloat(string(found[1]), 64)
		require.NoError(t, err)
		return value
	}
	const allowed = `edgeauth_requests_total{code="allowed",status="200"}`
	burst := func(lasts time.Duration) (sent int64) {
		const people = 16
		var count, failed atomic.Int64
		var all sync.WaitGroup
		for range people {
			all.Go(func() {
				pace := time.NewTicker(people * time.Second / time.Duration(rate))
				defer pace.Stop()
				for began := time.Now(); time.Since(began) < lasts; <-pace.C {
					answer, err := member.client.Get(w.URL + "/app.js")
					if count.Add(1); err != nil {
						failed.Add(1)
						continue
					}
					_, err = io.Copy(io.Discard, answer.Body)
					if answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
						failed.Add(1)
					}
				}
			})
		}
		all.Wait()
		require.Zero(t, failed.Load(), "of %d", count.Load())
		return count.Load()
	}
	warm := burst(lasts / 4)
	before, heap, routines := metric(allowed), metric("process_resident_memory_bytes"), metric("go_goroutines")
	sent := burst(lasts)
	require.Equal(t, before+float64(sent), metric(allowed), "each is counted")
	require.Zero(t, metric("edgeauth_requests_in_flight"))
	after := metric("process_resident_memory_bytes")
	t.Logf("%d requests after %d: %.1f MB, then %.1f MB; %d goroutines, then %d", sent, warm, heap/1e6, after/1e6, int(routines), int(metric("go_goroutines")))
	require.Less(t, after, heap+16e6, "memory grows")
	require.LessOrEqual(t, metric("go_goroutines"), routines+40, "goroutines are left")
}
