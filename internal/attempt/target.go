package attempt

import (
	"bytes"
	"compress/flate"
	"io"
	"strings"
)

const (
	maxKept   = 340     // bytes of a target, and of what came before it, in a cookie, which has 600 in all
	maxTarget = 2 << 10 // bytes of a target that is unpacked again
)

// Fit shortens a target that does not fit a cookie beside what came before, packed as tight as it can be: it loses its
// fragment, then its query, and then everything. Cut says that it lost something.
func Fit(target, after string) (fits string, cut bool) {
	for _, sign := range []string{"#", "?"} {
		if kept(target, after) {
			return target, cut
		}
		var lost bool
		target, _, lost = strings.Cut(target, sign)
		cut = cut || lost
	}
	if !kept(target, after) {
		return "/", true
	}
	return target, cut
}

func kept(target, after string) bool {
	text, _ := pack(target, after)
	return len(target) <= maxTarget && len(text)+len(after) <= maxKept
}

// pack compresses a target that does not fit, where that makes it shorter.
func pack(target, after string) (text []byte, packed bool) {
	if len(target)+len(after) <= maxKept {
		return []byte(target), false
	}
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // the level is a valid one
	_, _ = io.WriteString(w, target)                   // to memory
	_ = w.Close()
	if b.Len() >= len(target) {
		return []byte(target), false
	}
	return b.Bytes(), true
}

// unpack is bounded, whatever it is given.
func unpack(text []byte) (target string, ok bool) {
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(text)), maxTarget+1))
	return string(plain), err == nil && len(plain) <= maxTarget
}
