// Package seal encrypts and authenticates what is kept where others can reach it: cookies, and headers between two
// events of one request.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// KeySize is the size of a master key in bytes: AES-256.
const KeySize = 32

// Box seals values of one purpose with AES-256-GCM. What was sealed for another purpose, site, binding or context does
// not open. It is safe for concurrent use.
type Box struct {
	aeads []cipher.AEAD // the first seals, all open
	bound string
}

// New returns the box of one purpose of one site. A site's keys follow from its id, which is not for the site to
// choose. The binding adds what a site may change while its id stays: its provider, say.
func New(master [][]byte, purpose, site string, binding ...string) (*Box, error) {
	label := JoinLengthPrefixed("edgeauth/v1/"+purpose, site)
	b, err := WithLabel(master, label)
	if err != nil {
		return nil, fmt.Errorf("deriving a %s key: %w", purpose, err)
	}
	b.bound = JoinLengthPrefixed(label, binding...)
	return b, nil
}

// WithLabel returns the box whose keys are derived from the master keys under a label (HKDF, RFC 5869). The first key
// seals, all of them open.
func WithLabel(master [][]byte, label string) (*Box, error) {
	b := &Box{bound: label}
	for _, key := range master {
		derived, err := hkdf.Key(sha256.New, key, nil, label, KeySize)
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(derived)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		b.aeads = append(b.aeads, aead)
	}
	return b, nil
}

// Context is the context of a value that is kept under a name, such as a cookie's.
func (b *Box) Context(name string) []byte { return []byte(JoinLengthPrefixed(b.bound, name)) }

// Seal returns plain in a form that fits a cookie and opens in the same context only.
func (b *Box) Seal(context, plain []byte) string {
	// #nosec G407 -- no nonce is given: this AEAD draws one for each call
	return base64.RawURLEncoding.EncodeToString(b.aeads[0].Seal(nil, nil, plain, context))
}

// Open returns what Seal was given, or false for anything else.
func (b *Box) Open(context []byte, value string) ([]byte, bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil {
		return nil, false
	}
	for _, aead := range b.aeads {
		if plain, err := aead.Open(nil, nil, sealed, context); err == nil {
			return plain, true
		}
	}
	return nil, false
}

// JoinLengthPrefixed appends parts to s, each with its length in front, so that no two lists give the same bytes.
func JoinLengthPrefixed(s string, parts ...string) string {
	b := []byte(s)
	for _, t := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(t)))
		b = append(b, t...)
	}
	return string(b)
}

// CutLengthPrefixed takes the first of the joined parts off again.
func CutLengthPrefixed(s string) (text, rest string, ok bool) {
	if len(s) < 4 {
		return "", "", false
	}
	n := int(s[0])<<24 | int(s[1])<<16 | int(s[2])<<8 | int(s[3])
	if n > len(s)-4 {
		return "", "", false
	}
	return s[4 : 4+n], s[4+n:], true
}
