package edgeauthtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/edgeauth/edgeauth"
)

// Platform is an adapter under test: a request goes in, and what came of it is reported.
type Platform struct {
	// CookiesOnAllow is what the adapter says in [edgeauth.Request.CookiesOnAllow].
	CookiesOnAllow bool
	// Carry sends a request through an adapter that asks checker. Where the adapter passes it on, Carry plays the
	// application behind it, and with CookiesOnAllow answers as [PlatformApplication] does. An error fails the test.
	Carry func(checker edgeauth.Checker, in PlatformRequest) (PlatformResult, error)
}

// PlatformRequest is a request on its way into an adapter, or out of it to what it protects.
type PlatformRequest struct {
	Method   string
	Host     string
	Path     string // percent-encoded
	RawQuery string
	// Header are the header lines in their order and spelling, Cookie among them and Host not.
	Header []HeaderLine
}

// HeaderLine is one line of a header.
type HeaderLine struct{ Name, Value string }

// PlatformResult is what came of a request.
type PlatformResult struct {
	// Passed is the request that was passed on, or nil where the adapter answered it.
	Passed *PlatformRequest
	// Status, Header and Body are what the viewer saw. Where the request was passed on they count only on a platform
	// with CookiesOnAllow.
	Status int
	Header http.Header
	Body   string
}

// PlatformApplication is what serves a request that was passed on: its answer may be cached, and sets a cookie.
func PlatformApplication(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	w.Header().Add("Set-Cookie", "application=1")
	_, _ = w.Write([]byte("the application"))
}

// TestPlatform checks that an adapter states requests truly and carries out decisions as every adapter must: each
// subtest's name is the rule that the adapter breaks. The adapters of this module pass it.
func TestPlatform(t *testing.T, p Platform) {
	for _, row := range platformRows {
		if row.declared && !p.CookiesOnAllow {
			continue
		}
		t.Run(row.rule, func(t *testing.T) {
			for _, fault := range row.run(p) {
				t.Error(fault)
			}
		})
	}
}

// platformRow is one rule, and the request and the decision that show it.
type platformRow struct {
	rule     string
	sent     PlatformRequest
	decision edgeauth.Decision
	panics   bool // the checker panics instead
	declared bool // the rule is for platforms with CookiesOnAllow
	check    func(*observed)
}

// observed is what one row did to a platform.
type observed struct {
	platform Platform
	row      *platformRow
	asked    []edgeauth.Request
	headers  map[string]string // what the checker read
	result   PlatformResult
	faults   []string
}

func (o *observed) fault(format string, args ...any) {
	o.faults = append(o.faults, fmt.Sprintf(format, args...))
}

// reasonDetail stands in every decision's Reason; no viewer may ever see it.
const reasonDetail = "the-reason-in-detail"

// Check makes observed the checker of its row.
func (o *observed) Check(_ context.Context, r *edgeauth.Request) edgeauth.Decision {
	asked := *r
	asked.Cookie = slices.Clone(r.Cookie) // r is the adapter's own, and may be used again
	o.asked = append(o.asked, asked)
	o.headers = map[string]string{}
	for _, line := range o.row.sent.Header {
		if r.Header != nil {
			o.headers[line.Name] = r.Header(line.Name)
		}
	}
	if o.row.panics {
		panic(reasonDetail)
	}
	d := o.row.decision
	d.Header, d.Forward.Set = d.Header.Clone(), d.Forward.Set.Clone() // the table stays as it is, whatever the adapter does
	d.Reason = errors.New(reasonDetail)
	return d
}

// run returns what p does wrong by this row's rule, and by those that always hold.
func (row *platformRow) run(p Platform) []string {
	o := &observed{platform: p, row: row}
	if err := o.carry(); err != nil {
		return []string{err.Error()}
	}
	if len(o.asked) != 1 {
		o.fault("the checker was asked %d times, want once", len(o.asked))
		return o.faults
	}
	o.checkAlways()
	row.check(o)
	return o.faults
}

func (o *observed) carry() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the adapter panicked: %v", v)
		}
	}()
	o.result, err = o.platform.Carry(o, o.row.sent)
	return err
}

func (o *observed) checkAlways() {
	passed := o.result.Passed
	if passed != nil && (o.row.panics || o.row.decision.Action != edgeauth.Allow) {
		o.fault("the request was passed on without an Allow")
	}
	var seen []HeaderLine
	for name, values := range o.result.Header {
		for _, value := range values {
			seen = append(seen, HeaderLine{name, value})
			if strings.Contains(value, reasonDetail) {
				o.fault("the viewer sees the reason in the header %s", name)
			}
		}
	}
	if strings.Contains(o.result.Body, reasonDetail) {
		o.fault("the viewer sees the reason in the body")
	}
	if passed != nil {
		seen = append(seen, passed.Header...)
		seen = append(seen, HeaderLine{"the path", passed.Path})
	}
	for _, line := range seen {
		if strings.ContainsAny(line.Name+line.Value, "\r\n\x00") || strings.EqualFold(line.Name, "Injected") {
			o.fault("a line break in a decision makes a line of its own: %q: %q", line.Name, line.Value)
		}
	}
}

// values returns the values of a header, whatever its case. With underscores true, "_" counts as "-" too.
func (r *PlatformRequest) values(name string, underscores bool) (values []string) {
	spell := func(s string) string {
		if underscores {
			s = strings.ReplaceAll(s, "_", "-")
		}
		return strings.ToLower(s)
	}
	for _, line := range r.Header {
		if spell(line.Name) == spell(name) {
			values = append(values, line.Value)
		}
	}
	return values
}

func (o *observed) wantEqual(what, got, want string) {
	if got != want {
		o.fault("%s is %q, want %q", what, got, want)
	}
}

// wantPassed returns the request that was passed on; where there is none it says so and returns an empty one.
func (o *observed) wantPassed() *PlatformRequest {
	if o.result.Passed == nil {
		o.fault("the request was not passed on but answered with %d", o.result.Status)
		return &PlatformRequest{}
	}
	return o.result.Passed
}

func (o *observed) wantCookies(want ...string) {
	if got := o.result.Header.Values("Set-Cookie"); !slices.Equal(got, want) {
		o.fault("the viewer gets the cookies %q, want %q", got, want)
	}
}
