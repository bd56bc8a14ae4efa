package edgeauth

import "context"

// Checker decides whether requests may pass. [Guard] does so for one site.
type Checker interface {
	// Check decides whether r may pass. It never fails: trouble is a decision too, with its Reason.
	Check(ctx context.Context, r *Request) Decision
}
