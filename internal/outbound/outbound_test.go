package outbound

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth/provider"
)

func TestOnlyPublicAddressesAreCalled(t *testing.T) {
	for _, test := range []struct {
		rule, addr string
		public     bool
	}{
		{"a server of the Internet", "93.184.215.14", true},
		{"a server of the Internet, IPv6", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", true},
		{"a server of the Internet through NAT64", "64:ff9b::5db8:d70e", true},
		{"loopback", "127.0.0.1", false},
		{"another address of loopback", "127.8.9.1", false},
		{"loopback, IPv6", "::1", false},
		{"loopback, mapped", "::ffff:127.0.0.1", false},
		{"loopback, compatible", "::127.0.0.1", false},
		{"loopback through NAT64", "64:ff9b::7f00:1", false},
		{"loopback by 6to4", "2002:7f00:1::", false},
		{"Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2", false},
		{"this machine", "0.0.0.0", false},
		{"this machine, IPv6", "::", false},
		{"this network", "0.1.2.3", false},
		{"the metadata service", "169.254.169.254", false},
		{"the metadata service, mapped", "::ffff:169.254.169.254", false},
		{"the metadata service of AWS, IPv6", "fd00:ec2::254", false},
		{"the metadata service of Alibaba", "100.100.100.200", false},
		{"a private network", "10.1.2.3", false},
		{"a private network", "172.31.0.1", false},
		{"a private network", "192.168.1.1", false},
		{"a private network, IPv6", "fc00::1", false},
		{"this link", "fe80::1", false},
		{"this link, with a zone", "fe80::1%eth0", false},
		{"this site", "fec0::1", false},
		{"a group", "224.0.0.1", false},
		{"a group, IPv6", "ff02::1", false},
		{"everybody", "255.255.255.255", false},
		{"the network of tests", "198.18.0.1", false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			require.Equal(t, test.public, Policy{}.Permits(netip.AddrPortFrom(netip.MustParseAddr(test.addr), 443)), test.addr)
		})
	}
	require.False(t, Policy{}.Permits(netip.AddrPort{}), "no address")

	local := Policy{Loopback: true, ClosedPort: 9001}
	for addr, permitted := range map[string]bool{
		"127.0.0.1:8080": true, "[::1]:8080": true, "127.0.0.1:9001": false, "[::1]:9001": false, "[::ffff:127.0.0.1]:9001": false,
		"0.0.0.0:8080": false, "[::]:9001": false, "169.254.169.254:80": false, "10.0.0.1:443": false,
	} {
		require.Equal(t, permitted, local.Permits(netip.MustParseAddrPort(addr)), addr)
	}

	p := Policy{Networks: prefixes("127.0.0.0/8", "10.1.0.5/16"), ClosedPort: 9001}
	for addr, permitted := range map[string]bool{
		"127.0.0.1:80": true, "[::ffff:127.0.0.1]:80": true, "10.1.9.9:443": true, "10.2.0.1:443": false, "[::1]:80": false,
		"127.0.0.1:9001": false, "[::ffff:127.0.0.1]:9001": false, "93.184.215.14:9001": true,
	} {
		require.Equal(t, permitted, p.Permits(netip.MustParseAddrPort(addr)), addr)
	}
}

func FuzzPermits(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1}, uint16(80))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 169, 254, 169, 254}, uint16(80))
	f.Fuzz(func(t *testing.T, raw []byte, port uint16) {
		addr, ok := netip.AddrFromSlice(raw)
		if !ok || !(Policy{}).Permits(netip.AddrPortFrom(addr, port)) {
			return
		}
		plain := addr.Unmap()
		if plain.IsLoopback() || plain.IsPrivate() || plain.IsLinkLocalUnicast() || plain.IsUnspecified() || plain.IsMulticast() || plain.IsInterfaceLocalMulticast() {
			t.Errorf("%s is called", addr)
		}
	})
}

// server is one on loopback, which no policy permits by itself, and how to get there by other names.
func server(t *testing.T) (address string, calls *int) {
	calls = new(int)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { *calls++ }))
	t.Cleanup(s.Close)
	return s.URL, calls
}

func none(*http.Request) (*url.URL, error) { return nil, nil }

func TestNoNameAndNoSpellingLeadsToLoopback(t *testing.T) {
	address, calls := server(t)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	require.NoError(t, err)
	// What only a resolver can read, such as 0x7f.1, comes to the same place: the address that it found.
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST", "0.0.0.0", "[::ffff:127.0.0.1]", "[::]", "[::1]"} {
		for _, p := range []string{port, "0" + port} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host+":"+p+"/2018-06-01/runtime/init/error", nil)
			require.NoError(t, err)
			_, err = Policy{}.client(none).Do(r)
			require.Error(t, err, host)
		}
	}
	require.Zero(t, *calls)

	_, err = Policy{}.client(none).Get(address)
	require.ErrorContains(t, err, "is not a public address, nor in a network that the operator lists for providers")
	answer, err := Policy{Networks: prefixes("127.0.0.0/8")}.client(none).Get(address)
	require.NoError(t, err)
	answer.Body.Close()
	require.Equal(t, 1, *calls)
}

func TestAProxyIsTheOperatorsAndDecidesOnNames(t *testing.T) {
	address, calls := server(t)
	proxy, err := url.Parse(address)
	require.NoError(t, err)
	client := Policy{}.client(func(*http.Request) (*url.URL, error) { return proxy, nil })
	answer, err := client.Get("http://login.example/keys")
	require.NoError(t, err)
	answer.Body.Close()
	require.Equal(t, 1, *calls)
	for _, host := range []string{"127.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]"} {
		_, err = client.Get("http://" + host + "/")
		require.ErrorContains(t, err, "is not a public address")
	}
	require.Equal(t, 1, *calls)
}

func TestAnAddressThatIsNotPublicIsAFaultOfTheProvider(t *testing.T) {
	at := func(set func(*provider.Provider)) *provider.Provider {
		p := provider.OIDC("https://login.example")
		set(&p)
		return &p
	}
	for rule, p := range map[string]*provider.Provider{
		"discovery": at(func(p *provider.Provider) { p.Discovery = "http://127.0.0.1:9001/" }),
		"token":     at(func(p *provider.Provider) { p.Endpoints.Token = "http://localhost:09001/x" }),
		"keys":      at(func(p *provider.Provider) { p.Endpoints.Keys = "https://169.254.169.254/" }),
		"userinfo":  at(func(p *provider.Provider) { p.Endpoints.Userinfo = "https://[::ffff:10.0.0.1]/" }),
		"revoke":    at(func(p *provider.Provider) { p.Endpoints.Revoke = "https://localhost./" }),
		"userinfos": at(func(p *provider.Provider) { p.Userinfo.URLs = []string{"https://login.example", "http://[::1]/"} }),
	} {
		require.ErrorContains(t, Policy{}.CheckProvider(p), "is not at a public address", rule)
	}
	local := at(func(p *provider.Provider) { p.Endpoints.Token = "http://localhost:8080/token" })
	require.NoError(t, Policy{Networks: prefixes("127.0.0.0/8")}.CheckProvider(local))
	require.NoError(t, Policy{}.CheckProvider(at(func(p *provider.Provider) { p.Endpoints.Authorize = "http://localhost/" })), "where browsers go")
	_, err := Policy{}.Client().Transport.(*chooser).direct.DialContext(context.Background(), "tcp", "127.0.0.1:9")
	require.ErrorContains(t, err, "is not a public address")
}
