package forwardauth_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"testing"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/forwardauth"
)

// Whatever headers come, a success goes with an Allow alone, of a checker that was asked about what the proxy of this path
// states, and to nobody but a trusted peer.
func FuzzHandler(f *testing.F) {
	for _, lines := range [][]string{caddy, nginx, absolute, append(caddy, nginx...)} {
		f.Add(0, "127.0.0.1:1", "app.example.com", strings.Join(lines, "\n"), 3)
		f.Add(1, "127.0.0.1:1", "app.example.com", strings.Join(lines, "\n"), 3)
		f.Add(2, "[::1]:1", "app.example.com", strings.Join(lines, "\n"), 2)
	}
	paths := []string{relay, alone, forwardauth.AnswerPath}
	f.Fuzz(func(t *testing.T, which int, from, host, lines string, action int) {
		path := paths[uint(which)%uint(len(paths))]
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr, r.Host = from, host
		for line := range strings.SplitSeq(lines, "\n") {
			name, value, _ := strings.Cut(line, ":")
			name = textproto.CanonicalMIMEHeaderKey(name)
			r.Header[name] = append(r.Header[name], strings.TrimSpace(value))
		}
		s := &scripted{Decision: edgeauth.Decision{Action: edgeauth.Action(action), Status: 200, Location: "https://id.example.net/"}}
		o := loopback
		o.Logger = slog.New(slog.DiscardHandler)
		w := httptest.NewRecorder()
		forwardauth.Handler(s, o).ServeHTTP(w, r)
		if w.Code/100 != 2 {
			return
		}
		if !strings.HasPrefix(from, "127.") && !strings.HasPrefix(from, "[::ffff:127.") && !strings.HasPrefix(from, "[::ffff:7f") {
			t.Errorf("a success for %q", from)
		}
		if path == forwardauth.AnswerPath || s.Action != edgeauth.Allow || len(s.asked) != 1 {
			t.Fatalf("a success without an Allow: asked %d times", len(s.asked))
		}
		method, want := r.Header["X-Forwarded-Method"], strings.Join(r.Header["X-Forwarded-Uri"], "|")
		other := r.Header["X-Original-Method"]
		if path == alone {
			method, other = other, method
			want = strings.Join(r.Header["X-Original-Uri"], "|")
			if whole := r.Header["X-Original-Url"]; whole != nil {
				_, rest, _ := strings.Cut(whole[0], "://")
				want = rest[strings.IndexByte(rest, '/'):] + want
			}
		}
		u, err := url.ParseRequestURI(want)
		if got := s.asked[0]; err != nil || got.Path != u.EscapedPath() || got.RawQuery != u.RawQuery || strings.Join(method, "|") != got.Method || other != nil {
			t.Errorf("asked about %q %q?%q, and the proxy states %q %q", got.Method, got.Path, got.RawQuery, method, want)
		}
	})
}
