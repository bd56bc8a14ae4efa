package platformtest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
)

// ask is a checker that is a function.
type ask func(context.Context, *edgeauth.Request) edgeauth.Decision

func (f ask) Check(ctx context.Context, r *edgeauth.Request) edgeauth.Decision { return f(ctx, r) }

// bend is a platform that is right but for one thing: how it reads requests, takes decisions, or reports.
func bend(misread func(*edgeauth.Request), misdecide func(*edgeauth.Decision), distort func(Request, *Result)) Platform {
	p := NetHTTP(nethttp.Protect)
	carry := p.Carry
	p.Carry = func(checker edgeauth.Checker, in Request) (Result, error) {
		out, err := carry(ask(func(ctx context.Context, r *edgeauth.Request) edgeauth.Decision {
			if misread != nil {
				misread(r)
			}
			d := checker.Check(ctx, r)
			if misdecide != nil {
				misdecide(&d)
			}
			return d
		}), in)
		if distort != nil {
			distort(in, &out)
		}
		return out, err
	}
	return p
}

func reading(f func(*edgeauth.Request)) Platform { return bend(f, nil, nil) }
func taking(f func(*edgeauth.Decision)) Platform { return bend(nil, f, nil) }
func showing(f func(res *Result)) Platform {
	return bend(nil, nil, func(_ Request, res *Result) { f(res) })
}

func clean(s string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(s) }

// injecting is a platform that writes a header as it is told to.
func injecting() Platform {
	return showing(func(res *Result) { res.Header.Set("X-Page", injection) })
}

// forwarding is a platform that passes requests on with more header lines than there are.
func forwarding(lines ...HeaderLine) Platform {
	return bend(nil, func(d *edgeauth.Decision) { d.Forward = edgeauth.Forward{} }, func(in Request, res *Result) {
		if res.Passed != nil {
			res.Passed.Header = append(res.Passed.Header, lines...)
		}
	})
}

