package edgeauth

import (
	"net/http"
	"time"
)

// Action is what the platform does with a request. The zero value denies.
type Action int

// The actions. A platform treats any other value as Deny.
const (
	Deny     Action = iota // answer with Status and Body; a Status outside 200 to 599 becomes 500
	Redirect               // send the viewer to Location
	Respond                // answer with a page or JSON of the library's own
	Allow                  // pass the request on as Forward says
)

// Decision is the answer to one request. Platforms carry it out and add nothing to it.
type Decision struct {
	Action   Action
	Status   int    // the HTTP status of everything but Allow
	Location string // Redirect: an absolute URL

	// Header, Body and Cookies are for the viewer. With Allow, Header and Cookies are added to the response of
	// whatever serves the request; they are only there where [Request.CookiesOnAllow] is set.
	Header  http.Header
	Body    []byte
	Cookies []*http.Cookie

	Forward  Forward  // Allow: how the request is passed on
	Identity Identity // who asks; the zero Identity on public paths, and where nobody is known
	// Remaining is how long the session that let the request through still counts unless it is renewed; 0 on public paths.
	// A connection that lasts longer, such as a WebSocket, is closed then, where the platform can.
	Remaining time.Duration

	// Reason is why; nil where a session or a public rule let the request through. [Decision.Code] gives its stable
	// code.
	// It is for logs and never for viewers.
	Reason error
}

// Forward says how an allowed request differs from the one that came.
type Forward struct {
	// Set are headers that replace whatever came under an equal name.
	Set http.Header
	// Drop are headers that must not be passed on. Names are equal where they are after folding case and reading every byte that is no
	// letter and no digit as "-".
	Drop []string
	// Cookie is the whole Cookie header to pass on, without the session's cookies; "" means none.
	Cookie string
	// Path is the path to serve, percent-encoded; "" means the one asked for.
	Path string
}

// Code is the stable code of the decision, for logs and metrics: that of its Reason, "allowed" where a session or a
// public rule let the request through, and "undecided" for the zero Decision, which denies.
func (d Decision) Code() string {
	if d.Reason == nil && d.Action != Allow {
		return Code(ReasonUndecided)
	}
	return Code(d.Reason)
}
