package token

import (
	"fmt"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// issuer is one accepted value of iss: exact, or with the value of one claim inserted.
type issuer struct {
	before, claim, after string
}

// parseIssuer reads an entry of [provider.Provider.TokenIssuers].
func parseIssuer(text string) (issuer, error) {
	before, rest, templated := strings.Cut(text, "{")
	claim, after, closed := strings.Cut(rest, "}")
	if text == "" || templated != closed || templated && claim == "" || strings.ContainsAny(before+claim+after, "{}") {
		return issuer{}, fmt.Errorf("token issuer %q: want a URL with at most one {claim}", text)
	}
	return issuer{before, claim, after}, nil
}

// accepts compares whole strings (OIDC Core 3.1.3.7, rule 2). The claim has to be a GUID, which cannot change where the
// issuer's host or path ends.
func (i issuer) accepts(iss string, c provider.Claims) bool {
	if i.claim == "" {
		return iss == i.before
	}
	id, _ := c.Text(i.claim)
	return isGUID(id) && iss == i.before+id+i.after
}

func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case !('0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'):
			return false
		}
	}
	return true
}
