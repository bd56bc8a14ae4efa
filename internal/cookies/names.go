package cookies

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Family is in the name of every cookie of every site.
const Family = "edgeauth-"

// Names are the names of one site's cookies.
type Names struct {
	Session       string // the sealed session, or the token that is the session
	Refresh       string // tokens mode: the refresh token
	SignedOut     string // the mark of a sign-out
	Beside        string // tokens mode: what the token does not say of its sign-in
	RedirectCount string // how often this browser was just sent to the same URL again
	SignInCount   string // how many sign-ins of this browser have just ended well
	Attempt       string // what the names of sign-in attempts start with
}

// NewNames returns the names that belong to a site. Those that begin with __Host- have no domain. Partitioned cookies have
// names of their own: a browser keeps those of before beside them, and nothing that is partitioned takes them away.
func NewNames(site, domain string, insecure, partitioned bool) Names {
	if partitioned {
		site += "\x00partitioned"
	}
	host, shared := "__Host-", "__Host-"
	switch {
	case insecure:
		host, shared = "", "" // prefixes ask for Secure
	case domain != "":
		shared = "__Secure-"
	}
	id := sha256.Sum256([]byte(site))
	name := Family + hex.EncodeToString(id[:4])
	own, all := host+name, shared+name
	return Names{
		Session: all, Refresh: all + "-r", SignedOut: all + "-o", Beside: all + "-a",
		RedirectCount: own + "-n", SignInCount: own + "-f", Attempt: own + "-s-",
	}
}

// Shared reports whether a cookie goes to the hosts of the domain. Counts and attempts do not: a sibling could plant them.
func (n *Names) Shared(name string) bool {
	return name != n.RedirectCount && name != n.SignInCount && !strings.HasPrefix(name, n.Attempt)
}
