package providertest

import (
	"crypto"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

// kit is one provider with its sample and what every rule needs.
type kit struct {
	p    provider.Provider
	s    Sample
	keys keys
	// signer makes the client secret where it is a token, as Apple's.
	signer crypto.Signer
}

// keys sign tokens. The strangers' keys are not published.
type keys struct{ id, access, strangerID, strangerAccess *devidp.Key }

// rs256Keys are made once: nearly every provider signs with RS256, and making keys takes longer than all the rest.
var rs256Keys = sync.OnceValues(func() (keys, error) { return makeKeys("RS256", "RS256") })

func newKeys(p provider.Provider) (keys, error) {
	id, access := p.IDToken.SignatureAlgorithms()[0], p.AccessToken.SignatureAlgorithms()[0]
	if id == "RS256" && access == "RS256" {
		return rs256Keys()
	}
	return makeKeys(id, access)
}

func makeKeys(id, access string) (k keys, err error) {
	for _, one := range []struct {
		key       **devidp.Key
		algorithm string
	}{{&k.id, id}, {&k.access, access}, {&k.strangerID, id}, {&k.strangerAccess, access}} {
		if one.key == &k.strangerAccess && access == id {
			k.strangerAccess = k.strangerID
		} else if *one.key, err = devidp.NewKey(one.algorithm); err != nil {
			return k, err
		}
	}
	return k, nil
}

func newKit(p provider.Provider, s Sample) (kit, error) {
	keys, err := newKeys(p)
	if err != nil {
		return kit{}, err
	}
	k := newKitWith(keys, p, s)
	if _, err := k.world(nil); err != nil {
		return kit{}, err
	}
	return k, nil
}

func newKitWith(keys keys, p provider.Provider, s Sample) kit {
	if s.ClientID == "" {
		s.ClientID = "client"
	}
	if s.ClientSecret == "" && p.Secret == provider.Required {
		s.ClientSecret = "a secret of the test"
	}
	if s.Proof == "" {
		s.Proof = p.Proof
	}
	if s.Proof == "" {
		s.Proof = provider.IDToken
	}
	if len(p.JWKS) > 0 {
		p.JWKS, _ = json.Marshal(map[string]any{"keys": []any{keys.id.JWK(), keys.access.JWK()}}) // strings always marshal
	}
	k := kit{p: p, s: s, keys: keys}
	if p.SecretIssuer != "" {
		if key, err := devidp.NewKey("ES256"); err == nil { // which cannot fail
			k.signer, _ = key.Private.(crypto.Signer)
		}
	}
	return k
}

// is reports whether the evidence is of this kind.
func (k kit) is(proof provider.Proof) bool { return k.s.Proof == proof }

// issues reports whether the provider can give a kind of evidence.
func (k kit) issues(proof provider.Proof) bool {
	return slices.Contains(k.p.Proofs, proof) || proof == provider.IDToken && len(k.p.Proofs) == 0
}

// life is how long the evidence of a sign-in counts.
func (k kit) life() time.Duration {
	if seconds := k.p.Userinfo.RecheckSeconds; k.s.Proof == provider.Userinfo && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	return time.Hour
}

// world makes a site in front of the fake provider. change, where set, changes the site before it is made.
func (k kit) world(change func(*edgeauth.Config)) (*world, error) {
	for _, url := range k.p.Userinfo.URLs {
		if _, ok := k.s.Good.API[url]; !ok && k.s.Proof == provider.Userinfo {
			return nil, fmt.Errorf("the sample's Good.API has no answer for %s", url)
		}
	}
	w := newWorld()
	claims := maps.Clone(k.s.Good.Claims)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	options := devidp.Options{
		Provider: k.p,
		Clients: []devidp.Client{{
			ID: k.s.ClientID, Secret: k.s.ClientSecret,
			RedirectURIs: []string{site + "/.auth/callback"}, PostLogoutURIs: []string{site + "/.auth/signed-out"},
		}},
		Users:             []devidp.User{{Name: person, Claims: claims, API: k.s.Good.API}},
		Now:               w.Now,
		Keys:              []*devidp.Key{k.keys.id, k.keys.access},
		AtHash:            true,
		OpaqueAccessToken: !k.issues(provider.AccessToken),
		Shape:             k.shape(),
	}
	switch {
	case k.s.Proof == provider.Userinfo:
		options.TokenLife = 24 * time.Hour // the evidence is fetched again with the same access token
	case k.p.RefreshRotates:
		options.Refresh = devidp.RotateOnce
	default:
		options.Refresh = devidp.Static
	}
	if slices.Contains(k.p.Scopes, "offline_access") {
		options.RefreshScope = "offline_access"
	}
	if k.signer != nil {
		options.Clients[0].Key = k.signer.Public()
	}
	var err error
	if w.IdP, err = devidp.New(options); err != nil {
		return nil, err
	}
	config := edgeauth.Config{
		Provider: k.p, ClientID: k.s.ClientID, ClientSecret: k.s.ClientSecret, Hosts: []string{host},
		Proof: k.s.Proof, Audience: k.s.Audience, AuthorizeParams: k.s.AuthorizeParams,
		OpenToEveryone: true,
	}
	if k.signer != nil {
		config.ClientKey, config.ClientSecret = k.signer, ""
	}
	if change != nil {
		change(&config)
	}
	return w, w.open(config)
}
