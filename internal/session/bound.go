package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
)

// Bound is a [Tokens] store whose sessions are good at one site alone. A token says which client it is for, and two
// sites may name the same client; so the browser keeps, behind the token, a seal of it that only this site can make.
type Bound struct {
	*Tokens
	box *seal.Box
}

// NewBound binds the sessions of a store to the site of the box.
func NewBound(tokens *Tokens, box *seal.Box) *Bound { return &Bound{tokens, box} }

// Save adds the seal to the token.
func (st *Bound) Save(ctx context.Context, s *Session, now time.Time) (Values, time.Duration, error) {
	v, life, err := st.Tokens.Save(ctx, s, now)
	if err == nil {
		v.Session += "." + st.box.Seal(st.box.Context(v.Session), nil)
	}
	return v, life, err
}

// Load refuses a token without the seal of this site.
func (st *Bound) Load(ctx context.Context, v Values, now time.Time) (Session, error) {
	end := strings.LastIndexByte(v.Session, '.')
	if end < 0 {
		return Session{}, fmt.Errorf("%w: the token is not one of this site's", reason.BadSession)
	}
	token, sealed := v.Session[:end], v.Session[end+1:]
	if _, ok := st.box.Open(st.box.Context(token), sealed); !ok {
		return Session{}, fmt.Errorf("%w: the token is not one of this site's", reason.BadSession)
	}
	return st.Tokens.Load(ctx, Values{Session: token, Refresh: v.Refresh, Beside: v.Beside}, now)
}
