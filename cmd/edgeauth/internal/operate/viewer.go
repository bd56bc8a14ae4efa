package operate

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the peers whose word counts: what they say of a viewer's address is believed, and nobody else's is.
type Proxies struct {
	Networks []netip.Prefix
	Unix     bool // whoever comes by a Unix-domain socket, where the file's mode says who may
}

// Add reads a network, an address, or the word unix.
func (p *Proxies) Add(text string) error {
	if text == "unix" {
		p.Unix = true
		return nil
	}
	network, err := netip.ParsePrefix(text)
	if addr, addrErr := netip.ParseAddr(text); addrErr == nil && addr.Zone() == "" {
		network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	switch {
	case err != nil:
		return fmt.Errorf("%q is no network; write 10.1.0.0/16, an address such as 127.0.0.1, or unix", text)
	case network.Addr().Is4In6():
		return fmt.Errorf("%q: write an IPv4 network as such", text)
	}
	p.Networks = append(p.Networks, network.Masked())
	return nil
}

// None reports whether nobody is trusted.
func (p Proxies) None() bool { return len(p.Networks) == 0 && !p.Unix }

// Trusts reports whether the peer of a connection is one of them.
func (p Proxies) Trusts(remote string) bool {
	addr, ok := peer(remote)
	if !ok {
		return p.Unix && (remote == "" || strings.HasPrefix(remote, "@") || strings.HasPrefix(remote, "/"))
	}
	return p.within(addr)
}

func (p Proxies) within(addr netip.Addr) bool {
	return slices.ContainsFunc(p.Networks, func(n netip.Prefix) bool { return n.Contains(addr) })
}

// peer reads the address of a TCP connection's other end.
func peer(remote string) (netip.Addr, bool) {
	if whole, err := netip.ParseAddrPort(remote); err == nil {
		return whole.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.Trim(remote, "[]"))
	return addr.Unmap().WithZone(""), err == nil
}

// Viewer is the address of whoever asks, as far as somebody says so whose word counts: the last address in X-Forwarded-For
// that no trusted proxy has. What stands before it anybody may have written. It is "" where nobody knows, as at a
// Unix-domain socket.
func (p Proxies) Viewer(r *http.Request) string {
	addr, known := peer(r.RemoteAddr)
	if p.Trusts(r.RemoteAddr) {
		hops := strings.Split(strings.Join(r.Header["X-Forwarded-For"], ","), ",")
		for _, hop := range slices.Backward(hops) {
			next, ok := peer(strings.TrimSpace(hop))
			if !ok {
				break
			}
			if addr, known = next, true; !p.within(addr) {
				break
			}
		}
	}
	if !known {
		return ""
	}
	return addr.String()
}
