package operate

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics counts what a server does, for Prometheus. Its labels are bounded: reason codes, HTTP statuses and outcomes.
type Metrics struct {
	set      *metrics.Set
	inFlight atomic.Int64
	decision *metrics.PrometheusHistogram
	request  *metrics.PrometheusHistogram
}

// NewMetrics returns metrics of a server of this version.
func NewMetrics(version string) *Metrics {
	metrics.ExposeMetadata(true)
	m := &Metrics{set: metrics.NewSet()}
	m.decision = m.set.NewPrometheusHistogramExt("edgeauth_decision_seconds", []float64{5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2, .1, .5, 1, 2, 5, 10})
	m.request = m.set.NewPrometheusHistogramExt("edgeauth_request_seconds", []float64{1e-4, 1e-3, 5e-3, 1e-2, 5e-2, .1, .25, .5, 1, 2.5, 5, 10})
	m.set.NewGauge("edgeauth_requests_in_flight", func() float64 { return float64(m.inFlight.Load()) })
	m.set.NewGauge(fmt.Sprintf("edgeauth_build_info{version=%q}", version), func() float64 { return 1 })
	for _, outcome := range []string{"taken", "refused"} { // a rate needs a first value
		m.set.NewCounter(fmt.Sprintf("edgeauth_reloads_total{outcome=%q}", outcome))
	}
	return m
}

func (m *Metrics) begin() { m.inFlight.Add(1) }

// end counts a request by the reason code of its decision and by the status of its answer.
func (m *Metrics) end(code string, status int, took time.Duration) {
	m.inFlight.Add(-1)
	m.request.Update(took.Seconds())
	m.set.GetOrCreateCounter(fmt.Sprintf(`edgeauth_requests_total{code=%q,status="%d"}`, code, status)).Inc()
}

func (m *Metrics) decided(took time.Duration) { m.decision.Update(took.Seconds()) }

// reloaded counts a change of what is served by.
func (m *Metrics) reloaded(outcome string) {
	m.set.GetOrCreateCounter(fmt.Sprintf("edgeauth_reloads_total{outcome=%q}", outcome)).Inc()
}

// Gauge adds a value that is asked for whenever somebody looks.
func (m *Metrics) Gauge(name string, value func() float64) { m.set.GetOrCreateGauge(name, value) }

// WriteTo writes everything in Prometheus' text format, with what the runtime and the system say of the process.
func (m *Metrics) write(w io.Writer) {
	m.set.WritePrometheus(w)
	metrics.WriteProcessMetrics(w)
}

func (m *Metrics) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	m.write(w)
}
