package entraid

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// rules are Entra's rules for a token that cannot be written as data.
type rules struct {
	v2, v1  string   // issuers with {tid}; v1 is "" where version 1 is not accepted
	tenants []string // that may sign in; an empty list means all
	work    bool     // work accounts only
	cloud   string
}

var errGraph = errors.New("this access token is for Microsoft Graph and cannot be checked by anybody else: add a scope " +
	"of your own API, such as api://<client id>/access, or let the ID token be the proof")

func (r rules) check(t provider.Token) error {
	if isGraph(t) {
		return errGraph
	}
	iss, _ := t.Claims.Text("iss")
	tid, _ := t.Claims.Text("tid")
	ver, _ := t.Claims.Text("ver")
	v2 := fill(r.v2, tid)
	want := v2
	if ver == "1.0" {
		want = fill(r.v1, tid)
	}
	switch kind, _ := t.Claims.Text("idtyp"); {
	case len(r.tenants) > 0 && !slices.Contains(r.tenants, tid):
		return fmt.Errorf("tid %q is not a tenant of this site", tid)
	case iss != want:
		return fmt.Errorf("iss %q is not that of tid %q and ver %q", iss, tid, ver)
	case r.work && tid == consumerTenant:
		return errors.New("a personal account, where only work accounts may sign in")
	case t.Kind == provider.AccessToken && kind == "app":
		return errors.New("an access token of an app, not of a person")
	}
	return r.checkKey(t, tid, v2)
}

// checkKey refuses a key that Microsoft publishes for another issuer or another cloud. Keys name the issuer of version
// 2, also for tokens of version 1.
func (r rules) checkKey(t provider.Token, tid, v2 string) error {
	if t.Key == nil {
		return nil
	}
	key, err := provider.ParseClaims(t.Key)
	if err != nil {
		return fmt.Errorf("the signing key: %w", err)
	}
	issuer, _ := key.Text("issuer")
	issuer = strings.ReplaceAll(issuer, "{tenantid}", tid)
	cloud, _ := key.Text("cloud_instance_name")
	switch {
	case key.Has("issuer") && issuer != v2:
		return fmt.Errorf("the signing key belongs to issuer %q", issuer)
	case key.Has("cloud_instance_name") && r.cloud != "" && cloud != r.cloud:
		return fmt.Errorf("the signing key belongs to cloud %q, not %q", cloud, r.cloud)
	}
	return nil
}

// isGraph recognises a token that only Microsoft Graph can verify: the nonce in its header is not the one that was
// signed.
func isGraph(t provider.Token) bool {
	const id, url = "00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com"
	aud := slices.Collect(t.Claims.Strings("aud"))
	return t.Kind == provider.AccessToken &&
		(t.Header.Has("nonce") || slices.Contains(aud, id) || slices.Contains(aud, url))
}
