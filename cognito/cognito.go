// Package cognito signs people in with an Amazon Cognito user pool.
//
// Whoever can sign up in the pool can sign in: disable self-registration there, or let every rule ask for more than a
// sign-in. A rule may rest on an attribute only where ReadOnlyAttributes says that people cannot write it.
package cognito

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// Config says which user pool people sign in at. UserPoolID and Domain are required.
type Config struct {
	// UserPoolID is the pool's id, such as "eu-west-1_Ab12Cd34e". It holds the region. One of cognito-local, such as
	// "local_Ab12Cd34e", is taken where Issuer and Endpoints are on this machine; it has the endpoints that are given, and none of Amazon's.
	UserPoolID string
	// Domain is the domain of the pool's sign-in pages: its prefix, such as "shop", or its own domain, such as
	// "auth.example.com".
	Domain string
	// Issuer is the issuer of the pool's tokens: [Original], [Updated] or a URL. Default [Original].
	Issuer string
	// Endpoints replace those of the domain and the issuer, one by one. We do not know the host of the keys in the
	// GovCloud regions: set Keys if the issuer's host does not answer.
	Endpoints provider.Endpoints
	// ReadOnlyAttributes are attributes of the pool, such as "custom:department" or "locale", that no app client of the pool
	// may write, so that rules may rest on them. People write all others about themselves: an app client may write every
	// standard attribute unless its settings say otherwise. Default none.
	ReadOnlyAttributes []string
}

// The two issuers that a pool can be set to.
const (
	Original = "original" // https://cognito-idp.{region}.amazonaws.com/{pool}
	Updated  = "updated"  // https://issuer-cognito-idp.{region}.amazonaws.com/{pool}, with the pool's first region
)

// New returns the provider, or every fault of the configuration.
//
// An access token has no audience unless it is bound to a resource: such a site sets resource in its authorize
// parameters, and lists the resource as its audience. We do not know which pools accept that parameter.
func New(c Config) (provider.Provider, error) {
	region, err := c.check()
	if err != nil {
		return provider.Provider{}, err
	}
	domain := strings.ToLower(c.Domain)
	if !strings.Contains(domain, ".") {
		middle := ".auth."
		if strings.HasPrefix(region, "us-gov-") {
			middle = ".auth-fips." // the only endpoints there
		}
		domain += middle + region + ".amazoncognito.com"
	}
	issuer := c.Issuer
	switch issuer {
	case "", Original:
		issuer = "https://cognito-idp." + region + ".amazonaws.com/" + c.UserPoolID
	case Updated:
		issuer = "https://issuer-cognito-idp." + region + ".amazonaws.com/" + c.UserPoolID
	}
	standard := provider.Endpoints{
		Authorize:  "https://" + domain + "/oauth2/authorize",
		Token:      "https://" + domain + "/oauth2/token",
		Keys:       issuer + "/.well-known/jwks.json",
		Revoke:     "https://" + domain + "/oauth2/revoke",
		EndSession: "https://" + domain + "/logout",
	}
	if region == onThisMachine { // whose tokens are nothing that Amazon should get
		standard = provider.Endpoints{Keys: standard.Keys}
	}
	return provider.Provider{
		Name:      "cognito",
		Issuer:    issuer,
		Endpoints: c.Endpoints.Merge(standard),
		// These are allowed for a new app client. Cognito gives a refresh token without being asked.
		Scopes: []string{"openid", "email"},
		Proof:  provider.IDToken,
		Proofs: []provider.Proof{provider.IDToken, provider.AccessToken},
		IDToken: provider.TokenRules{
			KeyIDRequired: true, Equal: map[string][]string{"token_use": {"id"}},
		},
		AccessToken: provider.TokenRules{
			KeyIDRequired: true, Equal: map[string][]string{"token_use": {"access"}},
			AudienceOptional: true, ClientClaims: []string{"client_id"}, ScopeRequired: true,
		},
		Mapping: provider.Mapping{Groups: "cognito:groups", Roles: "cognito:roles"},
		Logout:  provider.Logout{ReturnParam: "logout_uri"},
		// A username can be given to somebody else once its owner is deleted.
		MutableClaims:  provider.SelfWritten("custom:*", "cognito:username", "username"),
		ReadOnlyClaims: slices.Clone(c.ReadOnlyAttributes),
		MutableRemedy:  "name it in read_only_attributes of the provider once no app client of the pool may write it, or use groups",
	}, nil
}

var (
	pool   = regexp.MustCompile(`^([a-z]{2}(?:-[a-z]+)+-[0-9]+)_[A-Za-z0-9]+$`)
	local  = regexp.MustCompile(`^local_[A-Za-z0-9]+$`) // of cognito-local
	custom = regexp.MustCompile(`^custom:[^*/\s]+$`)
	domain = regexp.MustCompile(`^(?i)[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?$`)
)

// onThisMachine stands for the region of a pool of cognito-local.
const onThisMachine = "local"

// isLocal reports whether all that a pool of cognito-local needs, and all that is given of it, is on this machine.
func (c Config) isLocal() bool {
	e := c.Endpoints
	for i, address := range []string{c.Issuer, e.Authorize, e.Token, e.Keys, e.Userinfo, e.Revoke, e.EndSession, e.PushedRequests} {
		u, err := url.Parse(address)
		if needed := i < 3; err != nil || (needed || address != "") && !provider.Loopback(u.Host) {
			return false
		}
	}
	return true
}

// check returns the region of the pool, or every fault of c.
func (c Config) check() (region string, err error) {
	var errs []error
	found := pool.FindStringSubmatch(c.UserPoolID)
	if found == nil && local.MatchString(c.UserPoolID) && c.isLocal() {
		region = onThisMachine
	} else if found == nil {
		errs = append(errs, fmt.Errorf(`user_pool_id %q is none; copy the one from the pool's overview page, such as "eu-west-1_Ab12Cd34e"`, c.UserPoolID))
	} else {
		region = found[1]
	}
	if !domain.MatchString(c.Domain) {
		errs = append(errs, fmt.Errorf(`domain %q is no host name; give the prefix, such as "shop", or the pool's own domain, such as "auth.example.com"`, c.Domain))
	}
	for _, name := range c.ReadOnlyAttributes {
		if !slices.Contains(provider.SelfWritten("email"), name) && !custom.MatchString(name) {
			errs = append(errs, fmt.Errorf(`read_only_attributes: %q is no attribute that people write; give the claim's name, such as "custom:department" or "locale"`, name))
		}
	}
	if c.Issuer != "" && c.Issuer != Original && c.Issuer != Updated && !strings.Contains(c.Issuer, "://") {
		errs = append(errs, fmt.Errorf(`issuer %q is unknown; take "original", "updated", or the iss of the pool's tokens`, c.Issuer))
	}
	return region, errors.Join(errs...)
}
