package edgeauth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// keySize is the size of a master key in bytes.
const keySize = 32

// seal encrypts and authenticates cookies of one purpose and one site with AES-256-GCM. What was sealed for another
// purpose, cookie name, site, issuer or client does not open.
type seal struct {
	aeads []cipher.AEAD // the first seals, all open
	bound string
}

// newSeal derives the purpose's keys from the master keys (RFC 5869): a site's keys follow from its id, which is
// not for the site to choose. The binding adds what a site may change while its id stays.
func newSeal(master [][]byte, purpose, site string, binding ...string) (*seal, error) {
	label := prefixed("edgeauth/v1/"+purpose, site)
	s := &seal{bound: prefixed(label, binding...)}
	for _, key := range master {
		derived, err := hkdf.Key(sha256.New, key, nil, label, keySize)
		if err != nil {
			return nil, fmt.Errorf("deriving a %s key: %w", purpose, err)
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		s.aeads = append(s.aeads, aead)
	}
	return s, nil
}

// under is what a value sealed under a cookie's name is bound to.
func (s *seal) under(name string) []byte { return []byte(prefixed(s.bound, name)) }

// close returns plain as a cookie value that opens under the same name only.
func (s *seal) close(under, plain []byte) string {
	return base64.RawURLEncoding.EncodeToString(s.aeads[0].Seal(nil, nil, plain, under))
}

// open returns what close was given, or false for anything else.
func (s *seal) open(under []byte, value string) ([]byte, bool) {
	box, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil {
		return nil, false
	}
	for _, aead := range s.aeads {
		if plain, err := aead.Open(nil, nil, box, under); err == nil {
			return plain, true
		}
	}
	return nil, false
}

// prefixed appends texts, each with its length in front, so that no two lists of texts give the same bytes.
func prefixed(s string, texts ...string) string {
	b := []byte(s)
	for _, t := range texts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
		b = append(b, t...)
	}
	return string(b)
}

// cutPrefixed takes the first text off again.
func cutPrefixed(s string) (text, rest string, ok bool) {
	if len(s) < 4 {
		return "", "", false
	}
	n := int(s[0])<<24 | int(s[1])<<16 | int(s[2])<<8 | int(s[3])
	if n > len(s)-4 {
		return "", "", false
	}
	return s[4 : 4+n], s[4+n:], true
}
