package page

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Design is how the pages of one site look.
type Design struct {
	branding Branding
	offered  []*wording
	style    string
	logo     string // a data URL; "" for none
	policy   string // Content-Security-Policy
	forward  string // that of a page that goes on by itself
	post     string // that of a page that posts a form by itself
	framed   string // that of a page in a frame of another site
}

// Plain is the design of pages that belong to no site.
var Plain = New(Branding{})

// New returns the design of a branding without faults.
func New(b Branding) *Design {
	d := &Design{branding: b, offered: wordings, style: style}
	if len(b.Languages) > 0 {
		d.offered = nil
		for _, language := range b.Languages {
			d.offered = append(d.offered, wordingOf(language))
		}
	}
	if c, ok := parseColour(b.Accent); ok {
		d.style += ":root{--accent:" + b.Accent + ";--on:" + c.textOn() + "}"
	}
	d.policy = "default-src 'none'; style-src '" + hash(d.style) + "'; frame-ancestors 'none'; base-uri 'none'"
	if kind := imageType(b.Logo); kind != "" {
		d.logo = "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b.Logo)
		d.policy += "; img-src data:"
	}
	d.framed = strings.Replace(d.policy, "frame-ancestors 'none'", "frame-ancestors *; connect-src 'self'; script-src '"+hash(comeBack)+"'", 1)
	d.post = d.policy + "; script-src '" + hash(postOn) + "'"
	d.forward = d.policy + "; script-src '" + hash(goOn) + "'"
	return d
}

// Policy is the Content-Security-Policy of a page. It lets in the style, the logo and nothing else. There is no
// form-action: Chromium holds it against the redirect that follows a form, and the sign-out form leads on to the provider.
func (d *Design) Policy() string { return d.policy }

// hash is a CSP source that lets one text in (CSP 3, 2.3.1).
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Page is the page of a subject, in the language that an Accept-Language header prefers.
func (d *Design) Page(subject Subject, acceptLanguage string) Page {
	w, f := choose(acceptLanguage, d.offered), &factsOf[subject]
	return Page{
		Code: f.code, Status: f.status, Language: w.language, Title: w.texts[subject].title, Text: w.texts[subject].text,
		Site: d.branding.Name, Contact: d.branding.Contact, retryAfter: f.retryAfter, reported: f.reported, words: w,
	}
}

// English is the text of a subject that programs get.
func English(subject Subject) string { return english.texts[subject].text }

// UILocales is what the provider is told of the language; "" where the site does not choose any.
func (d *Design) UILocales(acceptLanguage string) string {
	if len(d.branding.Languages) == 0 {
		return ""
	}
	return choose(acceptLanguage, d.offered).language
}

// HTML is the page as it is shown.
func (d *Design) HTML(p Page) []byte {
	var b strings.Builder
	d.open(&b, &p, "")
	d.main(&b, &p)
	b.WriteString("</body></html>")
	return []byte(b.String())
}

// goOn sends the browser on, with the fragment that only it knows.
const goOn = `location.replace(document.body.dataset.next+encodeURIComponent(location.hash))`

// Forward is a page that goes on to next at once, with the fragment of its own address behind it, percent-encoded. Nothing of
// it is seen. Where scripts do not run it shows p, whose way on loses the fragment.
func (d *Design) Forward(p Page, next string) (body []byte, policy string) {
	var b strings.Builder
	d.open(&b, &p, next)
	b.WriteString("<noscript>")
	d.main(&b, &p)
	b.WriteString("</noscript><script>" + goOn + "</script></body></html>")
	return []byte(b.String()), d.forward
}

// postOn sends the form off.
const postOn = `document.forms[0].submit()`

// Post is a page that posts a form to another site at once. Nothing of it is seen. Where scripts do not run it shows p, with a
// button for the form.
func (d *Design) Post(p Page, label Label, action string, fields url.Values) (body []byte, policy string) {
	var b, hidden, shown strings.Builder
	hidden.WriteString(hiddenFields(fields))
	p.Add(label, action, true)
	d.main(&shown, &p)
	d.open(&b, &p, "")
	b.WriteString(`<form hidden method="post" action="` + html.EscapeString(action) + `">` + hidden.String() + "</form><noscript>")
	b.WriteString(strings.Replace(shown.String(), `<button class="go">`, hidden.String()+`<button class="go">`, 1))
	b.WriteString("</noscript><script>" + postOn + "</script></body></html>")
	return []byte(b.String()), d.post
}

