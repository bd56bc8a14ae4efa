package token

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// maxToken is more than the largest token that we know, one of 33 kB with 600 groups: its payload then has what
// [provider.ParseClaims] reads. Those in cookies are shorter by far.
const maxToken = 85 << 10

const maxKeyID = 256

// jws is a token in compact form (RFC 7515, 7.1) that has been read and not yet verified.
type jws struct {
	*header
	input     string // what was signed
	signature []byte
	claims    provider.Claims
}

// header is a JOSE header that a verifier accepts.
type header struct {
	encoded   string
	members   provider.Claims
	algorithm *algorithm
	kid       string
}

// parse splits a token, decodes its parts and checks its header, the cheapest checks first.
func (v *Verifier) parse(ctx context.Context, raw string) (t jws, err error) {
	if len(raw) > maxToken {
		return t, refuse(reason.TokenTooLarge, "%d bytes, want at most %d", len(raw), maxToken)
	}
	first, last := strings.IndexByte(raw, '.'), strings.LastIndexByte(raw, '.')
	if first == last || strings.IndexByte(raw[first+1:last], '.') >= 0 {
		return t, refuse(reason.TokenMalformed, "%d parts, want 3", strings.Count(raw, ".")+1)
	}
	if strings.IndexByte(raw, '\n') >= 0 || strings.IndexByte(raw, '\r') >= 0 {
		return t, refuse(reason.TokenMalformed, "line break") // which encoding/base64 would skip
	}
	if t.header, err = v.readHeader(ctx, raw[:first]); err != nil {
		return t, err
	}
	if t.claims, err = decode(raw[first+1:last], "payload"); err != nil {
		return t, err
	}
	t.input = raw[:last]
	if t.signature, err = base64url.DecodeString(raw[last+1:]); err != nil {
		return t, refuse(reason.TokenMalformed, "signature is not base64url")
	}
	return t, nil
}

// signer returns the key that made the signature, or nil.
func (t *jws) signer(keys []*Key) *Key {
	for _, k := range keys {
		if t.algorithm.method.Verify(t.input, t.signature, k.public) == nil {
			return k
		}
	}
	return nil
}

// base64url is the encoding of RFC 7515, 2: no padding, and only one way to write the same bytes.
var base64url = base64.RawURLEncoding.Strict()

func decode(segment, name string) (provider.Claims, error) {
	var room [2048]byte
	text, err := base64url.AppendDecode(room[:0], []byte(segment))
	if err != nil {
		return provider.Claims{}, refuse(reason.TokenMalformed, "%s is not base64url", name)
	}
	c, err := provider.ParseClaims(text)
	if err != nil {
		return provider.Claims{}, refuse(reason.TokenMalformed, "%s: %v", name, err)
	}
	return c, nil
}

// readHeader reads alg, typ and kid. A provider signs all tokens of a key with the same header, so the last good one is
// remembered. Keys come only from the key set: jwk, jku, x5c and x5u are ignored (RFC 8725, 3.10).
func (v *Verifier) readHeader(ctx context.Context, encoded string) (*header, error) {
	if last := v.last.Load(); last != nil && last.encoded == encoded {
		return last, nil
	}
	c, err := decode(encoded, "header")
	if err != nil {
		return nil, err
	}
	alg, _ := c.Text("alg")
	typ, isText := c.Text("typ")
	kid, named := c.Text("kid")
	algorithm, err := v.algorithm(ctx, alg)
	if err != nil {
		return nil, err
	}
	h := &header{encoded, c, algorithm, kid}
	switch {
	case c.Has("crit") || c.Has("b64"):
		return nil, refuse(reason.TokenMalformed, "header with crit or b64") // RFC 7515, 4.1.11; RFC 7797
	case c.Has("typ") && !(isText && v.acceptsType(typ)):
		return nil, refuse(reason.BadType, "typ %s is not that of an %s", shown(typ), v.kind)
	case c.Has("kid") && (!named || kid == "" || len(kid) > maxKeyID):
		return nil, refuse(reason.TokenMalformed, "kid is not a text of 1 to %d bytes", maxKeyID)
	case !named && v.rules.KeyIDRequired:
		return nil, refuse(reason.UnknownKey, "header without kid")
	}
	return h, nil
}

// algorithm is the accepted algorithm with this name (RFC 8725, 3.1).
func (v *Verifier) algorithm(ctx context.Context, name string) (*algorithm, error) {
	for _, a := range v.algorithms {
		if a.name == name {
			return a, nil
		}
	}
	if a := find(name); a != nil && v.listed != nil {
		listed, err := v.listed(ctx)
		if err != nil {
			return nil, refuse(reason.KeysUnavailable, "is alg %s accepted? %v", name, err)
		}
		if slices.Contains(listed, name) {
			return a, nil
		}
	}
	return nil, refuse(reason.BadAlgorithm, "alg %s is not accepted", shown(name))
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
