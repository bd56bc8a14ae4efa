package opentelemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/opentelemetry"
	"github.com/edgeauth/edgeauth/provider"
)

// A request that comes with a span, at a server that counts.
func TestDecisionsAreCountedAndTheSpanSaysThem(t *testing.T) {
	reader := metric.NewManualReader()
	hook, err := opentelemetry.OnDecision(metric.NewMeterProvider(metric.WithReader(reader)))
	require.NoError(t, err)
	guard, err := edgeauth.New(edgeauth.Config{
		Provider: provider.OIDC("https://idp.example"), ClientID: "app", Hosts: []string{"app.example.com"},
		Session: edgeauth.Session{Mode: edgeauth.Tokens}, Rules: []edgeauth.Rule{{Path: "/public/", Anyone: true}}, OnDecision: hook,
	})
	require.NoError(t, err)
	spans := tracetest.NewSpanRecorder()
	tracer := trace.NewTracerProvider(trace.WithSpanProcessor(spans)).Tracer("server")
	handler := nethttp.Protect(guard, http.NotFoundHandler())
	for _, path := range []string{"/public/", "/public/", "/private"} {
		ctx, span := tracer.Start(context.Background(), "request")
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "https://app.example.com"+path, nil).WithContext(ctx))
		span.End()
	}
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "https://app.example.com/public/", nil)) // without a span

	var got metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &got))
	require.Equal(t, "edgeauth.decisions", got.ScopeMetrics[0].Metrics[0].Name)
	counts := map[string]int64{}
	for _, point := range got.ScopeMetrics[0].Metrics[0].Data.(metricdata.Sum[int64]).DataPoints {
		counts[point.Attributes.Encoded(attribute.DefaultEncoder())] = point.Value
	}
	require.Equal(t, map[string]int64{"edgeauth.action=allow,edgeauth.code=allowed": 3, "edgeauth.action=deny,edgeauth.code=no_session": 1}, counts)

	require.Len(t, spans.Ended(), 3)
	require.ElementsMatch(t, []attribute.KeyValue{
		attribute.String("edgeauth.code", "no_session"), attribute.String("edgeauth.action", "deny"), attribute.String("edgeauth.host", "app.example.com"),
	}, spans.Ended()[2].Attributes())
}
