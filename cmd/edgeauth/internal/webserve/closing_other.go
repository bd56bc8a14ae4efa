//go:build !linux

package webserve

import "net"

// stopListening ends a listener. Connections that wait to be accepted are reset.
func stopListening(l net.Listener) { l.Close() }
