package edgeauth

import "github.com/edgeauth/edgeauth/internal/reason"

// Reason is why a decision was made, for errors.Is: errors.Is(d.Reason, edgeauth.Reason("expired")). Its text is
// the stable code; docs/reasons.md lists them all.
type Reason = reason.Reason

// Code is the stable code of a decision's reason: "allowed" for nil, "internal" for an error that has none.
func Code(err error) string { return reason.Code(err) }
