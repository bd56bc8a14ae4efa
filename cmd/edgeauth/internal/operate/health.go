package operate

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// Health answers an orchestrator on a listener of its own, so that no rule and no host check stands in between, and so
// that no viewer can ask.
type Health struct {
	Metrics *Metrics
	ending  atomic.Bool
}

// End makes the server not ready: load balancers stop sending requests.
func (h *Health) End() { h.ending.Store(true) }

func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only to be read", http.StatusMethodNotAllowed)
	case r.URL.Path == "/live":
		fmt.Fprintln(w, "live")
	case r.URL.Path == "/ready" && h.ending.Load():
		http.Error(w, "ending", http.StatusServiceUnavailable)
	case r.URL.Path == "/ready":
		fmt.Fprintln(w, "ready")
	case r.URL.Path == "/metrics":
		h.Metrics.ServeHTTP(w, r)
	default:
		http.Error(w, "there are /live, /ready and /metrics", http.StatusNotFound)
	}
}
