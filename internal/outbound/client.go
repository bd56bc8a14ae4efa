package outbound

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/edgeauth/edgeauth/internal/flight"
)

// Client returns an HTTP client that calls what the policy permits. The address is looked at when the connection is made,
// after all that a name can lead to, however an address is written, and for every answer of DNS anew.
//
// Where the environment names a proxy (see http.ProxyFromEnvironment), the proxy resolves names, and so it decides on them.
func (p Policy) Client() *http.Client {
	return p.client(http.ProxyFromEnvironment)
}

func (p Policy) client(proxy func(*http.Request) (*url.URL, error)) *http.Client {
	direct := transport()
	direct.Proxy = nil
	dialer := &net.Dialer{Timeout: flight.Deadline, KeepAlive: 30 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !p.Permits(to) {
			return fmt.Errorf("%s is not a public address, nor in a network that the operator lists for providers", address)
		}
		return nil
	}}
	direct.DialContext = dialer.DialContext
	proxied := transport()
	proxied.Proxy = proxy
	return &http.Client{Timeout: flight.Deadline, Transport: &chooser{p, proxy, direct, proxied}}
}

// transport is a new one with the settings of the standard library.
func transport() *http.Transport {
	t := &http.Transport{ForceAttemptHTTP2: true, TLSHandshakeTimeout: flight.Deadline}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		t = standard.Clone()
		t.DialTLSContext = nil
	}
	t.IdleConnTimeout = flight.IdleTime
	return t
}

// chooser sends a request over the proxy where there is one for it.
type chooser struct {
	policy          Policy
	proxy           func(*http.Request) (*url.URL, error)
	direct, proxied *http.Transport
}

func (c *chooser) RoundTrip(r *http.Request) (*http.Response, error) {
	over, err := c.proxy(r)
	if err != nil || over == nil {
		return c.direct.RoundTrip(r)
	}
	if addr, err := netip.ParseAddr(r.URL.Hostname()); err == nil && !c.policy.Permits(netip.AddrPortFrom(addr, 0)) {
		return nil, fmt.Errorf("%s is not a public address, nor in a network that the operator lists for providers", addr)
	}
	return c.proxied.RoundTrip(r)
}
