package platformtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
)

// rule is one rule, and the request and the decision that show it.
type rule struct {
	name     string
	sent     Request
	decision edgeauth.Decision
	panics   bool // the checker panics instead
	declared bool // the rule is for platforms with CookiesOnAllow
	check    func(*observed)
}

// observed is what happened when one rule was tried on a platform.
type observed struct {
	platform Platform
	rule     *rule
	asked    []edgeauth.Request
	headers  map[string]string // what the checker read
	result   Result
	faults   []string
}

func (o *observed) fault(format string, args ...any) {
	o.faults = append(o.faults, fmt.Sprintf(format, args...))
}

// reasonDetail stands in every decision's Reason; no viewer may ever see it.
const reasonDetail = "the-reason-in-detail"

// Check makes observed the checker that the platform asks.
func (o *observed) Check(_ context.Context, r *edgeauth.Request) edgeauth.Decision {
	asked := *r
	asked.Cookie = slices.Clone(r.Cookie) // the adapter may use r for its next request
	o.asked = append(o.asked, asked)
	o.headers = map[string]string{}
	for _, line := range o.rule.sent.Header {
		if r.Header != nil {
			o.headers[line.Name] = r.Header(line.Name)
		}
	}
	if o.rule.panics {
		panic(reasonDetail)
	}
	d := o.rule.decision
	d.Header, d.Forward.Set = d.Header.Clone(), d.Forward.Set.Clone() // the table stays as it is, whatever the adapter does
	d.Reason = errors.New(reasonDetail)
	return d
}

// run returns how p breaks this rule, and how it breaks those that always hold.
func (rule *rule) run(p Platform) []string {
	o := &observed{platform: p, rule: rule}
	if err := o.carry(); err != nil {
		return []string{err.Error()}
	}
	if len(o.asked) != 1 {
		o.fault("the checker was asked %d times, want once", len(o.asked))
		return o.faults
	}
	o.checkAlways()
	rule.check(o)
	return o.faults
}

func (o *observed) carry() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the adapter panicked: %v", v)
		}
	}()
	o.result, err = o.platform.Carry(o, o.rule.sent)
	return err
}

func (o *observed) checkAlways() {
	passed := o.result.Passed
	if passed != nil && (o.rule.panics || o.rule.decision.Action != edgeauth.Allow) {
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
func (r *Request) values(name string, underscores bool) (values []string) {
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
func (o *observed) wantPassed() *Request {
	if o.result.Passed == nil {
		o.fault("the request was not passed on but answered with %d", o.result.Status)
		return &Request{}
	}
	return o.result.Passed
}

func (o *observed) wantCookies(want ...string) {
	if got := o.result.Header.Values("Set-Cookie"); !slices.Equal(got, want) {
		o.fault("the viewer gets the cookies %q, want %q", got, want)
	}
}
