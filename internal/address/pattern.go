package address

import (
	"fmt"
	"strings"
)

// patternSigns are what other software's patterns are made of.
const patternSigns = "*?{}()[]|^$<>"

// PatternSign is what makes a rule's path look like a pattern; "" where it does not. Such a rule would be taken and would
// protect nothing.
func PatternSign(path string) string {
	if i := strings.IndexAny(path, patternSigns); i >= 0 {
		return path[i : i+1]
	}
	if strings.Contains(path, "/:") { // a segment such as ":id"
		return ":"
	}
	if below := path + "/"; strings.Contains(below, "/+/") || strings.Contains(below, "/.+/") { // whole segments
		return "+"
	}
	return ""
}

// PercentEncoded is how a sign is written where it is meant (RFC 3986, 2.1).
func PercentEncoded(sign string) string { return fmt.Sprintf("%%%02X", sign[0]) }

// Literal is a rule's path as requests are compared with it: what would look like a pattern may be written percent-encoded,
// and nothing else.
func Literal(path string) string {
	for _, sign := range patternSigns + ":+" {
		encoded := PercentEncoded(string(sign))
		path = strings.ReplaceAll(strings.ReplaceAll(path, encoded, string(sign)), strings.ToLower(encoded), string(sign))
	}
	return path
}