// brokenPlatforms has for every rule of the kit a platform that breaks it.
var brokenPlatforms = map[string]Platform{
	"the zero decision denies": taking(func(d *edgeauth.Decision) { d.Action = edgeauth.Allow }),
	"an unknown action denies": taking(func(d *edgeauth.Decision) {
		if d.Action > edgeauth.Allow {
			d.Action = edgeauth.Allow
		}
	}),
	"a negative action denies": taking(func(d *edgeauth.Decision) {
		if d.Action < 0 {
			d.Action = edgeauth.Respond
		}
	}),
	"a status of 0 becomes 500":   taking(func(d *edgeauth.Decision) { d.Status = 200 }),
	"a status of 199 becomes 500": taking(func(d *edgeauth.Decision) { d.Status++ }),
	"a status of 600 becomes 500": taking(func(d *edgeauth.Decision) { d.Status-- }),
	"a redirect without a Location denies": taking(func(d *edgeauth.Decision) {
		d.Location = "https://app.example.com/"
	}),
	"a redirect with a status that is none denies": taking(func(d *edgeauth.Decision) { d.Status = 302 }),
	"a panic in the checker denies": {Carry: func(checker edgeauth.Checker, _ Request) (Result, error) {
		checker.Check(context.Background(), &edgeauth.Request{})
		return Result{}, nil
	}},
	"a redirect sends the viewer to its Location": showing(func(res *Result) {
		res.Header.Set("Location", clean(res.Header.Get("Location"))+"#")
	}),
	"every cookie of a redirect is a line of its own": showing(func(res *Result) {
		res.Header.Set("Set-Cookie", strings.Join(res.Header.Values("Set-Cookie"), ", "))
	}),
	"a page reaches the viewer with all its headers and cookies": taking(func(d *edgeauth.Decision) {
		d.Header.Del("X-Frame-Options")
	}),
	"a denial keeps its status and its page":         taking(func(d *edgeauth.Decision) { d.Status = 200 }),
	"an answer to POST is the same":                  showing(func(res *Result) { res.Body = "" }),
	"an answer to HEAD has no body":                  showing(func(res *Result) { res.Body = pageBody }),
	"an answer of 204 has no body":                   showing(func(res *Result) { res.Body = pageBody }),
	"a line break in the Location makes no header":   injecting(),
	"a line break in a header makes no other":        injecting(),
	"a line break in a header's name makes no other": showing(func(res *Result) { res.Header[injection] = []string{"x"} }),
	"a line break in a cookie makes no header":       showing(func(res *Result) { res.Header.Set("Injected", "yes") }),
	"a line break in a header to pass on makes no other": forwarding(
		HeaderLine{"X-Auth-Subject", injection}),
	"a line break in the cookies to pass on makes no header": forwarding(HeaderLine{"Injected", "yes"}),
	"a line break in the path to serve makes no header": bend(nil, func(d *edgeauth.Decision) { d.Forward = edgeauth.Forward{} },
		func(_ Request, res *Result) { res.Passed.Path = "/" + injection }),
	"an allowed request goes on as it came": taking(func(d *edgeauth.Decision) { d.Forward.Drop = []string{"X-Any"} }),
	"a dropped header is gone in every spelling": forwarding(
		HeaderLine{"X_Auth_Subject", "eve"}, HeaderLine{"X-Auth-Subjects", "other"}),
	"a set header replaces every spelling": bend(nil, nil, func(_ Request, res *Result) {
		res.Passed.Header = append(res.Passed.Header, HeaderLine{"x-auth_subject", "eve"})
	}),
	"only the cookies left over go on":           taking(func(d *edgeauth.Decision) { d.Forward.Cookie = "session=1; theme=dark" }),
	"no cookie goes on where none is left over":  taking(func(d *edgeauth.Decision) { d.Forward.Cookie = "session=1" }),
	"another path is served with the same query": taking(func(d *edgeauth.Decision) { d.Forward.Path = "" }),
	"an allowed response gets the decision's cookies beside its own": showing(func(res *Result) {
		res.Header["Set-Cookie"] = res.Header["Set-Cookie"][1:]
	}),
	"an allowed response is cached as the decision says": taking(func(d *edgeauth.Decision) { d.Header = nil }),
	"the checker is told method, host, path and query as they were sent": reading(func(r *edgeauth.Request) {
		r.RawQuery = "?" + r.RawQuery
	}),
	"a viewer cannot tell another host, path or method by a header": reading(func(r *edgeauth.Request) {
		r.Host = r.Header("X-Forwarded-Host")
	}),
	"the checker is told every cookie line, odd ones too": reading(func(r *edgeauth.Request) { r.Cookie = r.Cookie[:1] }),
	"the checker finds a header whatever its case":        reading(func(r *edgeauth.Request) { r.Header = nil }),
	"the checker is told whether cookies can ride on an allowed response": reading(func(r *edgeauth.Request) {
		r.CookiesOnAllow = false
	}),
}

func quiet(t *testing.T) {
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
}

func TestThePlatformKitCatchesWhoBreaksOneOfItsRules(t *testing.T) {
	quiet(t)
	good := NetHTTP(nethttp.Protect)
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			require.Empty(t, rule.run(good), "the good platform breaks it too")
			broken, ok := brokenPlatforms[rule.name]
			require.True(t, ok, "no platform is there that breaks it")
			require.NotEmpty(t, rule.run(broken), "nobody notices")
		})
	}
	require.Len(t, brokenPlatforms, len(rules))
}

func TestThePlatformKitCatchesWhoBreaksWhatAlwaysHolds(t *testing.T) {
	quiet(t)
	page := rule{sent: plainRequest, decision: edgeauth.Decision{Action: edgeauth.Deny, Status: 403}, check: harmless}
	for name, p := range map[string]Platform{
		"nobody is asked": {Carry: func(edgeauth.Checker, Request) (Result, error) {
			return Result{Status: 403}, nil
		}},
		"asked twice": {Carry: func(c edgeauth.Checker, _ Request) (Result, error) {
			c.Check(context.Background(), &edgeauth.Request{})
			c.Check(context.Background(), &edgeauth.Request{})
			return Result{Status: 403}, nil
		}},
		"an error": {Carry: func(c edgeauth.Checker, _ Request) (Result, error) {
			c.Check(context.Background(), &edgeauth.Request{})
			return Result{}, errors.New("no answer")
		}},
		"passed on without an Allow": showing(func(res *Result) { res.Passed = &Request{} }),
		"the reason in the body":     showing(func(res *Result) { res.Body = reasonDetail }),
		"the reason in a header":     showing(func(res *Result) { res.Header = http.Header{"X-Reason": {reasonDetail}} }),
	} {
		t.Run(name, func(t *testing.T) {
			require.NotEmpty(t, page.run(p))
		})
	}
}
