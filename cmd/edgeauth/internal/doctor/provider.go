package doctor

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/internal/token"
	"github.com/edgeauth/edgeauth/provider"
)

const maxPublished = 512 << 10 // bytes of the metadata or the keys

// askProvider reads what the provider publishes about itself, and shows its URLs.
func (c *check) askProvider(ctx context.Context) {
	c.section("provider", "Provider", c.found.Name+", "+c.found.Issuer)
	c.reached = c.found.Discovery == ""
	switch {
	case c.offline:
		c.reached = false
		c.say(Note, "not asked, because of -offline")
	case !c.issuesTokens():
		c.say(Note, "%s publishes neither metadata nor keys: what its API answers is the proof", c.found.Name)
	default:
		c.discover(ctx)
	}
	c.endpoints()
	if !c.offline && c.issuesTokens() {
		c.keys(ctx)
	}
}

// discover reads the metadata. Where the URLs are templates, it only tells whether they fit.
func (c *check) discover(ctx context.Context) {
	p := c.found
	address := cmp.Or(p.Discovery, provider.DiscoveryURL(p.Issuer))
	raw, _, err := fresh.Fetch(ctx, c.caller, address, maxPublished)
	switch {
	case err != nil && p.Discovery != "":
		c.say(Wrong, "its metadata cannot be had: %v", err).about("provider.issuer").try("Is the issuer right, and does this machine reach it?")
		return
	case err != nil:
		c.say(Note, "its metadata cannot be had, and the settings do without: %v", err)
		return
	}
	claims, err := provider.ParseClaims(raw)
	if err != nil {
		c.say(Wrong, "%s answers with something else than metadata (%v)", address, err).about("provider.issuer").try("Is the issuer right, or is a proxy in between?")
		return
	}
	issuer, _ := claims.Text("issuer")
	if p.Discovery != "" && issuer != p.Issuer || !sameIssuer(issuer, p.Issuer) {
		c.say(Wrong, "the provider calls itself %q and the document %q. No token would be accepted", issuer, p.Issuer).about("provider.issuer").try("give the issuer exactly as the provider does, slash and all")
		return
	}
	if c.metadata, err = provider.ParseMetadata(raw, issuer); err != nil && p.Discovery == "" {
		c.say(Note, "its metadata is not whole, and the document does without it: %v", err)
		return
	} else if err != nil {
		c.say(Wrong, "%v", err)
		return
	}
	c.known, c.reached = true, true
	if p.Discovery != "" {
		c.found = p.WithMetadata(c.metadata)
	}
	c.say(OK, "its metadata can be had and names the same issuer: %s", address)
	c.ruledOut(claims)
	for _, why := range c.metadata.Ignored {
		c.say(Note, "a member of its metadata is not used: %s", why).try("tell whoever runs the provider, or name the URL in provider.endpoints")
	}
}

// sameIssuer compares whole, and takes the placeholder of a metadata document that is for every tenant.
func sameIssuer(published, configured string) bool {
	before, rest, ok := strings.Cut(published, "{")
	if !ok {
		return published == configured
	}
	_, after, _ := strings.Cut(rest, "}")
	return strings.HasPrefix(configured, before) && strings.HasSuffix(configured, after)
}

func (c *check) endpoints() {
	mine, published := c.found.Endpoints, c.metadata.Endpoints
	for _, e := range []struct{ name, url, published string }{
		{"sign-in", mine.Authorize, published.Authorize},
		{"token", mine.Token, published.Token},
		{"keys", mine.Keys, published.Keys},
		// These differ for a reason where they differ: Auth0 and Cognito have two forms of sign-out.
		{"userinfo", mine.Userinfo, ""},
		{"revocation", mine.Revoke, ""},
		{"sign-out", mine.EndSession, ""},
	} {
		if e.url != "" {
			c.fact(e.name, e.url)
		}
		if e.url != "" && e.published != "" && e.url != e.published {
			c.say(Note, "the provider's metadata has another URL for %s: %s", e.name, e.published).about("provider.endpoints")
		}
	}
	if mine.EndSession == "" && (c.known || c.found.Discovery == "") {
		c.say(Note, "it has no sign-out of its own: signing out ends the session at this site only, and the next sign-in may ask nothing")
	}
}

// keys reads the key set and tells which keys can verify tokens of this provider.
func (c *check) keys(ctx context.Context) {
	raw := []byte(c.found.JWKS)
	switch {
	case len(raw) > 0:
	case c.found.Endpoints.Keys == "":
		return // the metadata is missing, which has been said
	default:
		var err error
		if raw, _, err = fresh.Fetch(ctx, c.caller, c.found.Endpoints.Keys, maxPublished); err != nil {
			c.say(Wrong, "its keys cannot be had: %v. No token can be verified without them", err)
			return
		}
	}
	set, err := token.ParseSet(raw)
	if err != nil {
		c.say(Wrong, "its keys cannot be used: %v", err)
		return
	}
	var published struct {
		Keys []struct{ Kid, Kty, Use, Alg string }
	}
	_ = json.Unmarshal(raw, &published) // ParseSet has read it; an odd member only spoils this summary
	accepted := c.algorithms()
	fit, named := 0, true
	for _, key := range published.Keys {
		if fits := func(alg string) bool { return keyType(alg) == key.Kty && (key.Alg == "" || key.Alg == alg) }; slices.ContainsFunc(accepted, fits) && (key.Use == "" || key.Use == "sig") {
			fit++
			named = named && key.Kid != ""
		}
	}
	switch {
	case fit == 0:
		c.say(Wrong, "none of its %s is for %s, which is what tokens have to be signed with", count(len(published.Keys), "key"), strings.Join(accepted, " or "))
	case !named && c.found.IDToken.KeyIDRequired:
		c.say(Wrong, "it has keys without kid, but tokens of %s have to name theirs", c.found.Name)
	default:
		c.say(OK, "%s, %d usable for %s", count(len(published.Keys), "key"), fit, strings.Join(accepted, " or "))
	}
	for _, why := range set.Skipped {
		c.say(Note, "not used: %s", why)
	}
}

// algorithms are those that tokens may be signed with.
func (c *check) algorithms() []string {
	rules := c.found.IDToken
	if c.proof() == provider.AccessToken {
		rules = c.found.AccessToken
	}
	accepted := slices.Clone(rules.SignatureAlgorithms())
	if rules.AlgorithmsListed {
		for _, alg := range c.metadata.Algorithms {
			if slices.Contains(token.Algorithms(), alg) && !slices.Contains(accepted, alg) {
				accepted = append(accepted, alg)
			}
		}
	}
	return accepted
}

func keyType(alg string) string {
	switch {
	case strings.HasPrefix(alg, "ES"):
		return "EC"
	case strings.HasPrefix(alg, "Ed"):
		return "OKP"
	}
	return "RSA"
}
