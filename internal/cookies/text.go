package cookies

import (
	"encoding/base64"
	"strings"
)

// coded is what a value in base64 starts with. A chunked value starts with "~".
const coded = "!b64!"

// Text makes any text fit a cookie: as it is where it can be, else in base64. RFC 6749 lets a refresh token
// hold characters that RFC 6265, 4.1.1 does not let a cookie hold.
func Text(s string) string {
	plain := s != "" && s[0] != '~' && !strings.HasPrefix(s, coded)
	for i := 0; plain && i < len(s); i++ {
		c := s[i]
		plain = c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'
	}
	if plain {
		return s
	}
	return coded + base64.RawURLEncoding.EncodeToString([]byte(s))
}

// FromText returns what Text was given.
func FromText(s string) (string, bool) {
	inBase64, ok := strings.CutPrefix(s, coded)
	if !ok {
		return s, true
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(inBase64)
	return string(text), err == nil
}
