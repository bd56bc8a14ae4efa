package edgeauth

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const returnOrigin = "https://app.example.com"

func TestTheRefererNamesAPathOfThisSiteOnly(t *testing.T) {
	g := &Guard{cfg: Config{}.withDefaults()}
	for _, test := range []struct{ rule, referer, want string }{
		{"a page of the site", returnOrigin + "/form?x=1", "/form?x=1"},
		{"its fragment, which htmx knows", returnOrigin + "/form#x", "/form#x"},
		{"another site", "https://evil.example/form", "/"},
		{"a longer host", returnOrigin + ".evil.example/form", "/"},
		{"a user in front", returnOrigin + "@evil.example/form", "/"},
		{"another port", returnOrigin + ":8443/form", "/"},
		{"two slashes", returnOrigin + "//evil.example/", "/"},
		{"http", "http://app.example.com/form", "/"},
		{"the origin alone", returnOrigin, "/"},
		{"nothing", "", "/"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			v := &visit{origin: returnOrigin, r: &Request{Method: "POST", Header: func(name string) string {
				return map[string]string{"Referer": test.referer}[name]
			}}}
			require.Equal(t, test.want, g.here(v))
		})
	}
}

func TestAPlatformWithoutHeadersNavigatesNowhere(t *testing.T) {
	require.False(t, (&visit{r: &Request{}}).fetch().Navigation())
}
