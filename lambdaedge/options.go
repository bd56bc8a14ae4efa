package lambdaedge

import (
	"fmt"
	"log/slog"

	"github.com/edgeauth/edgeauth"
)

// Options are for [NewWithOptions]. The zero value does what [New] does.
type Options struct {
	// ViewerResponse says that the distribution runs this function at its viewer-response event too. What a decision
	// adds to the response of an allowed request, such as the cookies of a renewed session, then travels there in a
	// header of the request, encrypted and valid for 30 s. Fetches and form posts then need no redirect to their own
	// address when a session is renewed. Page views, and requests with more than 4 KB of cookies, are still redirected.
	// Default off.
	//
	// Nobody has verified this on AWS. It needs CloudFront to show the viewer-response event the header that was set
	// at viewer-request, under the same request id. CloudFront does not run viewer-response where the origin answers
	// with 400 or more: the new cookies are lost, and where the provider rotates refresh tokens, that session has to
	// sign in again. At viewer-response the function protects nothing; only its viewer-request event does.
	ViewerResponse bool
	// Keys encrypt the hand-over: 32 random bytes each; the first encrypts, all decrypt. They may be the keys of the
	// sessions, since another key is derived for each purpose. Required with ViewerResponse.
	Keys [][]byte
	// Logger gets a record for each event that could not be served. Decisions are logged by the checker. Default
	// slog.Default().
	Logger *slog.Logger
}

// NewWithOptions is [New] with options. Its error holds every fault of the options.
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
