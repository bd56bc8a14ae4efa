package edgeauth

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/edgeauth/edgeauth/internal/access"
	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

// permits returns why an identity may not pass: the rules first, then the program's own check, which can only refuse.
func (g *Guard) permits(ctx context.Context, v *visit, needs access.Needs, id Identity) error {
	if err := needs.Permits(id.p, v.now.Add(-g.cfg.Leeway)); err != nil {
		return err
	}
	if g.cfg.Check != nil {
		decoded := *v.r
		decoded.Path = v.path
		if err := g.cfg.Check(ctx, &decoded, id); err != nil {
			return fmt.Errorf("%w: %w", reason.ForbiddenByCheck, err)
		}
	}
	return nil
}

// Permits reports whether an identity meets the rule: nil, or an error that says what is missing.
func (rule Rule) Permits(id Identity) error {
	own := access.Rule(rule)
	return own.Permits(id.p, time.Now())
}

// allow passes a request on, without what must not be passed on: the session's cookies and the viewer's own copies of
// identity headers. s is nil on public paths.
func (g *Guard) allow(v *visit, s *session.Session, set []*http.Cookie) Decision {
	d := Decision{Action: Allow, Cookies: set}
	d.Forward = Forward{Drop: g.dropped, Cookie: cookies.Foreign(v.r.Cookie, cookies.Family), Path: v.served}
	if len(set) > 0 {
		// The response now depends on who asked, whatever the application says about it.
		d.Header = http.Header{"Cache-Control": {"private, no-store"}}
	}
	if s == nil {
		return d
	}
	d.Identity, d.Remaining = Identity{s.Who}, g.policy.End(s).Sub(v.now)
	if len(g.cfg.Forward.Headers) == 0 && !g.cfg.Forward.AccessToken {
		return d
	}
	d.Forward.Set = make(http.Header, len(g.dropped))
	for name, claim := range g.cfg.Forward.Headers {
		if text := session.HeaderText(d.Identity.Claim(claim)); text != "" {
			d.Forward.Set.Set(name, text)
		}
	}
	if g.cfg.Forward.AccessToken && s.Access != "" {
		d.Forward.Set.Set("Authorization", "Bearer "+s.Access)
	}
	return d
}
