package main

import (
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/webserve"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/provider"
)

const demoUsage = `Usage: edgeauth demo [-addr HOST:PORT] [-v]

Runs a protected single-page app and an OpenID Provider to sign in at, both on this machine and for as long as the
command runs. Nothing has to be set up. The provider is for development: it asks for no password.

Flags:
`

//go:embed demo
var demoSite embed.FS

func runDemo(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("demo", demoUsage, stderr)
	addr := flags.String("addr", "127.0.0.1:8080", "listen on this loopback `address`, or on the next free port after it")
	verbose := flags.Bool("v", false, "log every decision")
	if err := parse(flags, args); err != nil {
		return err
	}
	if !webserve.IsLoopback(*addr) {
		return wrongUsage("the demo stays on this machine; %q is no loopback address with a port", *addr)
	}
	level := slog.LevelError
	if *verbose {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))

	appListener, err := listenNear(ctx, *addr)
	if err != nil {
		return err
	}
	defer appListener.Close()
	idpListener, err := listenNear(ctx, net.JoinHostPort("127.0.0.1", port(appListener, 1)))
	if err != nil {
		return err
	}
	defer idpListener.Close()

	// Cookies know no ports: two host names keep the app's apart from the provider's.
	host, issuer := "localhost:"+port(appListener, 0), "http://"+idpListener.Addr().String()
	app, idp, err := newDemo(host, issuer, log)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "\n  Open      http://%s\n  Sign in   as Ada, who is an admin, or as Grace\n"+
		"  Provider  %s, for development only\n\nCtrl-C ends it, and every session with it.\n", host, issuer)

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	provider := make(chan error, 1)
	go func() {
		defer cancel()
		provider <- (&webserve.Server{Handler: idp, Log: log}).Serve(ctx, idpListener)
	}()
	err = (&webserve.Server{Handler: app, Log: log}).Serve(ctx, appListener)
	cancel()
	return errors.Join(err, <-provider)
}

// newDemo returns the protected app at host and the provider that signs its people in.
func newDemo(host, issuer string, log *slog.Logger) (app, idp http.Handler, err error) {
	p := provider.OIDC(issuer)
	paths := edgeauth.Paths{}.WithDefaults()
	idp, err = devidp.New(devidp.Options{
		Provider: p,
		Title:    "Demo sign-in",
		Clients: []devidp.Client{{
			ID: "demo", Name: "the edgeauth demo",
			RedirectURIs:   []string{"http://" + host + paths.Callback},
			PostLogoutURIs: []string{"http://" + host + paths.SignedOut},
		}},
		Users: []devidp.User{
			{Name: "ada", Groups: []string{"staff", "admins"}, Claims: map[string]any{
				"name": "Ada Lovelace", "email": "ada@example.com", "email_verified": true,
			}},
			{Name: "grace", Groups: []string{"staff"}, Claims: map[string]any{
				"name": "Grace Hopper", "email": "grace@example.com", "email_verified": true,
			}},
		},
		// Short enough to see a session being renewed over a cup of tea.
		TokenLife: 5 * time.Minute,
		Refresh:   devidp.RotateOnce,
	})
	if err != nil {
		return nil, nil, err
	}
	key := make([]byte, 32)
	rand.Read(key)
	config := edgeauth.Config{
		Provider:     p,
		ClientID:     "demo",
		Hosts:        []string{host},
		InsecureHTTP: true,
		Session:      edgeauth.Session{Keys: [][]byte{key}, Claims: []string{"name", "email", "groups"}},
		Rules: []edgeauth.Rule{
			{Path: "/public/", Anyone: true},
			{Path: "/admin/", Groups: []string{"admins"}},
		},
		Index:  edgeauth.Index{SPA: "/index.html"},
		Logger: log,
	}
	var guards demoGuards
	if guards.plain, err = edgeauth.New(config); err != nil {
		return nil, nil, err
	}
	config.SignIn.KeepFragment = true
	if guards.fragments, err = edgeauth.New(config); err != nil {
		return nil, nil, err
	}
	site, err := fs.Sub(demoSite, "demo")
	if err != nil {
		return nil, nil, err
	}
	return nethttp.Protect(guards, ownOnly(webserve.Files{FS: site})), idp, nil
}

// demoGuards keep the fragments of a browser's deep links. A program such as curl, which runs no script, is shown the
// redirect that most sites have.
type demoGuards struct{ plain, fragments *edgeauth.Guard }

func (g demoGuards) Check(ctx context.Context, r *edgeauth.Request) edgeauth.Decision {
	if r.Header("Sec-Fetch-Mode") == "" {
		return g.plain.Check(ctx, r)
	}
	return g.fragments.Check(ctx, r)
}

// ownOnly lets pages load what comes from their own site and nothing else.
func ownOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'")
		w.Header().Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// listenNear listens at addr, or, where its port is taken, at one of the next.
func listenNear(ctx context.Context, addr string) (net.Listener, error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	first, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, wrongUsage("%q is no port", text)
	}
	const tries = 50
	for next := first; ; next++ {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.FormatUint(next, 10)))
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) || next == first+tries {
			return l, err
		}
	}
}

// port is the port after which others are tried: that of l, plus more.
func port(l net.Listener, more int) string {
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port + more)
}
