package edgeauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// asked are the rules that a request has to meet: that of the path asked for and that of the path served.
type asked struct{ path, served *Rule }

// forRequest finds the rules. A path that is not clean is never public.
func (rs *rules) forRequest(v *visit, served string) asked {
	if !v.clean {
		return asked{signedIn, signedIn}
	}
	rule := rs.match(v.r.Method, v.path)
	if served == "" && rs.indexed && strings.HasSuffix(v.path, "/") {
		served = v.r.Path + folderIndex
	}
	if served == "" {
		return asked{rule, rule}
	}
	decoded, _ := address.CleanPath(served)
	return asked{rule, rs.match(v.r.Method, decoded)}
}

func (a asked) anyone() bool { return a.path.Anyone && a.served.Anyone }

// permits reports why an identity may not go on: the rules first, then the program's own check, which can only refuse.
func (g *Guard) permits(ctx context.Context, v *visit, a asked, id Identity) error {
	if err := a.path.Permits(id); err != nil {
		return err
	}
	if a.served != a.path {
		if err := a.served.Permits(id); err != nil {
			return err
		}
	}
	if g.cfg.Check != nil {
		if err := g.cfg.Check(ctx, v.r, id); err != nil {
			return fmt.Errorf("%w: %w", reason.ForbiddenByCheck, err)
		}
	}
	return nil
}

// served is the path that index rewriting serves in the place of the one asked for; "" for the same.
func (g *Guard) served(v *visit) string {
	index := &g.cfg.Index
	if index.SPA == "" && index.Folder == "" || !v.clean || !v.reads() {
		return ""
	}
	last := v.path[strings.LastIndexByte(v.path, '/')+1:]
	switch {
	case strings.Contains(last, "."):
		return ""
	case index.SPA != "":
		return address.EscapeURL(index.SPA)
	case last == "":
		return address.EscapeURL(v.r.Path + index.Folder)
	}
	return address.EscapeURL(v.r.Path + "/" + index.Folder)
}

// allow lets a request go on, without what must not go on: the session's cookies and the viewer's own copies of
// identity headers. s is nil on public paths.
func (g *Guard) allow(v *visit, s *session, set []*http.Cookie) Decision {
	d := Decision{Action: Allow, Cookies: set}
	d.Forward = Forward{Drop: g.drop, Cookie: foreignCookies(v.r.Cookie), Path: g.served(v)}
	if len(set) > 0 {
		// The response now depends on who asked, whatever the application says about it.
		d.Header = http.Header{"Cache-Control": {"private, no-store"}}
	}
	if s == nil {
		return d
	}
	d.Identity = s.identity
	if len(g.cfg.Forward.Headers) == 0 && !g.cfg.Forward.AccessToken {
		return d
	}
	d.Forward.Set = make(http.Header, len(g.drop))
	for name, claim := range g.cfg.Forward.Headers {
		if text := headerText(s.identity.Claim(claim)); text != "" {
			d.Forward.Set.Set(name, text)
		}
	}
	if g.cfg.Forward.AccessToken && s.access != "" {
		d.Forward.Set.Set("Authorization", "Bearer "+s.access)
	}
	return d
}

// headerText is a claim as a header value: lists with commas, and percent-encoded outside printable ASCII.
func headerText(claim any) string {
	switch c := claim.(type) {
	case nil:
		return ""
	case string:
		return percentText(c)
	case []any:
		parts := make([]string, len(c))
		for i, entry := range c {
			parts[i] = strings.ReplaceAll(headerText(entry), ",", "%2C")
		}
		return strings.Join(parts, ",")
	case map[string]any:
		text, _ := json.Marshal(c) // it came from JSON
		return percentText(string(text))
	}
	return fmt.Sprint(claim)
}

func percentText(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// notAdmitted answers a request that has no session to go on with.
func (g *Guard) notAdmitted(ctx context.Context, v *visit, why error) Decision {
	var once *again
	switch {
	case errors.As(why, &once):
		return g.sendAgain(v, once)
	case errors.Is(why, reason.Loop):
		return g.notKept(v, why)
	case reason.IsTransient(why), errors.Is(why, reason.ProviderError), errors.Is(why, reason.TokenAnswer), errors.Is(why, reason.SessionTooLarge),
		errors.Is(why, reason.Internal):
		return g.failed(ctx, v, why)
	}
	d := g.needSignIn(ctx, v, why)
	if reason.IsRevoked(why) || reason.IsForOtherSession(why) {
		d.Cookies = append(g.clearSession(v), d.Cookies...) // it is over for good; nobody need ask again
	}
	return d
}

// notKept tells a person whose browser comes back without what it was given: signing in again would loop.
func (g *Guard) notKept(v *visit, why error) Decision {
	if !errors.Is(why, reason.Loop) {
		why = fmt.Errorf("%w: %d sign-ins within %v left no session: %w", reason.Loop, maxEndings, endingsLife, why)
	}
	return g.respond(v, page{
		status: http.StatusBadRequest, code: "cookies_not_kept", title: "Your browser does not keep the sign-in",
		text: "Please allow cookies for this site, then try again.", link: g.loginLink(g.here(v)), label: "Sign in", reference: true,
	}, why)
}

// forbidden tells somebody who is signed in that this is not for them. Signing in again would not change it.
func (g *Guard) forbidden(v *visit, set []*http.Cookie, why error) Decision {
	d := g.respond(v, page{
		status: http.StatusForbidden, code: "forbidden", title: "This page is not open to you",
		text: "You are signed in, but your account has no access here.", link: g.cfg.Paths.Logout, label: "Sign out", reference: true,
	}, why)
	d.Cookies = set
	return d
}

func (g *Guard) unknownHost(v *visit) Decision {
	return g.respond(v, page{
		status: http.StatusMisdirectedRequest, code: "unknown_host", title: "There is no site here",
		text: "Please check the address.", reference: true,
	}, fmt.Errorf("%w: %q", reason.UnknownHost, reason.Clip(v.r.Host)))
}

func (g *Guard) badPath(v *visit) Decision {
	return g.respond(v, page{
		status: http.StatusBadRequest, code: "bad_path", title: "This address does not work",
		text: "Please check the address, or go to the start page.", link: "/", label: "Go to the start page",
	}, fmt.Errorf("%w: %q", reason.BadPath, reason.Clip(v.r.Path)))
}
