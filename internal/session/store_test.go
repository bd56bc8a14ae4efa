package session

import (
	"context"
	"strconv"
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

func TestASessionKeepsTheSignOutsOfBefore(t *testing.T) {
	ctx, store := context.Background(), sealed(t, nil)
	for _, after := range []string{"", "one-mark", "one-markanother_"} {
		s, err := store.Start(signIn(t), began)
		require.NoError(t, err)
		s.After = after
		s, err = store.Renew(s, signIn(t), began)
		require.NoError(t, err)
		values, _, err := store.Save(ctx, s, began)
		require.NoError(t, err)
		require.Empty(t, values.Beside, "it is sealed")
		got, err := store.Load(ctx, values, began)
		require.NoError(t, err)
		require.Equal(t, after, got.After)
		require.Equal(t, s.Who.Claims.Raw(), got.Who.Claims.Raw())
	}
}

func TestASealedSessionOfAnotherVersionOrCutShortIsNotRead(t *testing.T) {
	ctx, store := context.Background(), sealed(t, nil)
	s, err := store.Start(signIn(t), began)
	require.NoError(t, err)
	s.After = "one-mark"
	values, _, err := store.Save(ctx, s, began)
	require.NoError(t, err)
	plain, ok := store.c.Box.Open(store.context, values.Session)
	require.True(t, ok)
	for rule, odd := range map[string][]byte{
		"another version": append([]byte{afterSignOut + 1}, plain[1:]...), "nothing": {}, "the version alone": {afterSignOut}, "the wrong version": append([]byte{sealedVersion}, plain[1:]...),
		"without the last byte": plain[:len(plain)-1], "without claims": plain[:60],
	} {
		_, err := store.Load(ctx, Values{Session: store.c.Box.Seal(store.context, odd)}, began)
		require.ErrorIs(t, err, reason.BadSession, rule)
	}
}

func TestASessionCountsBesideTheSignOutsThatItsSignInKnew(t *testing.T) {
	mine := &Session{Who: person(t, "https://idp.example", `{"sub":"alice"}`)}
	bob := &Session{Who: person(t, "https://idp.example", `{"sub":"bob"}`)}
	alone, sharing := sealed(t, nil), sealed(t, func(c *SealedConfig) { c.Shared = true })
	out := func(st Store, ended []*Session, marks ...string) string {
		mark, _ := st.SignOut(ended, marks, began)
		require.NotEmpty(t, mark)
		return mark
	}
	for name, st := range map[string]Store{"alone": alone, "sharing": sharing, "tokens": NewTokens(TokensConfig{})} {
		first := out(st, []*Session{mine})
		second := out(st, []*Session{mine}, first)
		third := out(st, []*Session{bob}, second)
		for _, test := range []struct {
			rule          string
			mark          string
			s             *Session
			knows         []string
			out, outAlone bool
		}{
			{"the session itself", first, mine, nil, true, true},
			{"the next sign-in", first, mine, []string{first}, false, false},
			{"a sign-in from between two sign-outs", second, mine, []string{first}, true, true},
			{"a sign-in after both", second, mine, []string{second}, false, false},
			{"one that knows more than one", second, mine, []string{first, "planted", second}, false, false},
			{"somebody else's", first, bob, nil, false, true},
			{"the one before somebody else's", third, mine, []string{first}, true, true},
		} {
			s := *test.s
			s.After = st.After(test.knows)
			want := test.out
			if name != "sharing" {
				want = test.outAlone
			}
			require.Equal(t, want, st.SignedOut(test.mark, &s), "%s: %s", name, test.rule)
		}
	}
}

func TestASignInRemembersABoundedNumberOfSignOuts(t *testing.T) {
	var marks []string
	for i := range 20 {
		marks = append(marks, strconv.Itoa(i))
	}
	require.Len(t, NewTokens(TokensConfig{}).After(marks), 64)
	require.Empty(t, NewTokens(TokensConfig{}).After(nil))
	st := sealed(t, func(c *SealedConfig) { c.Shared = true })
	var all []*Session
	for i := range 20 {
		all = append(all, &Session{Who: person(t, "https://idp.example", `{"sub":"`+strconv.Itoa(i)+`"}`)})
	}
	mark, _ := st.SignOut(all, nil, began)
	again, _ := st.SignOut(all[4:], []string{mark, mark, mark}, began)
	require.Len(t, again, len(mark), "of four people, and no longer by what was there")
	require.Equal(t, st.After([]string{mark}), st.After(append(marks, mark)), "what does not open is nobody's")
}

func TestAMarkOfASignOutCannotBeMadeUp(t *testing.T) {
	st := sealed(t, nil)
	mark, life := st.SignOut([]*Session{{}}, nil, began)
	require.Equal(t, 12*time.Hour, life, "as long as a session could count")
	s := &Session{Who: person(t, "https://idp.example", `{"sub":"alice"}`), Began: began}
	require.True(t, st.SignedOut(mark, s), "without a session that could be read, every one is meant")
	for _, other := range []string{"", "1", mark[1:], mark + "A", st.c.Box.Seal(st.context, []byte{1}), st.c.Box.Seal(st.marks, nil)} {
		require.False(t, st.SignedOut(other, s), other)
	}
	shared := sealed(t, func(c *SealedConfig) { c.Shared = true })
	mark, _ = shared.SignOut([]*Session{{}}, nil, began)
	require.Empty(t, mark, "a sibling could plant its own in every browser")
}

func TestAMarkBesideTokensIsAsShortLivedAsThese(t *testing.T) {
	st := NewTokens(TokensConfig{})
	mark, life := st.SignOut(nil, nil, began)
	require.Zero(t, life, "until the browser is closed, as the tokens themselves")
	require.True(t, st.SignedOut(mark, &Session{}))
	require.False(t, st.SignedOut("", &Session{}))
}

func TestASignOutIsRecentForADay(t *testing.T) {
	for name, st := range map[string]Store{"sealed": sealed(t, nil), "tokens": NewTokens(TokensConfig{})} {
		mark, _ := st.SignOut(nil, nil, began)
		require.True(t, st.Recent(mark, began.Add(23*time.Hour)), name)
		require.False(t, st.Recent(mark, began.Add(25*time.Hour)), name)
		for _, other := range []string{"", "x", "x.", "x.!", mark + "!"} {
			require.False(t, st.Recent(other, began), "%s: %q", name, other)
		}
	}
}

func TestOnePersonTakesNoTwoPlacesOfAMark(t *testing.T) {
	st := sealed(t, func(c *SealedConfig) { c.Shared = true })
	alice := &Session{Who: person(t, "https://idp.example", `{"sub":"alice"}`)}
	bob := &Session{Who: person(t, "https://idp.example", `{"sub":"bob"}`)}
	mark, _ := st.SignOut([]*Session{bob}, nil, began)
	for range maxPeople {
		mark, _ = st.SignOut([]*Session{alice}, []string{mark}, began)
	}
	require.True(t, st.SignedOut(mark, bob))
}

func TestMarksOfSomebodyElseTakeNoRoomFromOnesOwn(t *testing.T) {
	st := sealed(t, func(c *SealedConfig) { c.Shared = true })
	alice := &Session{Who: person(t, "https://idp.example", `{"sub":"alice"}`)}
	bob := &Session{Who: person(t, "https://idp.example", `{"sub":"bob"}`)}
	var marks []string
	for range 2 * maxMarks {
		mark, _ := st.SignOut([]*Session{bob}, nil, began)
		marks = append(marks, mark)
	}
	mine, _ := st.SignOut([]*Session{alice}, nil, began)
	alice.After = st.After(append(marks, mine))
	require.False(t, st.SignedOut(mine, alice), "she has just signed in")
	bob.After = alice.After
	require.True(t, st.SignedOut(marks[0], bob))
}
