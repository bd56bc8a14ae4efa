package reason

import "strings"

// Clip makes text that anybody can have written fit a log line: no control characters, at most 80 bytes.
func Clip(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, s)
	return s[:min(len(s), 80)]
}
