package session

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// ClaimHolds compares a claim with a rule's text: whole, and any entry of a list.
func ClaimHolds(claim any, want string) bool {
	switch c := claim.(type) {
	case string:
		return c == want
	case bool:
		return fmt.Sprint(c) == want
	case json.Number:
		return c.String() == want
	case []any:
		return slices.ContainsFunc(c, func(entry any) bool {
			_, nested := entry.([]any)
			return !nested && ClaimHolds(entry, want)
		})
	}
	return false
}

// HeaderText is a claim as a header value: lists with commas, and percent-encoded outside printable ASCII.
func HeaderText(claim any) string {
	switch c := claim.(type) {
	case nil:
		return ""
	case string:
		return percentText(c)
	case []any:
		parts := make([]string, len(c))
		for i, entry := range c {
			parts[i] = strings.ReplaceAll(HeaderText(entry), ",", "%2C")
		}
		return strings.Join(parts, ",")
	case map[string]any:
		text, _ := json.Marshal(c) // it came from JSON
		return percentText(string(text))
	}
	return fmt.Sprint(claim)
}

func percentText(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
