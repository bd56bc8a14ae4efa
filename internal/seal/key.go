package seal

import "fmt"

// minDifferent is the number of different bytes below which a key was not drawn: of 32 random bytes some 30 differ, and
// fewer than 12 come up once in more than 10^13 keys.
const minDifferent = 12

// KeyProblem says what keeps a master key from being 32 random bytes; "" where nothing does. Keys that somebody wrote, or
// left as they were made, seal nothing: whoever has read an example can open and make every session.
func KeyProblem(key []byte) string {
	if len(key) != KeySize {
		return fmt.Sprintf("has %d bytes, want %d", len(key), KeySize)
	}
	different := make(map[byte]bool, KeySize)
	text, counts := true, true
	for i, b := range key {
		different[b] = true
		text = text && (b >= ' ' && b <= '~' || b == '\t' || b == '\n' || b == '\r')
		counts = counts && (i < 2 || b-key[i-1] == key[1]-key[0])
	}
	switch {
	case text:
		return "is text, and has to be 32 random bytes"
	case counts || repeats(key) || len(different) < minDifferent:
		return "is made up, and has to be 32 random bytes"
	}
	return ""
}

// repeats reports whether the key is a shorter one, written again and again.
func repeats(key []byte) bool {
	for period := 1; period <= KeySize/2; period++ {
		i := period
		for i < KeySize && key[i] == key[i-period] {
			i++
		}
		if i == KeySize {
			return true
		}
	}
	return false
}
