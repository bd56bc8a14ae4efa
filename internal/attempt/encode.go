package attempt

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
)

// layout is the first byte of what is kept of an attempt. The first layout was a JSON object, and so begins with "{".
const layout = 2

const (
	interactive = 1 << iota
	foreign
	packed
	after
)

// headSize is the size of what stands before the target: layout, flags, retries, the seed, the time and the issuer. What
// came before, with its length, follows where there is something.
const headSize = 3 + 32 + 8 + 8

func (a *Attempt) encode() []byte {
	var flags byte
	if a.Interactive {
		flags |= interactive
	}
	if a.Foreign {
		flags |= foreign
	}
	target, tight := pack(a.Return, a.After)
	if tight {
		flags |= packed
	}
	b := append([]byte{layout, flags, byte(a.Retries)}, a.seed[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(a.Began))
	issuer, _ := hex.DecodeString(a.Issuer)
	b = append(b, append(issuer, make([]byte, 8)...)[:8]...)
	if a.After != "" {
		b[1] |= after
		b = append(append(b, byte(len(a.After))), a.After...)
	}
	return append(b, target...)
}

func decode(b []byte) (a Attempt, ok bool) {
	switch {
	case len(b) > 0 && b[0] == '{':
		return decodeFirst(b)
	case len(b) < headSize || b[0] != layout:
		return a, false
	}
	a.Interactive, a.Foreign, a.Retries = b[1]&interactive != 0, b[1]&foreign != 0, int(b[2])
	copy(a.seed[:], b[3:])
	a.Began = int64(binary.BigEndian.Uint64(b[35:]))
	a.Issuer = hex.EncodeToString(b[43:51])
	target := b[headSize:]
	if b[1]&after != 0 {
		if len(target) == 0 || len(target)-1 < int(target[0]) {
			return a, false
		}
		n := 1 + int(target[0])
		a.After, target = string(target[1:n]), target[n:]
	}
	a.Return, ok = string(target), true
	if b[1]&packed != 0 {
		a.Return, ok = unpack(target)
	}
	a.grow()
	return a, ok
}

// decodeFirst reads the first layout: a sign-in that an older version started is finished.
func decodeFirst(b []byte) (Attempt, bool) {
	var first struct {
		State       string `json:"s"`
		Nonce       string `json:"n"`
		Verifier    string `json:"v"`
		Return      string `json:"r"`
		Issuer      string `json:"i"`
		Began       int64  `json:"t"`
		Retries     int    `json:"a"`
		Interactive bool   `json:"l"`
	}
	if json.Unmarshal(b, &first) != nil || first.State == "" || first.Nonce == "" || len(first.Verifier) < minVerifier {
		return Attempt{}, false
	}
	return Attempt{
		State: first.State, Nonce: first.Nonce, Verifier: first.Verifier, Return: first.Return, Issuer: first.Issuer,
		Began: first.Began, Retries: first.Retries, Interactive: first.Interactive,
	}, true
}
