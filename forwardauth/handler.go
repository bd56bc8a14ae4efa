// Package forwardauth answers a reverse proxy that asks, before it passes a request on, whether it may: Caddy's
// forward_auth and Traefik's ForwardAuth, and auth_request of nginx. docs/behind-a-proxy.md has a configuration for each.
//
//	http.ListenAndServe("127.0.0.1:8080", forwardauth.Handler(guard, forwardauth.Options{
//		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
//	}))
//
// The proxy asks at one of the paths that are constants here. It sends no request of a viewer's to these: what it routes
// to this handler are the site's own paths, those below /.auth/, which are answered as nethttp.Protect does.
package forwardauth

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/answer"
	"github.com/edgeauth/edgeauth/nethttp"
)

// The paths at which a proxy asks. Which one it asks at says what it does with the answer, and which headers count: no
// viewer chooses that.
const (
	// ForwardAuthPath is for a proxy that gives the viewer every answer but a 2xx: Caddy, Traefik. It says what the viewer
	// asked for in X-Forwarded-Method, -Proto, -Host and -Uri. An allowed request never gets cookies: a renewed session
	// comes with a 307 to the same URL, because such proxies copy no Set-Cookie from a 2xx.
	ForwardAuthPath = "/edgeauth/forward-auth"
	// AuthRequestPath is for a proxy that takes a status alone: nginx, ingress-nginx. It says what the viewer asked for in
	// X-Original-Method, and in X-Original-URI beside Host or in X-Original-URL. The answer is 200, 401 where a
	// sign-in helps, or 403.
	AuthRequestPath = "/edgeauth/auth-request"
	// AnswerPath is where such a proxy gets, with the same headers, what the viewer is to see instead of a 401 or 403.
	AnswerPath = "/edgeauth/answer"
)

// Options say which proxies are believed.
type Options struct {
	// TrustedProxies are the addresses that proxies connect from. A request of any other peer is denied. The default is none.
	// Nothing outside this handler may have written http.Request.RemoteAddr.
	TrustedProxies []netip.Prefix
	// TrustUnix says that whoever connects to a Unix socket of this server is a proxy.
	TrustUnix bool
	// InsecureHTTP says that the sites' own URLs are plain http, as in [edgeauth.Config.InsecureHTTP].
	InsecureHTTP bool
	// LoginPath is where X-Edgeauth-Sign-In of a 401 leads. The default is /.auth/login.
	LoginPath string
	// Logger gets a record for each request that a proxy did not state as it has to. The default is slog.Default().
	Logger *slog.Logger
}

// Handler returns the handler that proxies ask. A panic in checker denies the request.
func Handler(checker edgeauth.Checker, o Options) http.Handler {
	if o.LoginPath == "" {
		o.LoginPath = "/.auth/login"
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	h := &handler{Options: o, checker: checker}
	h.direct = nethttp.Protect(checker, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.refuse(w, r, http.StatusNotFound, errors.New("a page of the site was asked for here: let the proxy ask at "+
			ForwardAuthPath+" or "+AuthRequestPath+", and route the site's own paths alone to this server"))
	}))
	return h
}

type handler struct {
	Options
	checker edgeauth.Checker
	direct  http.Handler
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h.trusts(r); err != nil {
		h.refuse(w, r, http.StatusForbidden, err)
		return
	}
	state := original
	switch r.URL.Path {
	case ForwardAuthPath:
		state = forwarded
	case AuthRequestPath, AnswerPath:
	default:
		h.direct.ServeHTTP(w, r)
		return
	}
	asked, err := state(r, h.InsecureHTTP)
	if err != nil {
		h.refuse(w, r, http.StatusForbidden, err)
		return
	}
	// Where an allowed response has no room for cookies, the checker sends the browser round once more.
	d := answer.Ask(h.checker, asked, r.URL.Path == AuthRequestPath)
	a, err := answer.Of(&d)
	if err != nil {
		h.Logger.ErrorContext(r.Context(), "edgeauth: denied, "+err.Error()) // #nosec G706 -- the error names a field, and no value
	}
	if a.Pass {
		if err := misspelt(asked.Header, &d.Forward); err != nil {
			h.refuse(w, r, http.StatusForbidden, err)
			return
		}
	}
	switch r.URL.Path {
	case AuthRequestPath:
		h.status(w, asked, &d, a)
	case AnswerPath:
		if a.Pass { // somebody else has renewed the session, say; an empty 200 would be the viewer's page
			a = again(asked, a, h.InsecureHTTP)
		}
		h.relay(w, r, a)
	default:
		if a.Pass {
			allow(w, &d, a)
			return
		}
		h.relay(w, r, a)
	}
}

// trusts returns why the peer of a connection is not believed.
func (h *handler) trusts(r *http.Request) error {
	if _, unix := r.Context().Value(http.LocalAddrContextKey).(*net.UnixAddr); unix {
		if !h.TrustUnix {
			return errors.New("a request came by the Unix socket, whose peers are not trusted: trust unix if only the proxy can open it")
		}
		return nil
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return errors.New("a request came from a peer without an address")
	}
	addr := peer.Addr().Unmap().WithZone("")
	for _, network := range h.TrustedProxies {
		if network.Contains(addr) {
			return nil
		}
	}
	return fmt.Errorf("a request came from %s, which is no trusted proxy: if it is yours, trust %s", addr, netip.PrefixFrom(addr, addr.BitLen()))
}

// refuse answers what the proxy, or somebody else, has asked in the wrong way. Why is for the log.
func (h *handler) refuse(w http.ResponseWriter, r *http.Request, status int, why error) {
	h.Logger.WarnContext(r.Context(), "edgeauth: refused, "+why.Error()) // #nosec G706 -- it holds no value of a viewer's
	put(w, answer.Plain(status, "This page cannot be shown. Please tell whoever runs this site.\n"))
}
