package webserve

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stopListening ends a listener in the moment in which no connection waits to be accepted: the system resets those that do,
// and a proxy has sent its request on them. It looks for such a moment for as long as requests may take to end.
func stopListening(l net.Listener) {
	defer l.Close()
	socket, ok := l.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return
	}
	ended := false
	for end := time.Now().Add(shutdownTime); !ended && time.Now().Before(end); {
		err = raw.Control(func(fd uintptr) {
			// Of a listener this is how many connections wait to be accepted.
			info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
			if ended = err != nil || info.Unacked == 0; ended { // a Unix-domain socket has no such information
				_ = unix.Shutdown(int(fd), unix.SHUT_RDWR)
			}
		})
		if err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
