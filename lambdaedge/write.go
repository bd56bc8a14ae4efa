package lambdaedge

import "unicode/utf8"

// appendString appends a JSON string. Bytes that are not UTF-8 become U+FFFD.
func appendString(out []byte, text string) []byte {
	if plain(text) == len(text) && utf8.ValidString(text) { // as cookies are
		return append(append(append(out, '"'), text...), '"')
	}
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return append(out, '"')
}

// appendHeader appends a member of a headers object: the name in lower case, and one entry per value. Names are
// tokens (RFC 9110, 5.1), so there is nothing to escape in them.
func appendHeader(out []byte, name string, values []string) []byte {
	out = append(out, '"')
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	out = append(out, `":[`...)
	for i, value := range values {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, `{"key":`...)
		out = appendString(out, name)
		out = append(out, `,"value":`...)
		out = appendString(out, value)
		out = append(out, '}')
	}
	return append(out, ']')
}
