package nethttp

import (
	"context"
	"net/http"

	"github.com/edgeauth/edgeauth"
)

type identityKey struct{}

// Identity is who asks, inside [Protect]. It is the zero Identity on public paths and outside.
func Identity(r *http.Request) edgeauth.Identity {
	id, _ := r.Context().Value(identityKey{}).(edgeauth.Identity)
	return id
}

// WithIdentity returns r as if id had asked: for tests of handlers, and for middleware that knows people its own way.
func WithIdentity(r *http.Request, id edgeauth.Identity) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), identityKey{}, id))
}
