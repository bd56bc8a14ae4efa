package operate_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/cmd/edgeauth/internal/operate"
)

func proxies(t testing.TB, texts ...string) (p operate.Proxies) {
	for _, text := range texts {
		require.NoError(t, p.Add(text))
	}
	return p
}

func TestOnlyATrustedProxySaysWhoTheViewerIs(t *testing.T) {
	for name, c := range map[string]struct {
		trusted string
		remote  string
		said    []string
		want    string
	}{
		"nobody is trusted":                   {"", "10.0.0.1:1", []string{"203.0.113.9"}, "10.0.0.1"},
		"a stranger":                          {"10.0.0.0/8", "203.0.113.1:1", []string{"203.0.113.9"}, "203.0.113.1"},
		"the proxy":                           {"10.0.0.0/8", "10.0.0.1:1", []string{"203.0.113.9"}, "203.0.113.9"},
		"the proxy, which says nothing":       {"10.0.0.0/8", "10.0.0.1:1", nil, "10.0.0.1"},
		"what the viewer wrote stands before": {"10.0.0.0/8", "10.0.0.1:1", []string{"127.0.0.1, 203.0.113.9"}, "203.0.113.9"},
		"two proxies":                         {"10.0.0.0/8", "10.0.0.1:1", []string{"198.51.100.7, 203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		"two lines are one list":              {"10.0.0.0/8", "10.0.0.1:1", []string{"198.51.100.7", "203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		"all are proxies":                     {"10.0.0.0/8", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"a word that is no address":           {"10.0.0.0/8", "10.0.0.1:1", []string{"203.0.113.9, unknown"}, "10.0.0.1"},
		"behind such a word nobody looks":     {"10.0.0.0/8", "10.0.0.1:1", []string{"203.0.113.9, _hidden, 10.0.0.2"}, "10.0.0.2"},
		"an empty place":                      {"10.0.0.0/8", "10.0.0.1:1", []string{"203.0.113.9,"}, "10.0.0.1"},
		"with a port":                         {"10.0.0.0/8", "10.0.0.1:1", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		"IPv6":                                {"fd00::/8", "[fd00::1]:1", []string{"2001:db8::9"}, "2001:db8::9"},
		"IPv6 in brackets with a port":        {"fd00::/8", "[fd00::1]:1", []string{"[2001:db8::9]:443"}, "2001:db8::9"},
		"IPv6 in brackets":                    {"fd00::/8", "[fd00::1]:1", []string{"[2001:db8::9]"}, "2001:db8::9"},
		"IPv4 by way of IPv6":                 {"10.0.0.0/8", "[::ffff:10.0.0.1]:1", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		"one address":                         {"10.0.0.1", "10.0.0.1:1", []string{"203.0.113.9"}, "203.0.113.9"},
		"its neighbour":                       {"10.0.0.1", "10.0.0.2:1", []string{"203.0.113.9"}, "10.0.0.2"},
		"a socket":                            {"unix", "@", []string{"203.0.113.9"}, "203.0.113.9"},
		"a socket that is not trusted":        {"10.0.0.0/8", "@", []string{"203.0.113.9"}, ""},
		"a socket, and nothing is said":       {"unix", "", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := proxies(t, strings.Fields(c.trusted)...)
			require.Equal(t, c.trusted == "", p.None())
			require.Equal(t, c.want, p.Viewer(&http.Request{RemoteAddr: c.remote, Header: http.Header{"X-Forwarded-For": c.said}}))
		})
	}
}

func TestATrustedProxyIsANetwork(t *testing.T) {
	for _, bad := range []string{"", "localhost", "10.0.0.0/33", "10.0.0", "*", "::ffff:10.0.0.0/104", "fe80::1%eth0"} {
		require.Error(t, new(operate.Proxies).Add(bad), bad)
	}
}

// FuzzViewer looks for a claim of a stranger that counts.
func FuzzViewer(f *testing.F) {
	f.Add("10.0.0.1:1", "203.0.113.9")
	f.Add("203.0.113.1:1", "10.0.0.1, 203.0.113.9")
	f.Add("@", "::1")
	p := proxies(f, "10.0.0.0/8")
	f.Fuzz(func(t *testing.T, remote, said string) {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {said}}}
		viewer := p.Viewer(r)
		if viewer == "" {
			return
		}
		addr, err := netip.ParseAddr(viewer)
		require.NoError(t, err)
		if !p.Trusts(remote) {
			plain, err := netip.ParseAddr(strings.Trim(remote, "[]"))
			if whole, wholeErr := netip.ParseAddrPort(remote); wholeErr == nil {
				plain, err = whole.Addr(), nil
			}
			require.NoError(t, err)
			require.Equal(t, plain.Unmap().WithZone(""), addr, "%q says %q", remote, said)
		}
		r.Header.Set("X-Forwarded-For", "198.51.100.66, "+said) // what stands before the rest changes nothing that the rest says
		if strings.Contains(said, "203.0.113.9") && viewer == "203.0.113.9" {
			require.Equal(t, viewer, p.Viewer(r))
		}
	})
}
