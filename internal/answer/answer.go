// Package answer turns a decision into what a viewer gets, so that all platforms of this module carry it out in the
// same way.
package answer

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth"
)

// Answer is a decision that has been checked. [Of] never returns the zero Answer.
type Answer struct {
	// Pass says that the request is passed on as the decision's Forward says. Header is then for the response of
	// whatever serves it, and Status and Body are not set.
	Pass bool
	// Private says that a session let the request through, so that the response is for this viewer alone, whatever the
	// server says about it. Remaining is how long the session still counts.
	Private   bool
	Remaining time.Duration
	Status    int
	Header    http.Header // canonical names; Location and Set-Cookie are in it
	Body      []byte
}

// Of returns the answer that carries out d. If d cannot be carried out, it returns the [Fault] answer and an error that
// says why. The error names fields and headers, and contains no values.
func Of(d *edgeauth.Decision) (Answer, error) {
	if err := check(d); err != nil {
		return Fault(), err
	}
	if d.Action == edgeauth.Allow {
		a := Answer{Pass: true, Private: !d.Identity.IsZero(), Remaining: d.Remaining}
		if len(d.Header) > 0 || len(d.Cookies) > 0 {
			a.Header = header(d)
		}
		return a, nil
	}
	a := Answer{Status: d.Status, Header: header(d)}
	if d.Action == edgeauth.Redirect {
		a.Header.Set("Location", d.Location)
	}
	if a.Header.Get("Cache-Control") == "" {
		a.Header.Set("Cache-Control", "no-store")
	}
	if !bodyless(d.Status) {
		a.Body = d.Body
		if len(d.Body) > 0 && a.Header.Get("Content-Type") == "" {
			a.Header.Set("Content-Type", "text/plain; charset=utf-8")
		}
	}
	return a, nil
}

// Fault is the denial for a decision that cannot be carried out.
func Fault() Answer {
	return Plain(http.StatusInternalServerError, "Something went wrong here. Please try again later.\n")
}

// Plain is a denial in plain text.
func Plain(status int, text string) Answer {
	return Answer{
		Status: status,
		Header: http.Header{
			"Cache-Control":          {"no-store"},
			"Content-Type":           {"text/plain; charset=utf-8"},
			"X-Content-Type-Options": {"nosniff"},
		},
		Body: []byte(text),
	}
}

// header copies d's headers for the viewer, because the decision may be shared.
func header(d *edgeauth.Decision) http.Header {
	h := make(http.Header, len(d.Header)+3)
	for name, values := range d.Header {
		for _, v := range values {
			h.Add(name, v)
		}
	}
	for _, c := range d.Cookies {
		h.Add("Set-Cookie", c.String())
	}
	return h
}

func check(d *edgeauth.Decision) error {
	switch d.Action {
	case edgeauth.Deny, edgeauth.Respond, edgeauth.Redirect:
		if d.Status < 200 || d.Status > 599 {
			return fmt.Errorf("decision has Status %d, want 200 to 599", d.Status)
		}
	case edgeauth.Allow:
	default:
		return fmt.Errorf("decision has an unknown Action %d", d.Action)
	}
	if d.Action == edgeauth.Redirect {
		if err := checkRedirect(d); err != nil {
			return err
		}
	}
	if err := checkHeader("Header", d.Header); err != nil {
		return err
	}
	for _, c := range d.Cookies {
		if c == nil {
			return errors.New("decision has a nil cookie")
		}
		// The text of this error quotes the value, which may be a secret.
		if c.Valid() != nil {
			return fmt.Errorf("decision has cookie %q, whose name, value or attributes RFC 6265 does not allow", c.Name)
		}
	}
	if d.Action == edgeauth.Allow {
		return checkForward(&d.Forward)
	}
	return nil
}

func checkRedirect(d *edgeauth.Decision) error {
	switch d.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return fmt.Errorf("decision redirects with Status %d, want 301, 302, 303, 307 or 308", d.Status)
	}
	scheme, rest, _ := strings.Cut(d.Location, "://")
	if scheme != "https" && scheme != "http" || rest == "" || strings.ContainsAny(rest[:1], "/?#") {
		return errors.New("decision redirects, but its Location is not an absolute http or https URL")
	}
	if !visible(d.Location) || strings.Contains(d.Location, `\`) {
		return errors.New("decision redirects, but its Location has bytes that a URL cannot have: percent-encode them")
	}
	return nil
}

func checkForward(f *edgeauth.Forward) error {
	// Platforms treat these two in different ways: net/http, for one, keeps the host apart from the headers.
	if Replaced(f, "Cookie") || Replaced(f, "Host") {
		return errors.New("decision has Cookie or Host in Forward.Set or Forward.Drop; cookies go into Forward.Cookie, and the host stays")
	}
	if err := checkHeader("Forward.Set", f.Set); err != nil {
		return err
	}
	if !validValue(f.Cookie) {
		return errors.New("decision has control bytes in Forward.Cookie")
	}
	_, err := url.PathUnescape(f.Path)
	if f.Path != "" && (err != nil || f.Path[0] != '/' || !visible(f.Path) || strings.ContainsAny(f.Path, `?#\`)) {
		return fmt.Errorf("decision has Forward.Path %q, want a percent-encoded path that starts with a slash", f.Path)
	}
	return nil
}

// bodyless reports whether RFC 9110, 6.4.1 forbids content for a status.
func bodyless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}
