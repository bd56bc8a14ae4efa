// Package lambdaedge protects a CloudFront distribution: a Lambda@Edge function for its viewer-request event.
//
// It only ever returns valid CloudFront results: what CloudFront would turn into a 502 or 503 becomes an error page of
// this package and a log line. No field of a request is lost, also none that this package does not know.
package lambdaedge

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// Handler answers viewer-request events. It is safe for concurrent use.
type Handler struct {
	checker  edgeauth.Checker
	logger   *slog.Logger
	handover *handover // nil where viewer-response events are not served
	events   sync.Pool // of *event
}

var _ lambda.Handler = (*Handler)(nil)

// New returns a handler that passes on what checker allows and answers everything else itself.
func New(checker edgeauth.Checker) *Handler { return &Handler{checker: checker} }

// Invoke returns what CloudFront is to do with one event, as JSON. The error is always nil: CloudFront answers 503
// for an error, and a panic would end the process. The result may be a part of payload.
func (h *Handler) Invoke(ctx context.Context, payload []byte) (result []byte, err error) {
	e := h.event()
	defer func() {
		if v := recover(); v != nil { // e may still be in use, so it is not reused
			h.log(ctx, e, reason.Internal, "edgeauth: a panic while serving an event", reason.PanicText(v))
			result, err = e.fault(), nil
		}
	}()
	result, trouble := h.serve(ctx, e, payload)
	if trouble != nil {
		result = h.troubled(ctx, e, trouble, result)
	}
	h.release(e)
	return result, nil
}

// serve returns the result, or an error and the result to return in its place.
func (h *Handler) serve(ctx context.Context, e *event, payload []byte) ([]byte, error) {
	if err := e.read(payload); err != nil {
		return nil, &refusal{reason.BadRequest, http.StatusBadRequest, "This request could not be read.\n", "not a CloudFront event: " + err.Error()}
	}
	if h.handover != nil && e.eventType.text == "viewer-response" && e.response.there() {
		return h.handover.respond(e)
	}
	if err := e.wrongPlace(); err != nil {
		return nil, &refusal{reason.Internal, http.StatusInternalServerError, "This function works at the viewer-request event alone.\n",
			err.Error() + ", want viewer-request: change the distribution's function association"}
	}
	r := e.ask()
	r.CookiesOnAllow = h.handover.carries(r)
	carries := r.CookiesOnAllow
	d := h.checker.Check(ctx, r)
	a, err := answer.Of(&d)
	handed := ""
	switch {
	case err != nil:
		return nil, err
	case !a.Pass:
		return response(a, e.method.text)
	case a.Header != nil && !carries:
		// Without the header the request would lose cookies, or caches would keep what they must not.
		return nil, errors.New("the decision allows with headers for the viewer, which viewer-request cannot add")
	case a.Header != nil:
		if handed, err = h.handover.close(e.requestID.text, a.Header); err != nil {
			return nil, err
		}
	}
	return e.forward(&d.Forward, handed)
}

// event returns an event to read into. Events are reused: an allowed request costs two allocations.
func (h *Handler) event() *event {
	if e, ok := h.events.Get().(*event); ok {
		return e
	}
	return newEvent()
}

func (h *Handler) release(e *event) {
	if len(e.request.member)+len(e.response.member) <= maxHeaders {
		e.reset()
		h.events.Put(e)
	}
}

// troubled logs why an event could not be served, and returns the result in its place.
func (h *Handler) troubled(ctx context.Context, e *event, trouble error, result []byte) []byte {
	code := reason.Internal
	var r *refusal
	if errors.As(trouble, &r) {
		code = r.code
	}
	if result != nil {
		h.log(ctx, e, code, "edgeauth: nothing was added to a response", trouble.Error())
		return result
	}
	h.log(ctx, e, code, "edgeauth: denied", trouble.Error())
	if r == nil {
		return e.fault()
	}
	out, _ := response(answer.Plain(r.status, r.page), e.method.text) // breaks no rule
	return out
}

func (e *event) fault() []byte {
	out, _ := response(answer.Fault(), e.method.text) // breaks no rule
	return out
}

// refusal is an error with its own page for the viewer.
type refusal struct {
	code   reason.Reason
	status int
	page   string
	why    string // for the log
}

func (r *refusal) Error() string { return r.why }

// log writes a record with the same attribute names as the record of a decision.
func (h *Handler) log(ctx context.Context, e *event, code reason.Reason, message, why string) {
	defer func() { _ = recover() }() // a broken logger must not lock everybody out
	logger := h.logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.ErrorContext(ctx, message, slog.String("code", string(code)), slog.String("reason", why), slog.String("reference", e.requestID.text))
}
