package session

import (
	"context"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/seal"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

func sealed(t *testing.T, change func(*SealedConfig)) *Sealed {
	t.Helper()
	box, err := seal.New([][]byte{make([]byte, seal.KeySize)}, "session", "site")
	require.NoError(t, err)
	c := SealedConfig{
		Box: box, Name: "name", Mapping: provider.Mapping{}.WithDefaults(), Lifetime: 12 * time.Hour, Access: true,
		Kept: Kept{Claims: []string{"sub", "name"}, Groups: map[string]bool{"staff": true}},
	}
	if change != nil {
		change(&c)
	}
	return NewSealed(c)
}

func signIn(t *testing.T) Grant {
	return Grant{
		Who:     person(t, "https://idp.example", `{"sub":"alice","name":"Alice","email":"a@example.com","groups":["staff","others"]}`),
		Expires: began.Add(time.Hour), Token: "token", Nonce: "nonce", Access: "access", Refresh: "refresh",
	}
}

// What holds for every store.
func TestARenewalFollowsItsSessionAlone(t *testing.T) {
	for name, store := range map[string]Store{"sealed": sealed(t, nil), "tokens": NewTokens(TokensConfig{})} {
		for rule, test := range map[string]struct {
			change func(*Grant)
			want   error
		}{
			"the same person":             {func(*Grant) {}, nil},
			"an ID token without a nonce": {func(g *Grant) { g.Nonce = "" }, nil},
			"somebody else":               {func(g *Grant) { g.Who = person(t, "https://idp.example", `{"sub":"bob"}`) }, reason.WrongSubject},
			"the same id elsewhere":       {func(g *Grant) { g.Who = person(t, "https://idp2.example", `{"sub":"alice"}`) }, reason.WrongSubject},
			"another sign-in":             {func(g *Grant) { g.Nonce = "other" }, reason.WrongNonce},
		} {
			t.Run(name+", "+rule, func(t *testing.T) {
				s, err := store.Start(signIn(t), began)
				require.NoError(t, err)
				before := *s
				later := began.Add(time.Hour)
				grant := signIn(t)
				grant.Token, grant.Refresh, grant.Access, grant.Expires = "token 2", "refresh 2", "access 2", later.Add(time.Hour)
				test.change(&grant)
				next, err := store.Renew(s, grant, later)
				require.ErrorIs(t, err, test.want)
				require.Equal(t, before, *s, "a session is never changed")
				if test.want != nil {
					return
				}
				require.Equal(t, []string{"token 2", "refresh 2", "access 2"}, []string{next.Token, next.Refresh, next.Access})
				require.Equal(t, []time.Time{later, later.Add(time.Hour)}, []time.Time{next.Renewed, next.Expires})
				require.Equal(t, []any{s.Began, s.Seen, s.Nonce}, []any{next.Began, next.Seen, next.Nonce}, "it is still the same sign-in")
			})
		}
	}
}

func TestASealedSessionComesBackAsItWas(t *testing.T) {
	ctx, store := context.Background(), sealed(t, nil)
	s, err := store.Start(signIn(t), began)
	require.NoError(t, err)
	values, life, err := store.Save(ctx, s, began.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, 11*time.Hour, life, "what is left of its lifetime")
	require.Empty(t, values.Refresh, "that is inside")
	got, err := store.Load(ctx, values, began.Add(time.Hour))
	require.NoError(t, err)
	want := *s
	want.Token = "" // the token that proved it is not kept
	require.Equal(t, want, got)
}

func TestASealedSessionKeepsWhatWasChosen(t *testing.T) {
	kept := func(change func(*SealedConfig), claims string) (*Session, string) {
		grant := signIn(t)
		if claims != "" {
			grant.Who = person(t, "https://idp.example", claims)
		}
		s, err := sealed(t, change).Start(grant, began)
		require.NoError(t, err)
		return s, string(s.Who.Claims.Raw())
	}
	s, claims := kept(nil, "")
	require.JSONEq(t, `{"sub":"alice","name":"Alice","groups":["staff"]}`, claims, "of the groups those that rules name")
	require.Equal(t, "access", s.Access)
	require.NotEqual(t, "nonce", s.Nonce, "its hash is enough")

	s, claims = kept(func(c *SealedConfig) { c.Access, c.Kept.Claims = false, []string{"sub", "groups", "/address/country"} },
		`{"sub":"alice","groups":["a","b"],"address":{"country":"LV","street":"x"}}`)
	require.JSONEq(t, `{"sub":"alice","groups":["a","b"],"address":{"country":"LV"}}`, claims)
	require.Empty(t, s.Access)

	_, claims = kept(nil, `{"sub":"alice"}`)
	require.JSONEq(t, `{"sub":"alice"}`, claims, "groups that are unknown now are unknown later")
}

func TestWithoutNewEvidenceASealedSessionLastsAsLongAgainAndATokenDoesNot(t *testing.T) {
	grant := Grant{Access: "access 2", Refresh: "refresh 2"}
	store := sealed(t, nil)
	s, err := store.Start(signIn(t), began)
	require.NoError(t, err)
	next, err := store.Renew(s, grant, began.Add(50*time.Minute))
	require.NoError(t, err)
	require.Equal(t, began.Add(110*time.Minute), next.Expires)
	require.Equal(t, s.Who, next.Who)
	grant.Life = 5 * time.Minute
	next, err = store.Renew(s, grant, began.Add(50*time.Minute))
	require.NoError(t, err)
	require.Equal(t, began.Add(55*time.Minute), next.Expires, "the life of the access token, where the answer says it")

	_, err = NewTokens(TokensConfig{}).Renew(s, grant, began)
	require.ErrorIs(t, err, reason.NoEvidence)
}

func TestASealedSessionOfAnotherVersionOrCutShortIsNotRead(t *testing.T) {
	ctx, store := context.Background(), sealed(t, nil)
	s, err := store.Start(signIn(t), began)
	require.NoError(t, err)
	values, _, err := store.Save(ctx, s, began)
	require.NoError(t, err)
	plain, ok := store.c.Box.Open(store.context, values.Session)
	require.True(t, ok)
	for rule, odd := range map[string][]byte{
		"another version": append([]byte{sealedVersion + 1}, plain[1:]...), "nothing": {}, "the version alone": {sealedVersion},
		"without the last byte": plain[:len(plain)-1], "without claims": plain[:60],
	} {
		_, err := store.Load(ctx, Values{Session: store.c.Box.Seal(store.context, odd)}, began)
		require.ErrorIs(t, err, reason.BadSession, rule)
	}
}

func TestASignOutEndsWhatBeganBefore(t *testing.T) {
	person := func(subject string) *Person { return person(t, "https://idp.example", `{"sub":"`+subject+`"}`) }
	at := func(seconds int, nonce, subject string) *Session {
		return &Session{Who: person(subject), Began: began.Add(time.Duration(seconds) * time.Second), Nonce: nonce}
	}
	mine := at(0, "n", "alice")
	for _, test := range []struct {
		rule         string
		after        *Session // a sign-in after the sign-out; nil for none
		s            *Session
		out, sharing bool // whether it is over, alone and with other hosts
	}{
		{"the session itself", nil, mine, true, true},
		{"its renewal", nil, at(0, "n", "alice"), true, true},
		{"one that another tab has just begun", nil, at(100, "other", "alice"), true, true},
		{"somebody else's that began before", nil, at(50, "other", "bob"), true, false},
		{"one that begins later", nil, at(101, "other", "alice"), false, false},
		{"the next sign-in, in the same second", at(100, "next", "alice"), at(100, "next", "alice"), false, false},
		{"the session itself, after the next sign-in", at(100, "next", "alice"), mine, true, true},
		{"the next sign-in, by a clock that is behind", at(90, "next", "alice"), at(90, "next", "alice"), false, false},
	} {
		t.Run(test.rule, func(t *testing.T) {
			for _, shared := range []bool{false, true} {
				st := sealed(t, func(c *SealedConfig) { c.Shared = shared })
				mark, life := st.SignOut(mine, began.Add(100*time.Second))
				require.Equal(t, 12*time.Hour, life, "as long as a session could count")
				if test.after != nil {
					mark, _ = st.SignedIn(mark, test.after)
				}
				want := test.out
				if shared {
					want = test.sharing
				}
				require.Equal(t, want, st.SignedOut(mark, test.s), "shared: %v", shared)
			}
		})
	}
}

func TestAMarkOfASignOutCannotBeMadeUp(t *testing.T) {
	st := sealed(t, nil)
	mark, _ := st.SignOut(nil, began.Add(time.Second))
	s := &Session{Who: person(t, "https://idp.example", `{"sub":"alice"}`), Began: began}
	require.True(t, st.SignedOut(mark, s), "without a session that could be read, every one is meant")
	for _, other := range []string{"", "1", mark[1:], mark + "A", st.c.Box.Seal(st.context, []byte{1}), st.c.Box.Seal(st.marks, nil)} {
		require.False(t, st.SignedOut(other, s), other)
		kept, _ := st.SignedIn(other, s)
		require.Empty(t, kept)
	}
	shared := sealed(t, func(c *SealedConfig) { c.Shared = true })
	mark, _ = shared.SignOut(nil, began)
	require.Empty(t, mark, "a sibling could plant its own in every browser")
}

func TestATokenCountsForNothingBetweenASignOutAndASignIn(t *testing.T) {
	st := NewTokens(TokensConfig{})
	mark, life := st.SignOut(nil, began)
	require.Zero(t, life, "until the browser is closed, as the tokens themselves")
	require.True(t, st.SignedOut(mark, &Session{}))
	require.False(t, st.SignedOut("", &Session{}))
	kept, _ := st.SignedIn(mark, &Session{})
	require.Empty(t, kept)
}
