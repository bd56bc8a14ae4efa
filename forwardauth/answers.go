package forwardauth

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/answer"
)

// maxCookies is how many cookies of an allowed request a proxy that copies them by number can give to the viewer. A
// session of the largest size takes five. Where there are more, the viewer gets them by way of [AnswerPath].
const maxCookies = 8

// allow lets the request through: what the proxy copies onto it are the headers of this answer.
func allow(w http.ResponseWriter, d *edgeauth.Decision, a answer.Answer) {
	h := w.Header()
	for _, name := range d.Forward.Drop {
		// A proxy that copies what there is would leave the viewer's own header in place. What states the request itself is
		// the proxy's to set.
		if !address.StatesRequest(name) || http.CanonicalHeaderKey(name) == "Authorization" {
			h.Set(name, "")
		}
	}
	for name, values := range d.Forward.Set {
		h[http.CanonicalHeaderKey(name)] = values
	}
	h.Set("Cookie", d.Forward.Cookie)
	if d.Forward.Path != "" {
		h.Set("X-Edgeauth-Path", d.Forward.Path)
	}
	for i, cookie := range a.Header["Set-Cookie"] {
		h.Add("Set-Cookie", cookie)
		h.Set("X-Edgeauth-Set-Cookie-"+strconv.Itoa(i+1), cookie)
	}
	// The Cache-Control of the viewer's response; this answer's own follows.
	if a.Private {
		h.Set("X-Edgeauth-Cache-Control", "private")
	}
	if caching := a.Header.Get("Cache-Control"); caching != "" {
		h.Set("X-Edgeauth-Cache-Control", caching)
	}
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
}

// status answers a proxy that takes a status alone.
func (h *handler) status(w http.ResponseWriter, asked *http.Request, d *edgeauth.Decision, a answer.Answer) {
	if a.Pass && len(a.Header["Set-Cookie"]) <= maxCookies {
		allow(w, d, a)
		return
	}
	own := w.Header()
	own.Set("Cache-Control", "no-store")
	if a.Pass {
		h.Logger.WarnContext(asked.Context(), "edgeauth: an allowed request has more cookies than a proxy copies by number; it goes by way of "+AnswerPath,
			"cookies", len(a.Header["Set-Cookie"]))
	}
	if a.Pass || d.Action == edgeauth.Redirect || a.Status == http.StatusUnauthorized {
		if challenge := a.Header.Get("WWW-Authenticate"); challenge != "" {
			own.Set("WWW-Authenticate", challenge)
		}
		own.Set("X-Edgeauth-Sign-In", h.LoginPath+"?return="+url.QueryEscape(asked.RequestURI))
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.WriteHeader(http.StatusForbidden)
}

// again sends the viewer to where it is, with the cookies that it now gets. Method and body survive (RFC 9110, 15.4.8).
func again(asked *http.Request, a answer.Answer, insecure bool) answer.Answer {
	to := url.URL{Scheme: "https", Host: asked.Host, Path: asked.URL.Path, RawPath: asked.URL.RawPath, RawQuery: asked.URL.RawQuery}
	if insecure {
		to.Scheme = "http"
	}
	return answer.Answer{Status: http.StatusTemporaryRedirect, Header: http.Header{
		"Location": {to.String()}, "Cache-Control": {"no-store"}, "Set-Cookie": a.Header["Set-Cookie"],
	}}
}

// relay gives the viewer an answer by way of the proxy, which would take a 2xx for leave to let the request through.
func (h *handler) relay(w http.ResponseWriter, r *http.Request, a answer.Answer) {
	if a.Status/100 == 2 {
		h.Logger.ErrorContext(r.Context(), "edgeauth: refused, one of the site's own paths was asked about: let the proxy route these, below /.auth/, to this server instead of asking")
		a = answer.Fault()
	}
	put(w, a)
}

// put writes an answer.
func put(w http.ResponseWriter, a answer.Answer) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the viewer has gone: nobody is left to tell
}
