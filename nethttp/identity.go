package nethttp

import (
	"context"
	"net/http"

	"github.com/edgeauth/edgeauth"
)

type identityKey struct{}

// Identity is the person who sent the request, in a handler inside [Protect]. It is the zero Identity on public paths
// and in handlers outside.
func Identity(r *http.Request) edgeauth.Identity {
	id, _ := r.Context().Value(identityKey{}).(edgeauth.Identity)
	return id
}

// WithIdentity returns r as if id had sent it: for tests of handlers, and for middleware that identifies people in
// another way.
func WithIdentity(r *http.Request, id edgeauth.Identity) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), identityKey{}, id))
}
