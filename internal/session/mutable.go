package session

import (
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// Mutable is the mutable claim of a provider that a claim is, holds or lies within; "" for none. Where anybody can get an
// account, everybody writes about themselves.
func Mutable(p *provider.Provider, claim string) string {
	asked := ClaimPath(claim)
	if slices.Contains(p.ReadOnlyClaims, asked[0]) {
		return ""
	}
	listed := p.MutableClaims
	if p.OpenSignup {
		listed = slices.Concat(listed, provider.SelfWritten())
	}
	for _, name := range listed {
		path := ClaimPath(name)
		n := min(len(path), len(asked))
		if beginning, all := strings.CutSuffix(name, "*"); slices.Equal(path[:n], asked[:n]) || all && strings.HasPrefix(asked[0], beginning) {
			return name
		}
	}
	return ""
}
