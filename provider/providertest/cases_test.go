package providertest

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

// The user call does not say for which client a token was made (O13).
func TestATokenFromTheBrowserIsNoSession(t *testing.T) {
	k := quickKit(t, githubAny(t).provider, githubAny(t).samples["everybody"])
	w, err := k.signedIn()
	if err != nil {
		t.Fatal(err)
	}
	for name := range w.Jar {
		w.Jar[name] = "gho_CpuguE-JdcAY8n7yzi8ZtgeSlb3MHNwbTJf8"
	}
	if d := w.get("/"); edgeauth.Code(d.Reason) != "bad_session" {
		t.Errorf("in a cookie: %v", d.Reason)
	}
	clear(w.Jar)
	navigation := func(name string) string {
		return map[string]string{"Authorization": "Bearer gho_CpuguE-JdcAY8n7yzi8ZtgeSlb3MHNwbTJf8"}[name]
	}
	d := w.Guard.Check(t.Context(), &edgeauth.Request{Method: http.MethodGet, Host: host, Path: "/", Header: navigation})
	if edgeauth.Code(d.Reason) != "no_session" {
		t.Errorf("in a header: %v", d.Reason)
	}
}

func TestMembershipIsAskedForAgain(t *testing.T) {
	one := githubOrgs(t)
	k := quickKit(t, one.provider, one.samples["members"])
	w, err := k.signedIn()
	if err != nil {
		t.Fatal(err)
	}
	w.IdP.Tamper(k.tamper(only(user+"/orgs?per_page=100", []any{})))
	w.Wait(50 * time.Minute)
	if d := w.get("/"); d.Action != edgeauth.Allow {
		t.Fatalf("within the hour: %v", d.Reason)
	}
	w.Wait(15 * time.Minute)
	if d := w.get("/"); edgeauth.Code(d.Reason) != "claim_refused" {
		t.Errorf("after the hour: %v, %v", d.Action, d.Reason)
	}
}

func TestAKeyThatWasAddedAMinuteAgoCounts(t *testing.T) {
	for name, one := range map[string]tested{"P10 entraid": entraOne(t), "P18 auth0": auth0Any(t), "P20 cognito": cognitoPool(t)} {
		for what, s := range one.samples {
			t.Run(name+", "+what, func(t *testing.T) {
				k := quickKit(t, one.provider, s)
				w, err := k.signedIn()
				if err != nil {
					t.Fatal(err)
				}
				added, err := newKeys(one.provider)
				if err != nil {
					t.Fatal(err)
				}
				added.id.ID = "YOpvYa-W4paIt_QIEcE2Pq9=" // P08: opaque text
				w.IdP.SetKeys(added.id, k.keys.id, k.keys.access, added.access)
				w.Wait(time.Minute)
				clear(w.Jar)
				if d, err := w.signIn(); err != nil || edgeauth.Code(d.Reason) != "signed_in" {
					t.Errorf("%v, %v", err, d.Reason)
				}
			})
		}
	}
}

func TestAClockThatIsHalfAMinuteLateIsFine(t *testing.T) {
	one := auth0Any(t)
	k := quickKit(t, one.provider, one.samples["ID tokens"])
	ahead := newWorld().Now().Add(30 * time.Second).Unix()
	if fault := k.admits(claims("iat", ahead, "nbf", ahead)); fault != "" { // P11
		t.Error(fault)
	}
}

func TestKeycloakStartsAgainForWhoeverWasSlow(t *testing.T) {
	k := quickKit(t, keycloakRealm().provider, keycloakRealm().samples["ID tokens"])
	w, err := k.world(nil)
	if err != nil {
		t.Fatal(err)
	}
	slow := Answer{Callback: object("code", nil, "error", "temporarily_unavailable", "error_description", "authentication_expired")}
	w.IdP.Tamper(k.tamper(slow))
	d, err := w.signIn()
	if err != nil || !strings.HasPrefix(d.Location, realm) { // P16
		t.Fatalf("%v, %v", err, d.Reason)
	}
	w.IdP.Tamper(devidp.Tamper{})
	back, err := w.follow(http.MethodPost, d.Location, map[string][]string{"user": {person}})
	if err != nil {
		t.Fatal(err)
	}
	if d := w.get(back); edgeauth.Code(d.Reason) != "signed_in" {
		t.Errorf("the second time: %v", d.Reason)
	}
}

func TestGuardsRefuseWhatCannotWork(t *testing.T) {
	for name, c := range map[string]struct {
		config edgeauth.Config
		want   []string
	}{
		"A09 a rule on an address that may be unproven": {
			edgeauth.Config{Provider: auth0Any(t).provider, Rules: []edgeauth.Rule{{Path: "/", Claims: map[string]string{"email": "x@shop.example"}}}},
			[]string{"Rules[0].Claims", `"email" alone`},
		},
		"a rule on a name that people change": {
			edgeauth.Config{Provider: cognitoPool(t).provider, Rules: []edgeauth.Rule{{Path: "/", Claims: map[string]string{"cognito:username": "robin"}}}},
			[]string{"Rules[0].Claims", "cognito"},
		},
		"T18 access tokens of Auth0 without an audience": {
			edgeauth.Config{Provider: auth0Any(t).provider, Proof: provider.AccessToken}, []string{"Audience"},
		},
		"access tokens of Okta without an audience": {edgeauth.Config{Provider: oktaAccess().provider}, []string{"Audience"}},
		"O05 access tokens of Okta's own server": {
			edgeauth.Config{Provider: provider.Okta("https://acme.okta.example", provider.AccessToken), Audience: []string{"https://acme.okta.example"}},
			[]string{"Proof", "okta"},
		},
		"access tokens of Google": {edgeauth.Config{Provider: googleAny().provider, Proof: provider.AccessToken, OpenToEveryone: true}, []string{"Proof", "google"}},
		"everybody at Google":     {edgeauth.Config{Provider: googleAny().provider}, []string{"OpenToEveryone", "google", "ClientSecret"}},
		"everybody at GitHub":     {edgeauth.Config{Provider: githubAny(t).provider}, []string{"OpenToEveryone", "github", "ClientSecret"}},
		"GitHub without a secret of its own": {
			edgeauth.Config{Provider: githubOrgs(t).provider, Session: edgeauth.Session{Mode: edgeauth.Tokens}}, []string{"ClientSecret", "such evidence cannot be verified later"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.config.ClientID, c.config.Hosts = "client", []string{host}
			if c.config.Session.Mode == edgeauth.Sealed {
				key := sha256.Sum256([]byte("a key"))
				c.config.Session.Keys = [][]byte{key[:]}
			}
			_, err := edgeauth.New(c.config)
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want it to say %q", err, want)
				}
			}
		})
	}
}
