package edgeauth

import (
	"encoding/json"
	"html"
	"net/http"
	"strings"
)

// page is what a viewer gets to read. It never says why in detail: that is for the log, under the same reference.
type page struct {
	status      int
	title, text string
	link, label string // one way on; a path of this site
	form        bool   // the way on is a POST
	reference   bool   // show the reference, for trouble that the viewer may want to report
	code        string // what JSON calls it
	retryAfter  string // seconds
}

const pageStyle = `:root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;` +
	`font:1rem/1.6 system-ui,sans-serif;background:#f6f7f9;color:#1c2430}main{max-width:26rem;margin:1.5rem;padding:2.2rem 2.4rem;` +
	`background:#fff;border:1px solid #e3e6eb;border-radius:14px;box-shadow:0 8px 30px #1c24300f}h1{font-size:1.3rem;line-height:1.3;` +
	`margin:0 0 .6rem}p{margin:.4rem 0}a.go,button{display:inline-block;margin-top:1.1rem;padding:.55rem 1.2rem;border:0;border-radius:8px;` +
	`background:#2456c8;color:#fff;font:inherit;text-decoration:none;cursor:pointer}a.go:focus-visible,button:focus-visible{outline:3px solid #8fb0ff;` +
	`outline-offset:2px}small{display:block;margin-top:1.6rem;color:#5c6675}code{user-select:all}` +
	`@media(prefers-color-scheme:dark){body{background:#12161c;color:#e4e8ee}main{background:#1b212a;border-color:#2c3440;box-shadow:none}` +
	`small{color:#98a3b3}a.go,button{background:#3d6fe0}}`

// pageStyleHash is the SHA-256 of pageStyle: the policy lets in nothing else. A test keeps the two together.
const pageStyleHash = "sha256-j+33WUj3YK655jLw9Z+SaTYdVqQQFWPL0Biv0fAGoZA="

// There is no form-action: Chromium holds it against the redirect that follows a form, and the sign-out form leads on
// to the provider.
const pagePolicy = "default-src 'none'; style-src '" + pageStyleHash + "'; frame-ancestors 'none'; base-uri 'none'"

// respond makes the answer: a page for people, JSON for programs.
func (g *Guard) respond(v *visit, p page, reason error) Decision {
	action := Respond
	if p.status >= 400 {
		action = Deny
	}
	d := Decision{Action: action, Status: p.status, Header: ownHeader(), Reason: reason}
	if p.retryAfter != "" {
		d.Header.Set("Retry-After", p.retryAfter)
	}
	if !v.wantsPage() {
		answer := map[string]any{"error": p.code, "message": p.text}
		if p.reference {
			answer["reference"] = v.reference()
		}
		d.json(answer)
		return d
	}
	d.Header.Set("Content-Type", "text/html; charset=utf-8")
	d.Header.Set("Content-Security-Policy", pagePolicy)
	d.Body = p.html(v)
	return d
}

// ownHeader is the header of everything that is generated here.
func ownHeader() http.Header {
	return http.Header{
		"Cache-Control":          {"no-store"},
		"X-Content-Type-Options": {"nosniff"},
		"Referrer-Policy":        {"same-origin"},
	}
}

func (d *Decision) json(answer any) {
	d.Header.Set("Content-Type", "application/json")
	d.Header.Set("Cross-Origin-Resource-Policy", "same-origin")
	d.Body, _ = json.Marshal(answer) // strings, booleans and claims always marshal
}

func (p page) html(v *visit) []byte {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
		`<meta name="robots" content="noindex"><title>`)
	b.WriteString(html.EscapeString(p.title))
	b.WriteString("</title><style>" + pageStyle + "</style></head><body><main><h1>")
	b.WriteString(html.EscapeString(p.title))
	b.WriteString("</h1><p>")
	b.WriteString(html.EscapeString(p.text))
	b.WriteString("</p>")
	if p.form {
		b.WriteString(`<form method="post" action="` + html.EscapeString(p.link) + `"><button>` + html.EscapeString(p.label) + "</button></form>")
	} else if p.link != "" {
		b.WriteString(`<a class="go" href="` + html.EscapeString(p.link) + `">` + html.EscapeString(p.label) + "</a>")
	}
	if p.reference {
		b.WriteString("<small>Reference <code>" + html.EscapeString(v.reference()) + "</code></small>")
	}
	b.WriteString("</main></body></html>")
	return []byte(b.String())
}
