// Package outbound keeps calls to providers off what is not public.
//
// With many sites, the author of a document names the provider's URLs, and is not trusted with the network that the
// program is in: its own interfaces on loopback, such as Lambda's, the metadata service of a cloud, and machines that
// only this one can reach.
package outbound

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// Policy says which addresses may be called. The zero Policy is every public one.
type Policy struct {
	Networks   []netip.Prefix // may be called besides
	Loopback   bool           // this machine may be called besides
	ClosedPort uint16         // is not called there; 0 for none
}

// Permits reports whether an address may be called.
func (p Policy) Permits(to netip.AddrPort) bool {
	addr := to.Addr().Unmap().WithZone("")
	if public(addr) {
		return true
	}
	if p.ClosedPort != 0 && to.Port() == p.ClosedPort {
		return false
	}
	return p.Loopback && addr.IsLoopback() || slices.ContainsFunc(p.Networks, func(n netip.Prefix) bool { return n.Masked().Contains(addr) })
}

// CheckProvider finds the URLs that name an address which may not be called. What a name leads to is only known when it
// is called.
func (p Policy) CheckProvider(of *provider.Provider) error {
	e := &of.Endpoints
	for _, address := range append([]string{of.Discovery, e.Token, e.Keys, e.Userinfo, e.Revoke, e.PushedRequests, of.GroupsLookup.URL}, of.Userinfo.URLs...) {
		u, err := url.Parse(address)
		if err != nil || address == "" {
			continue // is reported elsewhere
		}
		host := strings.TrimSuffix(u.Hostname(), ".")
		addr, err := netip.ParseAddr(host)
		if err != nil && provider.Loopback(host) {
			addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		port, _ := strconv.ParseUint(u.Port(), 10, 16) // 09001 is 9001 to whoever connects
		if addr.IsValid() && !p.Permits(netip.AddrPortFrom(addr, uint16(port))) {
			return fmt.Errorf("%q is not at a public address", address)
		}
	}
	return nil
}

// public reports whether an address is one of the Internet at large, by the registries of special-purpose addresses
// (RFC 6890).
func public(addr netip.Addr) bool {
	switch {
	case addr.Is4():
		return !slices.ContainsFunc(special4, func(n netip.Prefix) bool { return n.Contains(addr) })
	case nat64.Contains(addr): // RFC 6052: the last four bytes are the address that is called
		b := addr.As16()
		return public(netip.AddrFrom4([4]byte(b[12:])))
	}
	return global6.Contains(addr) && !slices.ContainsFunc(special6, func(n netip.Prefix) bool { return n.Contains(addr) })
}

var (
	special4 = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3")
	nat64   = netip.MustParsePrefix("64:ff9b::/96")
	global6 = netip.MustParsePrefix("2000::/3")
	// 2001::/23 holds Teredo, and 2002::/16 is 6to4: both carry an IPv4 address that is called in the end.
	special6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

func prefixes(list ...string) (out []netip.Prefix) {
	for _, text := range list {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}
