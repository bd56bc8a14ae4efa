package provider

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
)

// Claims is a JSON object that has been read strictly and indexed. It is read-only and safe to share. The zero
// Claims is an object without members.
//
// A name that starts with a slash is a JSON Pointer (RFC 6901) in every method. No member has the empty name.
type Claims struct {
	text    string
	members []member
}

// member is one member of an object: where its name (without quotes) and its value lie in the text.
type member struct {
	name, value span
	escaped     bool // the name holds a backslash
}

type span struct{ from, to uint32 }

// ParseClaims reads a JSON object of at most 64 KiB and 32 levels. Beyond what JSON demands it refuses invalid
// UTF-8, lone surrogates, a member name used twice in one object, and at the top level a name that equals a
// registered claim but for its case: two readers must not see two different tokens (RFC 8725, 2.6 and 3.10).
func ParseClaims(raw []byte) (Claims, error) {
	if len(raw) > maxClaims {
		return Claims{}, errTooLarge
	}
	r := reader{text: string(raw)}
	r.open = make([]member, 0, min(strings.Count(r.text, ":"), 64))
	if err := r.document(); err != nil {
		return Claims{}, err
	}
	return Claims{text: r.text, members: r.open}, nil
}

// Raw is a copy of the object as it was received.
func (c Claims) Raw() []byte { return []byte(c.text) }

// Has reports whether the object has a member, even if its value is null.
func (c Claims) Has(name string) bool {
	_, ok := c.find(name)
	return ok
}

// Text is a member that is a JSON string.
func (c Claims) Text(name string) (string, bool) {
	v, ok := c.find(name)
	if !ok || v[0] != '"' {
		return "", false
	}
	return unquote(v), true
}

// Number is a member that is a JSON number, such as Unix seconds, without its fraction. It is exact: it reports false
// for a number that does not fit.
func (c Claims) Number(name string) (int64, bool) {
	v, ok := c.find(name)
	if !ok {
		return 0, false
	}
	return whole(v)
}

// Strings yields the strings of an array, or a string by itself. Whatever else an array holds is passed over.
func (c Claims) Strings(name string) iter.Seq[string] {
	return func(yield func(string) bool) { c.strings(name, yield) }
}

// Words is [Claims.Strings] with each string split at spaces.
func (c Claims) Words(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		c.strings(name, func(text string) bool {
			for word, rest, more := "", text, true; more; {
				if word, rest, more = strings.Cut(rest, " "); word != "" && !yield(word) {
					return false
				}
			}
			return true
		})
	}
}

// Value is a member as encoding/json reads it, with numbers as json.Number; nil where it is absent. To read a boolean,
// write c.Value("active") == true.
func (c Claims) Value(name string) any {
	v, ok := c.find(name)
	if !ok {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(v)))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil // cannot happen: ParseClaims has read the text
	}
	return value
}

func (c Claims) strings(name string, yield func(string) bool) {
	v, ok := c.find(name)
	if !ok {
		return
	}
	if v[0] == '"' {
		yield(unquote(v))
		return
	}
	if v[0] != '[' {
		return
	}
	for c := inside(v); c.next(); {
		if c.value[0] == '"' && !yield(unquote(c.value)) {
			return
		}
	}
}

// find returns the JSON text of a member's value.
func (c Claims) find(name string) (string, bool) {
	if name == "" {
		return "", false
	}
	if name[0] == '/' {
		return c.point(name[1:])
	}
	return c.member(name)
}

func (c Claims) member(name string) (string, bool) {
	for _, m := range c.members {
		if m.is(c.text, name) {
			return c.text[m.value.from:m.value.to], true
		}
	}
	return "", false
}

func (m member) is(text, name string) bool {
	own := text[m.name.from:m.name.to]
	if m.escaped {
		own = unescape(own)
	}
	return own == name
}

// point follows a JSON Pointer without its first slash.
func (c Claims) point(pointer string) (string, bool) {
	first, rest, more := strings.Cut(pointer, "/")
	first, ok := pointerToken(first)
	if !ok {
		return "", false
	}
	v, ok := c.member(first)
	for ok && more {
		var token string
		token, rest, more = strings.Cut(rest, "/")
		if token, ok = pointerToken(token); ok {
			v, ok = child(v, token)
		}
	}
	return v, ok
}

// pointerToken undoes the escapes of RFC 6901, 4.
func pointerToken(t string) (string, bool) {
	if !strings.Contains(t, "~") {
		return t, true
	}
	for i := 0; i < len(t); i++ {
		if t[i] == '~' && (i+1 == len(t) || t[i+1] != '0' && t[i+1] != '1') {
			return "", false
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~"), true
}
