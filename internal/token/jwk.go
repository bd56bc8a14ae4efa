package token

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/MicahParks/jwkset"

	"github.com/edgeauth/edgeauth/provider"
)

// RSA keys below 2048 bits are weak (RFC 7518, 3.3); those above 8192 cost more time than a request has.
const minRSA, maxRSA = 2048, 8192

// Key is one public key that may verify signatures.
type Key struct {
	id       string // in the set's storage; published ids may repeat
	kid, alg string // as published, "" if absent
	kty, crv string
	jwk      jwkset.JWK
	raw      json.RawMessage // without private members
	public   any             // for the package crypto
}

// private are members that a published key must not have (RFC 7518, 6).
var private = [...]string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// parseKey reads one entry of a key set; the error says why it cannot be used. It uses the bare key and ignores
// certificates, so a broken x5c does no harm.
func parseKey(raw json.RawMessage, id string) (*Key, error) {
	c, err := provider.ParseClaims(raw)
	if err != nil {
		return nil, err
	}
	m := jwkset.JWKMarshal{KID: id}
	var kid, kty, crv, alg string
	for _, member := range []struct {
		name string
		text *string
	}{
		{"kid", &kid}, {"kty", &kty}, {"crv", &crv}, {"alg", &alg},
		{"n", &m.N}, {"e", &m.E}, {"x", &m.X}, {"y", &m.Y},
	} {
		text, ok := c.Text(member.name)
		if c.Has(member.name) && (!ok || text == "") {
			return nil, fmt.Errorf("%s is not a text", member.name)
		}
		*member.text = text
	}
	k := &Key{id: id, kid: kid, alg: alg, kty: kty, crv: crv}
	if err := k.signs(c); err != nil {
		return nil, err
	}
	m.KTY, m.CRV, m.ALG = jwkset.KTY(kty), jwkset.CRV(crv), jwkset.ALG(alg)
	if k.jwk, err = jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{}); err != nil {
		return nil, err
	}
	if public, ok := k.jwk.Key().(*rsa.PublicKey); ok {
		if bits := public.N.BitLen(); bits < minRSA || bits > maxRSA {
			return nil, fmt.Errorf("RSA key of %d bits, want %d to %d", bits, minRSA, maxRSA)
		}
	}
	k.raw, err = published(c)
	return k, err
}

// signs refuses a key that is not published for signatures (RFC 7517, 4.2 to 4.4).
func (k *Key) signs(c provider.Claims) error {
	if use, ok := c.Text("use"); c.Has("use") && (!ok || use != "sig") {
		return errors.New("use is not sig")
	}
	if c.Has("key_ops") && !slices.Contains(slices.Collect(c.Strings("key_ops")), "verify") {
		return errors.New("key_ops does not hold verify")
	}
	if k.usual() == nil {
		return fmt.Errorf("no signature algorithm for kty %q, crv %q, alg %q", k.kty, k.crv, k.alg)
	}
	return nil
}

// usual is the first algorithm that fits k, or nil.
func (k *Key) usual() *algorithm {
	for i := range algorithms {
		if algorithms[i].fits(k) {
			return &algorithms[i]
		}
	}
	return nil
}

// published are the members of a key without the private ones.
func published(c provider.Claims) (json.RawMessage, error) {
	if !slices.ContainsFunc(private[:], c.Has) {
		return c.Raw(), nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(c.Raw(), &members); err != nil {
		return nil, err
	}
	for _, name := range private {
		delete(members, name)
	}
	return json.Marshal(members)
}
