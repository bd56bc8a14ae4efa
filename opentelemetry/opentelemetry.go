// Package opentelemetry tells OpenTelemetry what edgeauth decides.
//
//	config.OnDecision, err = opentelemetry.OnDecision(otel.GetMeterProvider())
//
// Each decision is counted by its reason code, and the span that the request already has, such as one of otelhttp, gets the
// code, the action and the host. Who somebody is goes nowhere.
package opentelemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/edgeauth/edgeauth"
)

// The instrument and the attributes.
const (
	scope = "github.com/edgeauth/edgeauth"

	decisions = "edgeauth.decisions" // a counter, with code and action
	code      = attribute.Key("edgeauth.code")
	action    = attribute.Key("edgeauth.action")
	site      = attribute.Key("edgeauth.host") // on spans alone: a server of many sites would have too many series
)

// OnDecision returns a hook for [edgeauth.Config.OnDecision]. It fails where the provider cannot make a counter.
func OnDecision(meters metric.MeterProvider) (func(context.Context, *edgeauth.Request, *edgeauth.Decision), error) {
	counter, err := meters.Meter(scope).Int64Counter(decisions,
		metric.WithDescription("Decisions about requests, by reason code."), metric.WithUnit("{decision}"))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, r *edgeauth.Request, d *edgeauth.Decision) {
		decided := []attribute.KeyValue{code.String(d.Code()), action.String(d.Action.String())}
		counter.Add(ctx, 1, metric.WithAttributes(decided...))
		if span := trace.SpanFromContext(ctx); span.IsRecording() {
			span.SetAttributes(append(decided, site.String(r.Host))...)
		}
	}, nil
}
