// Package token decides whether a JSON Web Token proves what it says.
package token

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// MaxLeeway is the most that clocks may differ.
const MaxLeeway = 5 * time.Minute

// Config says whose tokens of which kind a Verifier accepts. Provider, Kind, ClientID and Keys are required.
type Config struct {
	Provider provider.Provider
	Kind     provider.Proof // [provider.Userinfo] for an answer that is signed (OIDC Core 5.3.2)
	ClientID string
	Keys     *Keys
	// Audience, where not empty, replaces the provider's accepted audiences of an access token.
	Audience []string
	// Params are the site's authorize parameters, for [provider.Provider.Check].
	Params map[string]string
	// Listed are the algorithms that the provider's metadata lists, for rules that accept these.
	Listed func(ctx context.Context) ([]string, error)
	Leeway time.Duration    // for clock differences, 0 to [MaxLeeway]
	Now    func() time.Time // default time.Now
}

// Verifier checks tokens of one kind for one site. It is safe for concurrent use.
type Verifier struct {
	kind       provider.Proof
	client     string
	keys       *Keys
	params     map[string]string
	leeway     time.Duration
	now        func() time.Time
	issuers    []issuer
	algorithms []*algorithm
	listed     func(ctx context.Context) ([]string, error) // nil where the metadata adds none
	types      []string
	audience   []string
	named      bool // the site names the audience itself
	rules      provider.TokenRules
	equal      []string // the names of rules.Equal, in order
	scopes     string
	check      func(provider.Token) error
	salt       [32]byte
	last       atomic.Pointer[header] // of the last good signature
}

// Expect is what one token has to match besides the rules. The zero Expect adds nothing.
type Expect struct {
	Nonce       string // of the sign-in; an ID token without it is refused
	AccessToken string // that came with an ID token, which may hold its hash
}

// Verified is what a token has proven.
type Verified struct {
	Claims      provider.Claims
	Issued      time.Time // iat; zero if an access token has no iat
	Expiry      time.Time // exp
	From, Until time.Time // when it is accepted: nbf and exp with the leeway; From is zero without nbf
	Generation  uint64    // of the keys that verified it
}

// New reports every fault of c at once. It makes no network call.
func New(c Config) (*Verifier, error) {
	v := &Verifier{
		kind: c.Kind, client: c.ClientID, keys: c.Keys, params: c.Params, leeway: c.Leeway, now: c.Now,
		rules: c.Provider.IDToken, types: []string{"JWT"}, audience: []string{c.ClientID},
		scopes: c.Provider.Mapping.WithDefaults().Scopes, check: c.Provider.Check,
	}
	if c.Kind == provider.AccessToken {
		v.rules, v.types = c.Provider.AccessToken, []string{"JWT", "at+jwt"}
		v.audience, v.named = audience(c.Audience, v.rules.Audience, c.ClientID), len(c.Audience) > 0
	}
	if c.Kind == provider.Userinfo { // signed like an ID token, and nothing else about it is the same
		r := c.Provider.IDToken
		v.rules = provider.TokenRules{Algorithms: r.Algorithms, AlgorithmsListed: r.AlgorithmsListed, KeyIDRequired: r.KeyIDRequired}
		v.check = nil
	}
	if len(v.rules.Types) > 0 {
		v.types = v.rules.Types
	}
	if v.now == nil {
		v.now = time.Now
	}
	if v.rules.AlgorithmsListed {
		v.listed = c.Listed
	}
	v.equal = slices.Sorted(maps.Keys(v.rules.Equal))
	rand.Read(v.salt[:]) // never fails

	var errs []error
	if c.Kind != provider.IDToken && c.Kind != provider.AccessToken && c.Kind != provider.Userinfo {
		errs = append(errs, fmt.Errorf("kind %q is no token", c.Kind))
	}
	if v.leeway < 0 || v.leeway > MaxLeeway {
		errs = append(errs, fmt.Errorf("leeway is %s, want at most %s", v.leeway, MaxLeeway))
	}
	list := c.Provider.TokenIssuers
	if len(list) == 0 {
		list = []string{c.Provider.Issuer}
	}
	for _, text := range list {
		i, err := parseIssuer(text)
		v.issuers, errs = append(v.issuers, i), append(errs, err)
	}
	var err error
	v.algorithms, err = allowed(v.rules.SignatureAlgorithms())
	return v, errors.Join(append(errs, err)...)
}

// Verify checks a token, the cheapest checks first: form, header, issuer and times; then the signature; then its
// audience and its use. The error wraps exactly one [reason.Reason] and never shows the token.
//
// With [reason.Expired], expiry is the only fault and Verified is filled in, so that a refresh knows whose session it
// was. Therefore an expired token is checked to the end, but unknown keys are not fetched for it.
func (v *Verifier) Verify(ctx context.Context, raw string, want Expect) (Verified, error) {
	t, err := v.parse(ctx, raw)
	if err != nil {
		return Verified{}, err
	}
	if err := v.checkIssuer(t.claims); err != nil {
		return Verified{}, err
	}
	verified, expired, err := v.checkTimes(t.claims)
	if err != nil {
		return Verified{}, err
	}
	// Keys are fetched only for a token that would pass, but these faults are not reported before the signature is
	// known to be good.
	refused := v.checkClaims(&t, want)
	set, keys, err := v.keys.find(ctx, t.kid, t.algorithm, refused == nil && !expired)
	if err != nil {
		return Verified{}, err
	}
	key := t.signer(keys)
	if key == nil {
		return Verified{}, refuse(reason.BadSignature, "of %s with kid %s", t.algorithm.name, shown(t.kid))
	}
	v.last.Store(t.header)
	if refused != nil {
		return Verified{}, refused
	}
	if v.check != nil {
		if err := v.check(provider.Token{Kind: v.kind, ClientID: v.client, Header: t.header.members, Claims: t.claims, Key: key.raw, Params: v.params}); err != nil {
			return Verified{}, refuse(reason.ClaimRefused, "%v", err)
		}
	}
	verified.Claims, verified.Generation = t.claims, set.generation
	if expired {
		return verified, refuse(reason.Expired, "exp was %s", verified.Expiry.UTC().Format(time.RFC3339))
	}
	return verified, nil
}

// Generation is that of the verifier's keys: see [Keys.Generation].
func (v *Verifier) Generation(ctx context.Context) (uint64, error) { return v.keys.Generation(ctx) }

// Digest is the key of a token in a [Cache]. Two verifiers give different digests, because what a token proves to one
// it need not prove to another.
func (v *Verifier) Digest(raw string) [32]byte {
	var room [4096]byte
	return sha256.Sum256(append(append(room[:0], v.salt[:]...), raw...))
}
