package e2e

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

// A watched server is a process that has nothing but a guard, and tells what it holds: this test binary, started again.
const watchedEnv = "E2E_WATCHED_SERVER"

// watchedConfig is what a watched server is told by its environment.
type watchedConfig struct {
	Issuer, Address string
	Outlive         bool // Session.OutliveToken
}

// held is what a process holds, after a collection of garbage.
type held struct {
	Goroutines int
	Heap       uint64 // bytes
}

// beWatched runs the server until its standard input ends.
func beWatched(text string) error {
	var c watchedConfig
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	key := make([]byte, 32)
	rand.Read(key)
	guard, err := edgeauth.New(edgeauth.Config{
		Provider: provider.OIDC(c.Issuer), ClientID: "site", Hosts: []string{strings.Replace(c.Address, "127.0.0.1", "localhost", 1)},
		InsecureHTTP: true, Leeway: edgeauth.NoLeeway, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)), // read where a test fails
		Session: edgeauth.Session{Keys: [][]byte{key}, OutliveToken: c.Outlive},
	})
	if err != nil {
		return err
	}
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Hello", nethttp.Identity(r).Claim("name"))
	})
	tell := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		writeJSON(w, held{runtime.NumGoroutine(), m.HeapAlloc})
	})
	for address, handler := range map[string]http.Handler{c.Address: nethttp.Protect(guard, page), "127.0.0.1:0": tell} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		if address != c.Address {
			fmt.Printf("watched at http://%s\n", listener.Addr())
		}
		go func() { _ = (&http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}).Serve(listener) }()
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// startWatched starts a watched server. Holds asks it what it holds.
func startWatched(t *testing.T, c watchedConfig) (holds func() held) {
	t.Helper()
	text, err := json.Marshal(c)
	require.NoError(t, err)
	env, err := exec.LookPath("env")
	require.NoError(t, err)
	p := start(t, "the watched server", env, watchedEnv+"="+string(text), os.Args[0])
	from := strings.TrimSpace(strings.TrimPrefix(p.line(t, "watched at "), "watched at "))
	return func() (h held) {
		answer, err := http.Get(from)
		require.NoError(t, err)
		defer answer.Body.Close()
		require.NoError(t, json.NewDecoder(answer.Body).Decode(&h))
		return h
	}
}
