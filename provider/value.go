package provider

import (
	"strconv"
	"strings"
)

// The functions of this file read JSON text that a reader has accepted, so it is well formed.

// whole is the integer part of a JSON number that fits an int64.
func whole(v string) (int64, bool) {
	v, negative := strings.CutPrefix(v, "-")
	if v == "" || v[0] < '0' || v[0] > '9' {
		return 0, false
	}
	mantissa, exponent := v, 0
	if i := strings.IndexAny(v, "eE"); i >= 0 {
		mantissa = v[:i]
		n, err := strconv.Atoi(v[i+1:])
		if err != nil || n > maxClaims+20 || n < -maxClaims-20 {
			// The text cannot hold enough digits to compensate for such an exponent, unless all digits are 0.
			if strings.Trim(mantissa, "0.") == "" || v[i+1] == '-' {
				return 0, true
			}
			return 0, false
		}
		exponent = n
	}
	integer, fraction, _ := strings.Cut(mantissa, ".")
	point := len(integer) + exponent
	digits := integer + fraction
	if point <= 0 {
		return 0, true
	}
	zeros := len(digits) - len(strings.TrimLeft(digits, "0"))
	if zeros == len(digits) {
		return 0, true
	}
	switch {
	case point-zeros > 19:
		return 0, false
	case point <= len(digits):
		digits = digits[:point]
	default:
		digits += strings.Repeat("0", point-len(digits))
	}
	if negative {
		digits = "-" + digits
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// child is the value of an object's member or an array's element.
func child(v, token string) (string, bool) {
	c := inside(v)
	index := -1
	if v[0] == '[' {
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 || strconv.Itoa(n) != token {
			return "", false
		}
		index = n
	}
	for c.next() {
		if index == 0 || v[0] == '{' && unescape(c.name) == token {
			return c.value, true
		}
		index--
	}
	return "", false
}

// cursor walks the elements of an array or the members of an object; any other value has no elements.
type cursor struct {
	text        string
	at          int
	name, value string // the current one; the name is still escaped
}

func inside(v string) cursor { return cursor{text: v, at: 1} }

func (c *cursor) next() bool {
	if c.text[0] != '[' && c.text[0] != '{' || c.skip() == ']' || c.text[c.at] == '}' {
		return false
	}
	if c.text[0] == '{' {
		from := c.at
		c.at = end(c.text, from)
		c.name = c.text[from+1 : c.at-1]
		c.skip()
	}
	from := c.at
	c.at = end(c.text, from)
	c.value = c.text[from:c.at]
	return true
}

// skip goes to the next byte that is neither a space nor a separator.
func (c *cursor) skip() byte {
	for strings.IndexByte(" \t\n\r,:", c.text[c.at]) >= 0 {
		c.at++
	}
	return c.text[c.at]
}

// end is the index after the value that begins at i.
func end(v string, i int) int {
	depth := 0
	for ; i < len(v); i++ {
		switch v[i] {
		case '"':
			for i++; v[i] != '"'; i++ {
				if v[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		default:
			if depth > 0 || i+1 < len(v) && strings.IndexByte(" \t\n\r,]}", v[i+1]) < 0 {
				continue
			}
		}
		if depth == 0 {
			return i + 1
		}
	}
	return i
}
