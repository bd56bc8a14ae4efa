package access

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzDomainOf(f *testing.F) {
	for _, email := range []string{"ada@example.com", "ADA@Example.COM", "a@b@example.com", `"a@b"@example.com`, "@example.com", "ada@", "", "ada@example\u212Aom", "ada@example.com\n"} {
		f.Add(email)
	}
	f.Fuzz(func(t *testing.T, email string) {
		domain, ok := domainOf(email)
		if !ok {
			return
		}
		require.Equal(t, 1, strings.Count(email, "@"))
		require.True(t, strings.HasSuffix(email, "@"+domain))
		if lower(domain) == "example.com" {
			require.Regexp(t, `^(?s)[^@]+@[Ee][Xx][Aa][Mm][Pp][Ll][Ee]\.[Cc][Oo][Mm]$`, email)
		}
	})
}
