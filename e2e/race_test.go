package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// startProcesses protects a site with several processes that know nothing of each other, and a balancer that gives each request
// to the next of them. The provider takes a refresh token that comes twice for theft, and ends the sign-in.
func startProcesses(t *testing.T, s setup, size int) *site {
	t.Helper()
	w, front := prepareSite(t, s)
	file := w.write(t)
	var processes []*httputil.ReverseProxy
	for range size {
		port := freePort(t)
		w.serve(t, file, net.JoinHostPort("127.0.0.1", port))
		w.answers(t, "http://127.0.0.1:"+port)
		processes = append(processes, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "127.0.0.1:" + port})
			r.Out.Host = r.In.Host
		}})
	}
	var next atomic.Int64
	serveAt(t, front, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		processes[next.Add(1)%int64(size)].ServeHTTP(rw, r)
	}))
	return w
}

// subRequests are what a page asks for at once, as browsers say it. All of them end on the site.
func (v *visitor) subRequests(w *site, n int) {
	v.t.Helper()
	kinds := []map[string]string{
		{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
		{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "style"},
	}
	var all sync.WaitGroup
	failed := make(chan string, n)
	for i := range n {
		all.Go(func() {
			r, err := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/data/members.json?%d", w.URL, i), nil)
			if err != nil {
				failed <- err.Error()
				return
			}
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			for name, value := range kinds[i%len(kinds)] {
				r.Header.Set(name, value)
			}
			answer, err := v.client.Do(r)
			if err != nil {
				failed <- err.Error()
				return
			}
			defer answer.Body.Close()
			body, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != http.StatusOK || answer.Request.URL.Host != r.URL.Host {
				failed <- fmt.Sprintf("%d of %s: %s", answer.StatusCode, answer.Request.URL, body)
			}
		})
	}
	all.Wait()
	close(failed)
	for what := range failed {
		v.t.Error(what)
	}
}

// A page view is one navigation, and behind it what the page asks for. Only the first may meet an ended token.
func TestAPageViewOverFourProcessesUsesARefreshTokenOnce(t *testing.T) {
	for _, mode := range []string{"sealed", "tokens"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := startProcesses(t, setup{mode: mode}.shortLived(), 4)
			v := newVisitor(t)
			v.visit(w, "/", ada)
			w.outlive(t)

			page := v.open(w.URL + "/")
			require.Equal(t, w.URL+"/", page.url, page.body)
			v.subRequests(w, 49)
			page = v.open(w.URL + "/")
			require.Equal(t, w.URL+"/", page.url, "the next page view")
			v.subRequests(w, 49)

			require.Len(t, w.idp.tokenCalls(t, "refresh_token"), 1)
			require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 1, "somebody was sent to sign in again")
		})
	}
}

// A page that was left open asks for many things at once after its token's end, and no navigation came before. Within one
// process they share one renewal.
func TestAPageThatWasLeftOpenUsesARefreshTokenOnceInAProcess(t *testing.T) {
	for _, mode := range []string{"sealed", "tokens"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := startProcesses(t, setup{mode: mode}.shortLived(), 1)
			v := newVisitor(t)
			v.visit(w, "/", ada)
			w.outlive(t)
			v.subRequests(w, 49)
			require.Len(t, w.idp.tokenCalls(t, "refresh_token"), 1)
			require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 1, "somebody was sent to sign in again")
		})
	}
}

// The same page, where the requests come to four processes at once. One of them is in time with the refresh token; the others
// are refused, and the provider ends the sign-in. What the first one got counts all the same, until its own end: the refused
// requests come back when the browser has it.
func TestAPageThatWasLeftOpenKeepsItsSessionOverFourProcesses(t *testing.T) {
	for _, mode := range []string{"sealed", "tokens"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := startProcesses(t, setup{mode: mode}.shortLived(), 4)
			v := newVisitor(t)
			v.visit(w, "/", ada)
			w.outlive(t)
			v.subRequests(w, 49)
			page := v.open(w.URL + "/")
			require.Equal(t, w.URL+"/", page.url, "somebody was sent to sign in again")
			refused := 0
			for _, c := range w.idp.calls(t) {
				if c.Grant == "refresh_token" && !c.OK {
					refused++
				}
			}
			require.NotZero(t, refused, "a provider that is strict, and processes that did not know of each other")
		})
	}
}
