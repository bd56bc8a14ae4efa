package edgeauth

import (
	"context"
	"net/http"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
)

// noSessionInfo is why the session path has nobody to tell about. A script that asks gets that as an answer of its own.
type noSessionInfo struct{ why error }

func (e *noSessionInfo) Error() string { return e.why.Error() }
func (e *noSessionInfo) Unwrap() error { return e.why }

// sessionInfo tells the site's own scripts who is signed in. It shows chosen claims and never a token.
func (g *Guard) sessionInfo(ctx context.Context, v *visit) (Decision, error) {
	if !v.reads() {
		return v.methodNotAllowed("GET, HEAD")
	}
	switch v.header("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return Decision{}, reason.CrossSite
	}
	s, set, err := g.admit(ctx, v, true)
	switch {
	case err != nil && (reason.ClassOf(err) == reason.Done || reason.IsTransient(err)): // the same question, a little later
		return Decision{}, err
	case err != nil:
		return Decision{}, &noSessionInfo{err}
	}
	who, claims := Identity{s.Who}, make(map[string]any)
	v.who = who
	for _, name := range g.shown {
		if value := who.Claim(name); value != nil {
			claims[name] = value
		}
	}
	d := Decision{Action: Respond, Status: http.StatusOK, Header: ownHeader(), Cookies: set, Reason: reason.SessionInfo}
	answer := map[string]any{
		"authenticated": true, "subject": who.Subject(), "claims": claims,
		"expires_at": g.policy.End(s).UTC().Format(time.RFC3339),
	}
	if who.Provider() != "" {
		answer["provider"] = who.Provider()
	}
	d.json(answer)
	return d, nil
}
