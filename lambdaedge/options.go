package lambdaedge

import (
	"fmt"
	"log/slog"

	"github.com/edgeauth/edgeauth"
)

// Options are for [NewWithOptions]. The zero value does what [New] does.
type Options struct {
	// ViewerResponse says that the distribution runs this function at its viewer-response event too. What a decision
	// adds to the response of an allowed request, such as the cookies of a renewed session, then goes there in a
	// header of the request, sealed and good for 30 s. This spares fetches and form posts the redirect to their own
	// address that renews a session otherwise. Navigations, and requests with more than 4 KB of cookies, are
	// redirected all the same. Default off.
	//
	// Nobody has verified this on AWS. It needs CloudFront to show the viewer-response event the header that was set
	// at viewer-request, under the same request id. CloudFront does not run viewer-response where the origin answers
	// with 400 or more: the new cookies are lost, and where the provider rotates refresh tokens, that session has to
	// sign in again. At viewer-response the function protects nothing; only its viewer-request event does.
	ViewerResponse bool
	// Keys seal what is handed over: 32 random bytes each, the first seals, all open. The keys of sessions will do,
	// since each purpose derives its own. Required with ViewerResponse.
	Keys [][]byte
	// Logger gets what keeps an event from being served. Decisions are in the checker's own log. Default
	// slog.Default().
	Logger *slog.Logger
}

// NewWithOptions is [New] with options. It reports every fault of them at once.
func NewWithOptions(checker edgeauth.Checker, o Options) (*Handler, error) {
	h := &Handler{checker: checker, logger: o.Logger}
	if !o.ViewerResponse {
		return h, nil
	}
	var err error
	if h.handover, err = newHandover(o.Keys); err != nil {
		return nil, fmt.Errorf("lambdaedge: %w", err)
	}
	return h, nil
}
