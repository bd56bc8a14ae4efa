package edgeauth

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/fetchmetadata"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/session"
)

// visit is one request with what has been found out about it.
type visit struct {
	r       *Request
	now     time.Time
	origin  string   // of the host entry that matched
	path    string   // decoded
	clean   bool     // every server reads the path as it stands in path
	served  string   // the path that index rewriting serves instead; "" for none
	id      string   // the reference shown to the viewer
	who     Identity // whom the decision is about, where it says nobody
	renewed bool     // the session that lets it through was renewed for it
	chosen  bool     // it is known which of several providers signs people in

	session session.Session // what the cookies hold, where it was loaded
}

func (v *visit) header(name string) string {
	if v.r.Header == nil {
		return ""
	}
	return v.r.Header(name)
}

// reference names the request on pages and in the log.
func (v *visit) reference() string {
	if v.id == "" {
		if v.id = v.r.ID; v.id == "" {
			v.id = rand.Text()[:10]
		}
	}
	return v.id
}

// fetch is what the browser says about why it asks.
func (v *visit) fetch() fetchmetadata.Header { return v.header }

// apart reports whether the browser cannot go to the provider from here: it is no browser, or shows the page in a frame of
// another site.
func (v *visit) apart() bool { return v.fetch().Previews() || v.fetch().FramedElsewhere() }

// reads reports whether the method only asks.
func (v *visit) reads() bool { return v.r.Method == http.MethodGet || v.r.Method == http.MethodHead }

// namesNoFile reports whether the request reads a path whose last segment has no dot.
func (v *visit) namesNoFile() bool {
	return v.clean && v.reads() && !strings.Contains(v.path[strings.LastIndexByte(v.path, '/')+1:], ".")
}

// url is the request's own URL, built from the host entry that matched.
func (v *visit) url() string { return v.urlOf(v.r.Path) }

// urlOf is the request's own URL with another path.
func (v *visit) urlOf(path string) string {
	if v.r.RawQuery == "" {
		return v.origin + address.EscapeURL(path)
	}
	return v.origin + address.EscapeURL(path) + "?" + address.EscapeURL(v.r.RawQuery)
}

// here is the return target of a request: itself where coming back to it by GET makes sense, else the page that
// it was sent from. That of the login path is its own.
func (g *Guard) here(v *visit) string {
	if v.clean && v.path == g.cfg.Paths.Login {
		return g.wanted(v)
	}
	if v.r.Method != "GET" && v.r.Method != "HEAD" {
		return g.refererPath(v)
	}
	return g.returnTo(strings.TrimPrefix(v.url(), v.origin))
}

// refererPath is the path, query and fragment of the page that sent the request, if that page is of this site. htmx names it
// whatever the page says about its Referer.
func (g *Guard) refererPath(v *visit) string {
	return g.returnTo(address.WithoutOrigin(v.origin, cmp.Or(v.header("HX-Current-URL"), v.header("Referer"))))
}

// wanted is the target that the login path was asked to return to.
func (g *Guard) wanted(v *visit) string {
	return g.returnTo(address.WithoutOrigin(v.origin, cmp.Or(address.Param(v.r.RawQuery, "return"), address.Param(v.r.RawQuery, "target_link_uri"))))
}

// returnTo makes a return target safe.
func (g *Guard) returnTo(target string) string { return address.ReturnTarget(target, g.cfg.Paths.own) }

// methodNotAllowed refuses a method that an own path does not take (RFC 9110, 15.5.6).
func (v *visit) methodNotAllowed(allowed string) (Decision, error) {
	return Decision{Header: http.Header{"Allow": {allowed}}}, fmt.Errorf("%w: method %s, want %s", reason.BadRequest, reason.Clip(v.r.Method), allowed)
}

// now is the wall clock: a monotonic one stands still while a process is frozen.
func (g *Guard) now() time.Time { return g.cfg.Now().Round(0) }
