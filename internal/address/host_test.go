package address

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyAConfiguredHostIsKnownAndTheOriginIsTheEntrys(t *testing.T) {
	for _, test := range []struct {
		rule     string
		entries  []string
		insecure bool
		host     string
		origin   string // "" for unknown
	}{
		{"the entry itself", []string{"app.example.com"}, false, "app.example.com", "https://app.example.com"},
		{"case is folded", []string{"App.Example.com"}, false, "aPP.eXAMPLE.COM", "https://app.example.com"},
		{"a dot at the end is cut", []string{"app.example.com"}, false, "app.example.com.", "https://app.example.com"},
		{"the default port is cut", []string{"app.example.com"}, false, "app.example.com:443", "https://app.example.com"},
		{"the default port of the entry too", []string{"app.example.com:443"}, false, "app.example.com", "https://app.example.com"},
		{"dot and port", []string{"app.example.com"}, false, "app.example.com.:443", "https://app.example.com"},
		{"a port of its own", []string{"app.example.com:8443"}, false, "app.example.com:8443", "https://app.example.com:8443"},
		{"http has another default port", []string{"localhost"}, true, "localhost:80", "http://localhost"},
		{"an address", []string{"[::1]:8080"}, true, "[::1]:8080", "http://[::1]:8080"},
		{"the second entry", []string{"a.example", "b.example"}, false, "b.example", "https://b.example"},

		{"no host", []string{"app.example.com"}, false, "", ""},
		{"another host", []string{"app.example.com"}, false, "evil.example", ""},
		{"a sub-domain", []string{"example.com"}, false, "app.example.com", ""},
		{"a parent", []string{"app.example.com"}, false, "example.com", ""},
		{"a longer name", []string{"app.example.com"}, false, "app.example.com.evil.example", ""},
		{"a name that ends alike", []string{"app.example.com"}, false, "evilapp.example.com", ""},
		{"another port", []string{"app.example.com"}, false, "app.example.com:8443", ""},
		{"the port of http", []string{"app.example.com"}, false, "app.example.com:80", ""},
		{"no port where there is one", []string{"app.example.com:8443"}, false, "app.example.com", ""},
		{"a port with a zero in front", []string{"app.example.com"}, false, "app.example.com:0443", ""},
		{"two ports", []string{"app.example.com"}, false, "app.example.com:443:443", ""},
		{"two dots", []string{"app.example.com"}, false, "app.example.com..", ""},
		{"a user in front", []string{"app.example.com"}, false, "me@app.example.com", ""},
		{"a user with our name", []string{"app.example.com"}, false, "app.example.com@evil.example", ""},
		{"our name and a path", []string{"app.example.com"}, false, "app.example.com/evil.example", ""},
		{"our name and a backslash", []string{"app.example.com"}, false, `app.example.com\evil.example`, ""},
		{"our name and a fragment", []string{"app.example.com"}, false, "app.example.com#evil.example", ""},
		{"two hosts", []string{"app.example.com"}, false, "app.example.com,evil.example", ""},
		{"a blank", []string{"app.example.com"}, false, " app.example.com", ""},
		{"a line break", []string{"app.example.com"}, false, "app.example.com\r\nX: y", ""},
		{"a scheme", []string{"app.example.com"}, false, "https://app.example.com", ""},
		{"an escape", []string{"app.example.com"}, false, "app%2eexample.com", ""},
		{"the word cloudfront", []string{"cloudfront"}, false, "cloudfront", ""},
	} {
		t.Run(test.rule, func(t *testing.T) {
			h := NewHosts(test.entries, test.insecure)
			origin, known := h.Origin(test.host, "")
			require.Equal(t, test.origin, origin)
			require.Equal(t, test.origin != "", known)
		})
	}
}

func TestTheDistributionsNameCountsOnlyWhereThePlatformVouchesForIt(t *testing.T) {
	const name = "d111111abcdef8.cloudfront.net"
	for _, test := range []struct {
		rule               string
		entries            []string
		host, distribution string
		known              bool
	}{
		{"vouched for and configured", []string{"cloudfront"}, name, name, true},
		{"beside other hosts", []string{"app.example.com", "cloudfront"}, name, name, true},
		{"not vouched for", []string{"cloudfront"}, name, "", false},
		{"not configured", []string{"app.example.com"}, name, name, false},
		{"another distribution", []string{"cloudfront"}, "d222222abcdef8.cloudfront.net", name, false},
		{"vouched for as nothing", []string{"cloudfront"}, "", "", false},
		{"vouched for as no name", []string{"cloudfront"}, "a/b", "a/b", false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			h := NewHosts(test.entries, false)
			origin, known := h.Origin(test.host, test.distribution)
			require.Equal(t, test.known, known)
			if known {
				require.Equal(t, "https://"+name, origin)
			}
		})
	}
}
