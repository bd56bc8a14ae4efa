package oauth

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// strength is what the authorization request asks of the sign-in itself. The person can take it out of the request, and a
// provider may overlook it: so it is asked of the answer (OIDC Core 3.1.2.1, and 3.1.3.7, rules 12 and 13).
type strength struct {
	maxAge time.Duration // of the sign-in when it was asked for; below 0 for any
	login  bool          // the person was to sign in again
	acr    []string      // any of these; none for any
}

// checkStrength returns what is wrong with the parameters of the authorization request that ask for a strength.
func checkStrength(params map[string]string) (param string, err error) {
	if text, ok := params["max_age"]; ok {
		if seconds, err := strconv.ParseInt(text, 10, 32); err != nil || seconds < 0 {
			return "max_age", fmt.Errorf("%q is no number of seconds", text)
		}
	}
	return "", nil
}

// asksForStrength reports whether such parameters are there.
func asksForStrength(params map[string]string) bool {
	return params["max_age"] != "" || params["acr_values"] != ""
}

func (c *Client) strength(p *provider.Provider) strength {
	param := func(name string) string {
		if value, ok := c.c.AuthorizeParams[name]; ok {
			return value
		}
		return p.AuthorizeParams[name]
	}
	s := strength{maxAge: -1, login: slices.Contains(strings.Fields(param("prompt")), "login"), acr: strings.Fields(param("acr_values"))}
	if seconds, err := strconv.ParseInt(param("max_age"), 10, 32); err == nil {
		s.maxAge = time.Duration(seconds) * time.Second
	}
	return s
}

// maxAhead is how much after the sign-in was asked for a person may have signed in, be the provider's clock wrong: attempts last that long.
const maxAhead = 2 * time.Hour

// check refuses a sign-in that is older or weaker than what was asked for at began.
func (s strength) check(id provider.Claims, began time.Time) error {
	at, has := id.Number("auth_time")
	has = has && 0 <= at && at < math.MaxUint32
	age := began.Sub(time.Unix(at, 0))
	has = has && age > -maxAhead
	switch acr, _ := id.Text("acr"); {
	case s.maxAge >= 0 && !has:
		return fmt.Errorf("%w: the ID token has no auth_time, which max_age asks for", reason.WeakSignIn)
	case s.maxAge >= 0 && age > s.maxAge:
		return fmt.Errorf("%w: auth_time is %v before the sign-in, and max_age is %v", reason.WeakSignIn, age, s.maxAge)
	case s.login && has && age > 0:
		return fmt.Errorf("%w: auth_time is %v before the sign-in, and prompt=login asks for a new one", reason.WeakSignIn, age)
	case len(s.acr) > 0 && !slices.Contains(s.acr, acr):
		return fmt.Errorf("%w: acr is %q, and acr_values asks for one of %q", reason.WeakSignIn, reason.Clip(acr), s.acr)
	}
	return nil
}
