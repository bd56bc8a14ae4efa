package edgeauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/access"
	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/attempt"
	"github.com/edgeauth/edgeauth/internal/cookies"
	"github.com/edgeauth/edgeauth/internal/oauth"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/registry"
	"github.com/edgeauth/edgeauth/internal/renewal"
	"github.com/edgeauth/edgeauth/internal/session"
)

// Checker decides whether requests may pass. [Guard] does so for one site.
type Checker interface {
	// Check decides whether r may pass. It never fails: trouble is a decision too, with its Reason. It keeps nothing of
	// r but its strings: a platform may use r again for the next request.
	Check(ctx context.Context, r *Request) Decision
}

// Guard protects one site. It is safe for concurrent use and keeps no goroutine.
type Guard struct {
	cfg   Config
	hosts address.Hosts
	rules access.Rules
	names cookies.Names

	client   *oauth.Client
	sessions session.Store
	policy   session.Policy
	attempts *attempt.Keeper
	renewals *renewal.Group

	design  *page.Design
	shown   []string // claims that the session path tells
	expects []string // claims that a sign-in is hoped to bring, one of them at least
	dropped []string // headers that are never passed on
	choices []*Guard // one for each provider, where the site has several: nothing of one counts at another
	outer   bool     // this is the one that chooses among them
}

// New returns the guard of a site, or every fault of its configuration at once. It makes no network call.
func New(config Config) (*Guard, error) { return newGuard(config, registry.New()) }

// Check decides whether r may pass.
func (g *Guard) Check(ctx context.Context, r *Request) (d Decision) {
	if r == nil {
		r = &Request{}
	}
	v := &visit{r: r}
	defer g.settle(ctx, v, &d)
	return g.decide(ctx, v)
}

// settle ends every decision, deferred: a panic denies, and the one record is written.
func (g *Guard) settle(ctx context.Context, v *visit, d *Decision) {
	if p := recover(); p != nil {
		*d = g.panicked(v, p)
	}
	if d.Identity.IsZero() {
		d.Identity = v.who
	}
	g.report(ctx, v, d)
}

// decide is the walk of one request, once, downwards: each step goes down one file and returns what it found.
func (g *Guard) decide(ctx context.Context, v *visit) Decision {
	if g.outer {
		return g.choose(ctx, v)
	}
	d, err := g.route(ctx, v)
	if err != nil {
		return g.answer(ctx, v, err, d)
	}
	return d
}

// choose finds the guard that answers: that of the provider whose callback it is, of the one that the login path
// is asked for, or of the session. Where there is none, any of them does; it asks which provider before it starts a sign-in.
func (g *Guard) choose(ctx context.Context, v *visit) Decision {
	guards, path := g.choices, v.r.Path
	own := slices.IndexFunc(guards, func(g *Guard) bool {
		return cookies.Has(v.r.Cookie, g.names.Session) || cookies.Has(v.r.Cookie, g.names.Refresh)
	})
	v.chosen = own >= 0
	called := slices.IndexFunc(guards, func(g *Guard) bool { return path == g.cfg.Paths.Callback })
	switch {
	case called >= 0:
		own, v.chosen = called, true
	case path == g.cfg.Paths.Login:
		i := g.asked(ctx, v)
		if v.chosen = i >= 0; v.chosen { // else whoever is signed in may want another
			own = i
		}
	}
	own = max(0, own)
	d := guards[own].decide(ctx, v)
	for i, g := range guards { // one session at a time
		switch {
		case i == own:
		case errors.Is(d.Reason, reason.SignedOut):
			other := *v // what is loaded for it is not what this request is about
			values, _ := g.readSession(&other)
			d.Cookies = append(d.Cookies, g.end(ctx, &other, values, g.everySession(ctx, &other, values), nil)...)
		case called >= 0 && guards[own].writes(d.Cookies):
			d.Cookies = append(d.Cookies, g.clearSession(v)...)
		}
	}
	return d
}

// asked is the provider that the login path is asked for: by its name, by its issuer (OIDC Core 4), or by the domain of an
// address; below 0 for none.
func (g *Guard) asked(ctx context.Context, v *visit) int {
	name, issuer, email := address.Param(v.r.RawQuery, "provider"), address.Param(v.r.RawQuery, "iss"), address.Param(v.r.RawQuery, "email")
	return slices.IndexFunc(g.choices, func(g *Guard) bool {
		if name == "" && issuer != "" {
			return g.client.IsIssuer(ctx, issuer)
		}
		return g.cfg.choice.access().Asked(name, email)
	})
}

// route finds out what a request asks for: an own path, or a page of the site.
func (g *Guard) route(ctx context.Context, v *visit) (Decision, error) {
	v.now = g.now()
	var known bool
	if v.origin, known = g.hosts.Origin(v.r.Host, v.r.Distribution); !known {
		return Decision{}, fmt.Errorf("%w: %q", reason.UnknownHost, reason.Clip(v.r.Host))
	}
	if address.HostilePath(v.r.Path) {
		return Decision{}, badPath(v)
	}
	v.path, v.clean = address.CleanPath(v.r.Path)
	if g.rules.Spaced && strings.Contains(v.r.Path, "+") {
		v.clean = false
	}
	if v.clean {
		switch v.path {
		case g.cfg.Paths.Callback:
			return g.callback(ctx, v)
		case g.cfg.Paths.Login:
			return g.login(ctx, v)
		case g.cfg.Paths.Logout:
			return g.logout(ctx, v)
		case g.cfg.Paths.Session:
			return g.sessionInfo(ctx, v)
		case g.cfg.Paths.SignedOut:
			return g.signedOut(v)
		}
	} else if g.rules.Restricted || g.cfg.Check != nil {
		return Decision{}, badPath(v)
	}
	return g.sitePage(ctx, v)
}

// sitePage decides about a page of the site: the rules that hold for it, the session, and whether the one meets the other.
func (g *Guard) sitePage(ctx context.Context, v *visit) (Decision, error) {
	if g.cfg.Index.lacksSlash(v) {
		return Decision{Action: Redirect, Status: http.StatusFound, Location: v.urlOf(v.r.Path + "/"), Header: ownHeader(), Reason: reason.FolderSlash}, nil
	}
	v.served = g.cfg.Index.servedFor(v)
	needs := g.needs(v)
	if needs.Anyone() {
		return g.allow(v, nil, nil), nil
	}
	s, set, err := g.admit(ctx, v, v.r.CookiesOnAllow)
	if err != nil {
		return Decision{}, err
	}
	if err := g.permits(ctx, v, needs, Identity{s.Who}); err != nil {
		v.who = Identity{s.Who}
		return Decision{Cookies: set}, err
	}
	return g.allow(v, s, set), nil
}

func badPath(v *visit) error { return fmt.Errorf("%w: %q", reason.BadPath, reason.Clip(v.r.Path)) }
