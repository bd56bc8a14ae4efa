package provider

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	maxClaims  = 64 << 10
	maxDepth   = 32
	maxMembers = 512 // in one object: each name is compared with all others
)

var errTooLarge = errors.New("JSON object of more than 64 KiB")

// registered are claims that a reader which ignores case could confuse with another member.
var registered = [...]string{"iss", "aud", "sub", "exp", "nbf", "iat", "nonce", "azp", "tid", "oid"}

// reader walks a JSON text once.
type reader struct {
	text string
	at   int
	open []member // the members of the objects that are open, outermost first
}

func (r *reader) fail(what string) error {
	return fmt.Errorf("%s at byte %d of the JSON text", what, r.at)
}

// document reads the whole text as one object and leaves its members in open.
func (r *reader) document() error {
	if !utf8.ValidString(r.text) {
		return errors.New("JSON text is not valid UTF-8")
	}
	r.space()
	if r.peek() != '{' {
		return r.fail("no object")
	}
	if _, err := r.object(1); err != nil {
		return err
	}
	if r.space(); r.at != len(r.text) {
		return r.fail("trailing data")
	}
	for _, m := range r.open {
		if err := distinct(r.name(m)); err != nil {
			return err
		}
	}
	return nil
}

// distinct refuses a name that equals a registered one but for its case.
func distinct(name string) error {
	if !strings.ContainsFunc(name, func(c rune) bool { return 'A' <= c && c <= 'Z' || c >= utf8.RuneSelf }) {
		return nil // small ASCII letters, as usual: it cannot differ from a registered name in case alone
	}
	for _, reserved := range registered {
		if strings.EqualFold(name, reserved) {
			return fmt.Errorf("member %q differs from %q only in case", name, reserved)
		}
	}
	return nil
}

func (r *reader) value(depth int) error {
	switch c := r.peek(); {
	case c == '{':
		n, err := r.object(depth + 1)
		if err == nil {
			r.open = r.open[:len(r.open)-n]
		}
		return err
	case c == '[':
		return r.array(depth + 1)
	case c == '"':
		_, err := r.str()
		return err
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	default:
		return r.literal()
	}
}

// object reads an object and leaves its members at the end of open. It returns how many they are.
func (r *reader) object(depth int) (int, error) {
	if depth > maxDepth {
		return 0, r.fail("more than 32 levels")
	}
	first := len(r.open)
	var names map[string]bool
	r.at++
	if r.space(); r.peek() == '}' {
		r.at++
		return 0, nil
	}
	for {
		if r.peek() != '"' {
			return 0, r.fail("no member name")
		}
		from := r.at + 1
		escaped, err := r.str()
		if err != nil {
			return 0, err
		}
		m := member{name: span{uint32(from), uint32(r.at - 1)}, escaped: escaped}
		if names, err = r.unused(m, r.open[first:], names); err != nil {
			return 0, err
		}
		if r.space(); r.peek() != ':' {
			return 0, r.fail("no colon")
		}
		r.at++
		r.space()
		m.value.from = uint32(r.at)
		if err := r.value(depth); err != nil {
			return 0, err
		}
		m.value.to = uint32(r.at)
		r.open = append(r.open, m)
		r.space()
		switch r.peek() {
		case '}':
			r.at++
			return len(r.open) - first, nil
		case ',':
			r.at++
			r.space()
		default:
			return 0, r.fail("no end of object")
		}
	}
}

// few is how many names are compared one by one. Beyond it a set is kept, since whoever made the text need not hold a key,
// and each name would be compared with each.
const few = 32

// unused refuses a name that the object has already. The set is nil for few names, and returned for the next one.
func (r *reader) unused(m member, before []member, set map[string]bool) (map[string]bool, error) {
	if len(before) == maxMembers {
		return nil, r.fail("more than 512 members in one object")
	}
	name := r.name(m)
	if len(before) < few {
		for _, b := range before {
			if b.is(r.text, name) {
				return nil, fmt.Errorf("member %q is there twice", name)
			}
		}
		return nil, nil
	}
	if set == nil {
		set = make(map[string]bool, maxMembers)
		for _, b := range before {
			set[r.name(b)] = true
		}
	}
	if set[name] {
		return nil, fmt.Errorf("member %q is there twice", name)
	}
	set[name] = true
	return set, nil
}

func (r *reader) name(m member) string {
	name := r.text[m.name.from:m.name.to]
	if m.escaped {
		return unescape(name)
	}
	return name
}

func (r *reader) array(depth int) error {
	if depth > maxDepth {
		return r.fail("more than 32 levels")
	}
	r.at++
	if r.space(); r.peek() == ']' {
		r.at++
		return nil
	}
	for {
		if err := r.value(depth); err != nil {
			return err
		}
		r.space()
		switch r.peek() {
		case ']':
			r.at++
			return nil
		case ',':
			r.at++
			r.space()
		default:
			return r.fail("no end of array")
		}
	}
}

// str reads a string and reports whether it holds escapes.
func (r *reader) str() (escaped bool, err error) {
	for r.at++; r.at < len(r.text); {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return escaped, nil
		case c == '\\':
			escaped = true
			if err := r.escape(); err != nil {
				return true, err
			}
		case c < 0x20:
			return escaped, r.fail("control character in a string")
		default:
			r.at++
		}
	}
	return escaped, r.fail("no end of string")
}

func (r *reader) number() error {
	if r.peek() == '-' {
		r.at++
	}
	if r.peek() == '0' {
		r.at++
	} else if !r.digits() {
		return r.fail("invalid number")
	}
	if r.peek() == '.' {
		if r.at++; !r.digits() {
			return r.fail("invalid number")
		}
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		r.at++
		if c := r.peek(); c == '+' || c == '-' {
			r.at++
		}
		if !r.digits() {
			return r.fail("invalid number")
		}
	}
	return nil
}

func (r *reader) digits() bool {
	from := r.at
	for c := r.peek(); '0' <= c && c <= '9'; c = r.peek() {
		r.at++
	}
	return r.at > from
}

func (r *reader) literal() error {
	for _, l := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(r.text[r.at:], l) {
			r.at += len(l)
			return nil
		}
	}
	return r.fail("no value")
}

// peek is the next byte, or a zero byte at the end: JSON text has none outside of strings.
func (r *reader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *reader) space() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}
