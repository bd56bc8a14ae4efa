package edgeauth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
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
func (g *Guard) allow(v *visit, s *session.Session, set []*http.Cookie) Decision {
	d := Decision{Action: Allow, Cookies: set}
	d.Forward = Forward{Drop: g.dropped, Cookie: foreignCookies(v.r.Cookie), Path: g.served(v)}
	if len(set) > 0 {
		// The response now depends on who asked, whatever the application says about it.
		d.Header = http.Header{"Cache-Control": {"private, no-store"}}
	}
	if s == nil {
		return d
	}
	d.Identity = Identity{s.Who}
	if len(g.cfg.Forward.Headers) == 0 && !g.cfg.Forward.AccessToken {
		return d
	}
	d.Forward.Set = make(http.Header, len(g.dropped))
	for name, claim := range g.cfg.Forward.Headers {
		if text := headerText(d.Identity.Claim(claim)); text != "" {
			d.Forward.Set.Set(name, text)
		}
	}
	if g.cfg.Forward.AccessToken && s.Access != "" {
		d.Forward.Set.Set("Authorization", "Bearer "+s.Access)
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
