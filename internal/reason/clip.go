package reason

import (
	"strings"
	"unicode"
)

// Clip makes text that anybody can have written fit a log line: no control characters, at most 80 bytes.
func Clip(s string) string {
	s = plain(s)
	return s[:min(len(s), 80)]
}

const (
	maxDescription = 400 // bytes: those of Entra, with its ids and time, have about 300
	maxWord        = 64  // bytes: what is longer may be a token
)

// Describe makes a provider's description of an error fit a log line. What is hidden is taken out of it, and so is
// whatever looks like a token or a code.
func Describe(s string, hidden ...string) string {
	for _, text := range hidden {
		if text != "" {
			s = strings.ReplaceAll(s, text, "…")
		}
	}
	words := strings.Fields(plain(s))
	for i, word := range words {
		if longest(word) > maxWord {
			words[i] = "…"
		}
	}
	s = strings.Join(words, " ")
	return strings.ToValidUTF8(s[:min(len(s), maxDescription)], "")
}

// plain has blanks in place of what cannot be seen: control characters, and those that turn the direction of text.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, s)
}

// longest is the longest run of the characters of base64url and of what holds a token together (RFC 7515, 7.1).
func longest(word string) (most int) {
	run := 0
	for _, c := range word {
		if run++; c == '/' || c == ':' || c == '?' || c == '&' || c == '=' || c > unicode.MaxASCII {
			run = 0
		}
		most = max(most, run)
	}
	return most
}
