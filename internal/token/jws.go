package token

import (
	"encoding/base64"
	"strings"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// maxToken is above the largest token that is known, one with 200 groups, of 12 kB.
const maxToken = 24 << 10

const maxKeyID = 256

// jws is a token in compact form (RFC 7515, 7.1) that has been read and not yet verified.
type jws struct {
	input     string // what was signed
	signature []byte
	header    provider.Claims
	claims    provider.Claims
	algorithm *algorithm
	kid       string
}

// parse splits a token, decodes its parts and checks its header, cheapest first.
func (v *Verifier) parse(raw string) (t jws, err error) {
	if len(raw) > maxToken {
		return t, refuse(reason.TokenTooLarge, "%d bytes, want at most %d", len(raw), maxToken)
	}
	first, last := strings.IndexByte(raw, '.'), strings.LastIndexByte(raw, '.')
	if first == last || strings.IndexByte(raw[first+1:last], '.') >= 0 {
		return t, refuse(reason.TokenMalformed, "%d parts, want 3", strings.Count(raw, ".")+1)
	}
	if strings.ContainsAny(raw, "\r\n") {
		return t, refuse(reason.TokenMalformed, "line break") // which encoding/base64 would skip
	}
	var room [2048]byte
	if t.header, err = object(raw[:first], "header", room[:0]); err != nil {
		return t, err
	}
	if err = v.checkHeader(&t); err != nil {
		return t, err
	}
	if t.claims, err = object(raw[first+1:last], "payload", room[:0]); err != nil {
		return t, err
	}
	t.input = raw[:last]
	if t.signature, err = base64url.DecodeString(raw[last+1:]); err != nil {
		return t, refuse(reason.TokenMalformed, "signature is not base64url")
	}
	return t, nil
}

// base64url is that of RFC 7515, 2: no padding, and no second way to write the same bytes.
var base64url = base64.RawURLEncoding.Strict()

func object(segment, name string, room []byte) (provider.Claims, error) {
	text, err := base64url.AppendDecode(room, []byte(segment))
	if err != nil {
		return provider.Claims{}, refuse(reason.TokenMalformed, "%s is not base64url", name)
	}
	c, err := provider.ParseClaims(text)
	if err != nil {
		return provider.Claims{}, refuse(reason.TokenMalformed, "%s: %v", name, err)
	}
	return c, nil
}

// checkHeader reads alg, typ and kid. Keys come from the key set alone: jwk, jku, x5c and x5u are not looked at
// (RFC 8725, 3.10).
func (v *Verifier) checkHeader(t *jws) error {
	alg, _ := t.header.Text("alg")
	for _, a := range v.algorithms {
		if a.name() == alg {
			t.algorithm = a
		}
	}
	typ, isText := t.header.Text("typ")
	kid, named := t.header.Text("kid")
	switch {
	case t.algorithm == nil:
		return refuse(reason.BadAlgorithm, "alg %s is not accepted", shown(alg))
	case t.header.Has("crit") || t.header.Has("b64"):
		return refuse(reason.TokenMalformed, "header with crit or b64") // RFC 7515, 4.1.11; RFC 7797
	case t.header.Has("typ") && !(isText && v.acceptsType(typ)):
		return refuse(reason.BadType, "typ %s is not that of an %s", shown(typ), v.kind)
	case t.header.Has("kid") && (!named || kid == "" || len(kid) > maxKeyID):
		return refuse(reason.TokenMalformed, "kid is not a text of 1 to %d bytes", maxKeyID)
	case !named && v.rules.KeyIDRequired:
		return refuse(reason.UnknownKey, "header without kid")
	}
	t.kid = kid
	return nil
}

// acceptsType compares media types as RFC 7515, 4.1.9 says.
func (v *Verifier) acceptsType(typ string) bool {
	for _, t := range v.types {
		if strings.EqualFold(mediaType(typ), mediaType(t)) {
			return true
		}
	}
	return false
}

func mediaType(t string) string {
	const prefix = "application/"
	if len(t) > len(prefix) && strings.EqualFold(t[:len(prefix)], prefix) {
		return t[len(prefix):]
	}
	return t
}
