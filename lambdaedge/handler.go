// Package lambdaedge protects a CloudFront distribution: a Lambda@Edge function for its viewer-request event.
//
// It answers with valid CloudFront results alone: what CloudFront would turn into a 502 or 503 becomes a page of our
// own and a log line. No field of a request is lost on its way, known to this package or not.
package lambdaedge

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// Handler answers viewer-request events. It is safe for concurrent use.
type Handler struct {
	// Logger gets what keeps an event from being served. Decisions are in the checker's own log.
	// Default slog.Default().
	Logger *slog.Logger

	checker edgeauth.Checker
}

var _ lambda.Handler = (*Handler)(nil)

// New returns a handler that passes on what checker allows and answers everything else itself.
func New(checker edgeauth.Checker) *Handler { return &Handler{checker: checker} }

// Start serves events with checker until the process ends.
func Start(checker edgeauth.Checker) {
	runtime.GOMAXPROCS(1) // an instance serves one event at a time and owns a fraction of one core
	lambda.Start(New(checker))
}

// Invoke returns what CloudFront is to do with one event, as JSON. The error is always nil: CloudFront answers 503
// for an error, and a panic would end the process.
func (h *Handler) Invoke(ctx context.Context, payload []byte) (result []byte, err error) {
	e := &event{}
	defer func() {
		if v := recover(); v != nil {
			h.log(ctx, e, "edgeauth: a panic while serving an event", reason.PanicText(v))
			result, err = e.fault(), nil
		}
	}()
	result, trouble := h.serve(ctx, e, payload)
	if trouble != nil {
		h.log(ctx, e, "edgeauth: denied", trouble.Error())
		return e.answer(trouble), nil
	}
	return result, nil
}

func (h *Handler) serve(ctx context.Context, e *event, payload []byte) ([]byte, error) {
	if err := e.read(payload); err != nil {
		return nil, &refusal{http.StatusBadRequest, "This request could not be read.\n", "not a CloudFront event: " + err.Error()}
	}
	if err := e.wrongPlace(); err != nil {
		return nil, &refusal{http.StatusInternalServerError, "This function works at the viewer-request event alone.\n",
			err.Error() + ", want viewer-request: change the distribution's function association"}
	}
	d := h.checker.Check(ctx, e.toRequest())
	a, err := answer.Of(&d)
	switch {
	case err != nil:
		return nil, err
	case !a.Pass:
		return response(a, e.method.text)
	case a.Header != nil:
		// Serving it without would lose cookies, or leave in caches what must not be there.
		return nil, errors.New("the decision allows with headers for the viewer, which viewer-request cannot add")
	}
	return e.forward(&d.Forward)
}

// refusal is trouble that has a page of its own.
type refusal struct {
	status int
	page   string
	why    string // for the log
}

func (r *refusal) Error() string { return r.why }

// answer is the page for what kept an event from being served.
func (e *event) answer(trouble error) []byte {
	var r *refusal
	if !errors.As(trouble, &r) {
		return e.fault()
	}
	out, _ := response(answer.Plain(r.status, r.page), e.method.text) // breaks no rule
	return out
}

func (e *event) fault() []byte {
	out, _ := response(answer.Fault(), e.method.text) // breaks no rule
	return out
}

func (h *Handler) log(ctx context.Context, e *event, message, reason string) {
	defer func() { _ = recover() }() // a log that is broken must not lock everybody out
	logger := h.Logger
	if logger == nil {
		logger = slog.Default()
	}
	logger.ErrorContext(ctx, message, slog.String("request_id", e.requestID.text), slog.String("reason", reason))
}
