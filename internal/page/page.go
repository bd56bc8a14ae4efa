// Package page has the pages that viewers get to read: their subjects, their texts in several languages, and how they
// look. No page says why in detail: that is for the log, under the reference that the page shows.
package page

import "net/url"

// Page is what a viewer is to be told.
type Page struct {
	// Code says what the page is about, such as "forbidden". It is stable. JSON answers call it "error".
	Code string
	// Status is the status of the answer.
	Status int
	// Language is that of the texts, such as "en" (RFC 5646).
	Language string
	// Title and Text are plain text.
	Title, Text string
	// Ways are the ways on, the best one first. There may be none.
	Ways []Way
	// Site is the name of the site, or its host. "" where there is no site.
	Site string
	// Account names whoever is signed in, where the page is about that. Default "".
	Account string
	// Contact is whom to ask: an address of mail or a URL. Default "".
	Contact string
	// Reference names the request in the log. "" where there is nothing to report.
	Reference string

	ask        *question
	retryAfter string // seconds
	reported   bool   // trouble that the viewer may want to report
	words      *wording
}

// Way is one way on.
type Way struct {
	Label string
	Href  string // a path of this site
	Post  bool   // a form that posts, rather than a link
}

// question is a field for an address, on a page that leads to a path with it.
type question struct {
	path, name string
	with       url.Values // what goes along
}

// Ask adds a field for an address of mail, which goes to a path of this site as a parameter, with others.
func (p *Page) Ask(path, name string, with url.Values) { p.ask = &question{path, name, with} }

// RetryAfter is when to try again, in seconds; "" where the page does not say (RFC 9110, 10.2.3).
func (p *Page) RetryAfter() string { return p.retryAfter }

// Reported reports whether the page is about trouble that the viewer may want to report, and so shows a reference.
func (p *Page) Reported() bool { return p.reported }

// Add adds a way on.
func (p *Page) Add(label Label, href string, post bool) {
	p.Ways = append(p.Ways, Way{p.words.labels[label], href, post})
}
