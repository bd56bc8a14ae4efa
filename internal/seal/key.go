package seal

import "fmt"

// minDifferent is the number of different bytes below which a key was not drawn: of 32 random bytes some 30 differ, and
// fewer than 8 never come up.
const minDifferent = 8

// KeyProblem says what keeps a master key from being 32 random bytes; "" where nothing does. Keys of one byte or a few, again
// and again, are those of examples and of memory that nobody filled: whoever guesses one can open and make every session.
func KeyProblem(key []byte) string {
	if len(key) != KeySize {
		return fmt.Sprintf("has %d bytes, want %d", len(key), KeySize)
	}
	different := make(map[byte]bool, KeySize)
	for _, b := range key {
		different[b] = true
	}
	if len(different) < minDifferent {
		return "is made up, and has to be 32 random bytes"
	}
	return ""
}
