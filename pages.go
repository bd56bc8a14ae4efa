package edgeauth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// way is a way on from a page.
type way struct {
	label page.Label
	href  string // a path of this site
	post  bool
}

// respond makes the answer about a subject: a page for people, JSON for programs.
func (g *Guard) respond(v *visit, subject page.Subject, why error, ways ...way) Decision {
	p := g.page(v, subject, ways)
	d := Decision{Action: Respond, Status: p.Status, Header: ownHeader(), Reason: why}
	if p.Status >= 400 {
		d.Action = Deny
	}
	if after := p.RetryAfter(); after != "" {
		d.Header.Set("Retry-After", after)
	}
	if !v.fetch().WantsPage() {
		answer := map[string]any{"error": p.Code, "message": page.English(subject)}
		if p.Reference != "" {
			answer["reference"] = p.Reference
		}
		d.json(answer)
		return d
	}
	d.html(g.render(v, p))
	return d
}

// page is what a viewer gets to read about a subject.
func (g *Guard) page(v *visit, subject page.Subject, ways []way) page.Page {
	p := g.design.Page(subject, v.header("Accept-Language"))
	for _, w := range ways {
		p.Add(w.label, w.href, w.post)
	}
	if p.Site == "" && v.origin != "" {
		p.Site = v.r.Host
	}
	if p.Reported() {
		p.Reference = v.reference()
	}
	if subject == page.Forbidden && v.who.p != nil {
		p.Account = v.who.p.Account()
	}
	return p
}

// render lets the site's own hook make the page. Where that fails, the page is ours.
func (g *Guard) render(v *visit, p page.Page) (body []byte, policy string) {
	if g.cfg.Page != nil {
		body, policy, err := g.ownPage(v, p)
		if err == nil {
			return body, policy
		}
		g.trouble(context.Background(), v, err)
	}
	return g.design.HTML(p), g.design.Policy()
}

// ownPage asks the hook, whose panic is an error.
func (g *Guard) ownPage(v *visit, p page.Page) (body []byte, policy string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: Config.Page: panic: %s", reason.Internal, reason.PanicText(fault))
		}
	}()
	shown := Page{
		Code: p.Code, Status: p.Status, Language: p.Language, Title: p.Title, Text: p.Text,
		Site: p.Site, Account: p.Account, Contact: p.Contact, Reference: p.Reference,
	}
	for _, w := range p.Ways {
		shown.Ways = append(shown.Ways, Way(w))
	}
	if body, policy, err = g.cfg.Page(shown); err != nil {
		err = fmt.Errorf("%w: Config.Page: %w", reason.Internal, err)
	}
	return body, policy, err
}

// challengeHeader is what a 401 has to carry (RFC 9110, 15.5.2). No browser has a dialog for this scheme.
const challengeHeader = `Cookie realm="sign-in"`

// ownHeader is the header of everything that is generated here.
func ownHeader() http.Header {
	return http.Header{
		"Cache-Control":          {"no-store"},
		"X-Content-Type-Options": {"nosniff"},
		"Referrer-Policy":        {"same-origin"},
	}
}

func (d *Decision) html(body []byte, policy string) {
	d.Header.Set("Content-Type", "text/html; charset=utf-8")
	if policy != "" {
		d.Header.Set("Content-Security-Policy", policy)
	}
	d.Body = body
}

func (d *Decision) json(answer any) {
	d.Header.Set("Content-Type", "application/json")
	d.Header.Set("Cross-Origin-Resource-Policy", "same-origin")
	d.Body, _ = json.Marshal(answer) // strings, booleans and claims always marshal
}