func hiddenFields(fields url.Values) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		b.WriteString(`<input type="hidden" name="` + html.EscapeString(name) + `" value="` + html.EscapeString(fields.Get(name)) + `">`)
	}
	return b.String()
}

// comeBack asks, once a window for the sign-in is open, whether there is a session, for ten minutes, and then loads the page.
const comeBack = `document.querySelector("a.go").onclick=function(){var left=300,timer=setInterval(function(){` +
	`if(!left--)return clearInterval(timer);fetch(document.body.dataset.next).then(function(answer){if(answer.ok){clearInterval(timer);location.reload()}})},2000)}`

// Framed is a page that another site may show in a frame. Its ways on open windows of their own, because a provider refuses
// to be shown in a frame. It loads itself again when session, a path that answers 200 then, says that somebody has signed in.
func (d *Design) Framed(p Page, session string) (body []byte, policy string) {
	var b strings.Builder
	d.open(&b, &p, session)
	d.main(&b, &p)
	b.WriteString("<script>" + comeBack + "</script></body></html>")
	return []byte(strings.Replace(b.String(), "<head>", `<head><base target="_blank">`, 1)), d.framed
}

func (d *Design) open(b *strings.Builder, p *Page, next string) {
	title := p.Title
	if p.Site != "" {
		title += " – " + p.Site
	}
	b.WriteString(`<!doctype html><html lang="` + p.Language + `"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
		`<meta name="robots" content="noindex"><title>` + html.EscapeString(title) + "</title><style>" + d.style + "</style></head><body")
	if next != "" {
		b.WriteString(` data-next="` + html.EscapeString(next) + `"`)
	}
	b.WriteString(">")
}

func (d *Design) main(b *strings.Builder, p *Page) {
	b.WriteString("<main>")
	if p.Site != "" || d.logo != "" {
		b.WriteString(`<p class="site">`)
		if d.logo != "" {
			b.WriteString(`<img src="` + d.logo + `" alt="" height="28">`)
		}
		b.WriteString(html.EscapeString(p.Site) + "</p>")
	}
	b.WriteString("<h1>" + html.EscapeString(p.Title) + "</h1><p>" + html.EscapeString(p.Text) + "</p>")
	if p.Account != "" {
		b.WriteString("<p>" + html.EscapeString(p.words.signedIn) + " <b>" + html.EscapeString(p.Account) + "</b></p>")
	}
	if len(p.Ways) > 0 {
		b.WriteString(`<div class="ways">`)
		for i, way := range p.Ways {
			class := "go"
			if i > 0 {
				class = "other"
			}
			if way.Post {
				b.WriteString(`<form method="post" action="` + html.EscapeString(way.Href) + `"><button class="` + class + `">` + html.EscapeString(way.Label) + "</button></form>")
				continue
			}
			b.WriteString(`<a class="` + class + `" href="` + html.EscapeString(way.Href) + `">` + html.EscapeString(way.Label) + "</a>")
		}
		b.WriteString("</div>")
	}
	if p.ask != nil {
		b.WriteString(`<form class="ask" method="get" action="` + html.EscapeString(p.ask.path) + `">` + hiddenFields(p.ask.with) +
			`<label>` + html.EscapeString(p.words.labels[Email]) + ` <input type="email" required autocomplete="email" name="` + html.EscapeString(p.ask.name) + `"></label> ` +
			`<button class="other">` + html.EscapeString(p.words.labels[Next]) + "</button></form>")
	}
	if p.Contact != "" {
		b.WriteString(`<p class="small">` + html.EscapeString(p.words.contact) + ` <a href="` + html.EscapeString(contactURL(p.Contact)) + `">` + html.EscapeString(p.Contact) + "</a></p>")
	}
	if p.Reference != "" {
		b.WriteString(`<p class="small">` + html.EscapeString(p.words.reference) + " <code>" + html.EscapeString(p.Reference) + "</code></p>")
	}
	b.WriteString("</main>")
}
