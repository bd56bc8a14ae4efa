package edgeauth

import (
	"context"
	"fmt"
	"testing"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/stretchr/testify/require"
)

func TestWhatAnErrorIsAnsweredWith(t *testing.T) {
	g := fuzzGuard(t, Sealed)
	const signIn = 302 // to the provider
	for _, test := range []struct {
		why              reason.Reason
		page, program    int // what it is answered with on the way to a page
		whileSigningIn   int // and where a sign-in ended with it
		sessionIsCleared bool
	}{
		{reason.NoSession, signIn, 401, 500, false},
		{reason.BadSession, signIn, 401, 500, false},
		{reason.Expired, signIn, 401, 500, false},
		{reason.BadSignature, signIn, 401, 500, false},
		{reason.ClaimRefused, signIn, 401, 403, false},
		{reason.RefreshRefused, signIn, 401, 500, true},
		{reason.CodeRefused, signIn, 401, 400, true},
		{reason.WrongSubject, signIn, 401, 500, true},
		{reason.WrongNonce, signIn, 401, 500, true},
		{reason.ProviderDown, 503, 503, 503, false},
		{reason.KeysUnavailable, 503, 503, 503, false},
		{reason.ConfigFailure, 503, 503, 503, false},
		{reason.ForbiddenGroup, 403, 403, 403, false},
		{reason.ForbiddenByCheck, 403, 403, 403, false},
		{reason.ProviderError, 500, 500, 500, false},
		{reason.TokenAnswer, 500, 500, 500, false},
		{reason.SessionTooLarge, 500, 500, 500, false},
		{reason.Internal, 500, 500, 500, false},
		{reason.Loop, 400, 400, 400, false},
		{reason.BadPath, 400, 400, 400, false},
		{reason.BadRequest, 405, 405, 405, false},
		{reason.CrossSite, 403, 403, 403, false},
		{reason.UnknownHost, 421, 421, 421, false},
	} {
		t.Run(string(test.why), func(t *testing.T) {
			answer := func(accept string, err error) Decision {
				v := &visit{
					r:      &Request{ID: "ref", Method: "GET", Path: "/x", Cookie: []string{g.names.Session + "=x"}, Header: headerOf(map[string]string{"Accept": accept})},
					origin: "https://app.example.com", path: "/x", clean: true, now: g.now(),
				}
				return g.answer(context.Background(), v, err, Decision{})
			}
			why := fmt.Errorf("%w: detail", test.why)
			for status, d := range map[int]Decision{
				test.page: answer("text/html", why), test.program: answer("application/json", why),
			} {
				require.Equal(t, status, d.Status)
				require.ErrorIs(t, d.Reason, test.why)
				cleared := false
				for _, c := range d.Cookies {
					cleared = cleared || c.Name == g.names.Session && c.MaxAge < 0
				}
				require.Equal(t, test.sessionIsCleared, cleared)
			}
			d := answer("text/html", &signInError{why, "/target"})
			require.Equal(t, test.whileSigningIn, d.Status, "it never starts another sign-in")
			require.ErrorIs(t, d.Reason, test.why)
		})
	}
}

func TestAnAnswerKeepsTheCookiesThatCameWithTheError(t *testing.T) {
	g := pageGuard(t)
	v := &visit{r: &Request{Method: "GET"}, origin: "https://app.example.com", now: g.now()}
	partial := Decision{Cookies: g.clearSession(&visit{r: &Request{Cookie: []string{g.names.Session + "=x"}}})}
	require.Len(t, partial.Cookies, 1)
	d := g.answer(context.Background(), v, reason.ForbiddenRole, partial)
	require.Equal(t, partial.Cookies, d.Cookies)
}
