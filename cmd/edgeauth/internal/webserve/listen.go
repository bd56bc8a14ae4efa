package webserve

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
)

// Listen listens on a TCP address, or on the Unix-domain socket in unix:PATH. The user and the group of the process may
// connect to a socket; one that nobody listens on any more is replaced.
func Listen(ctx context.Context, addr string) (net.Listener, error) {
	path, socket := strings.CutPrefix(addr, "unix:")
	if !socket {
		return new(net.ListenConfig).Listen(ctx, "tcp", addr)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSocket {
		if c, err := new(net.Dialer).DialContext(ctx, "unix", path); err == nil {
			c.Close()
			return nil, fmt.Errorf("%s: another process listens there", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o660); err != nil { // #nosec G302 -- the proxy is another user, in the socket's group
		l.Close()
		return nil, err
	}
	return l, nil
}

// IsLoopback reports whether only this machine can reach addr.
func IsLoopback(addr string) bool {
	if strings.HasPrefix(addr, "unix:") {
		return true
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
