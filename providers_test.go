package edgeauth_test

import (
	"context"
	"crypto"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
)

const partnerURL = "https://partner.example"

// twoProviders is a site whose staff signs in at one provider and whose partners at another.
type twoProviders struct {
	*world
	partner *devidp.Server
}

func newTwoProviders(t *testing.T, change func(*edgeauth.Config)) *twoProviders {
	t.Helper()
	w := &twoProviders{world: newWorld(t, nil)}
	client := func(id, name string) devidp.Client {
		return devidp.Client{ID: id, RedirectURIs: []string{appURL + "/.auth/callback/" + name}, PostLogoutURIs: []string{appURL + "/.auth/signed-out"}}
	}
	var err error
	w.partner, err = devidp.New(devidp.Options{
		Provider: provider.OIDC(partnerURL), Clients: []devidp.Client{client("partner-client", "partners")}, Now: w.Now, Keys: []*devidp.Key{otherKey()},
		Users: []devidp.User{{Name: "pat", Claims: map[string]any{"name": "Pat"}, Groups: []string{"staff"}}}, Refresh: devidp.RotateOnce, CallbackIssuer: true,
	})
	require.NoError(t, err)
	own, other := w.IdP.Transport(), w.partner.Transport()
	config := w.config
	config.Provider, config.ClientID = provider.Provider{}, ""
	config.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == "partner.example" {
			return other.RoundTrip(r)
		}
		return own.RoundTrip(r)
	})}
	config.Providers = []edgeauth.ProviderChoice{
		{Name: "staff", Label: "Staff & co", EmailDomains: []string{"example.com"}, Provider: provider.OIDC(idpURL), ClientID: "site"},
		{Name: "partners", EmailDomains: []string{"partner.example", "p.example"}, Provider: provider.OIDC(partnerURL), ClientID: "partner-client"},
	}
	if change != nil {
		change(&config)
	}
	w.config = config
	w.Guard, err = edgeauth.New(config)
	require.NoError(t, err)
	return w
}

// atPartner signs pat in at the other provider.
func (w *twoProviders) atPartner(location string) string {
	staff := w.IdP
	w.IdP = w.partner
	defer func() { w.IdP = staff }()
	back, err := w.AtProvider(http.MethodPost, location, url.Values{"user": {"pat"}})
	require.NoError(w.t, err)
	return strings.TrimPrefix(back, appURL)
}

func bothModes(t *testing.T, story func(t *testing.T, w *twoProviders)) {
	t.Run("sealed", func(t *testing.T) { story(t, newTwoProviders(t, nil)) })
	t.Run("tokens", func(t *testing.T) {
		story(t, newTwoProviders(t, func(c *edgeauth.Config) { c.Session = edgeauth.Session{Mode: edgeauth.Tokens} }))
	})
}

func TestWhoeverNeedsToSignInChoosesTheProvider(t *testing.T) {
	bothModes(t, func(t *testing.T, w *twoProviders) {
		d := w.get("/deep?x=1")
		require.Equal(t, "no_session", edgeauth.Code(d.Reason))
		require.Equal(t, http.StatusUnauthorized, d.Status)
		page := string(d.Body)
		require.Contains(t, page, `href="/.auth/login?provider=staff&amp;return=%2Fdeep%3Fx%3D1">Staff &amp; co</a>`)
		require.Contains(t, page, `href="/.auth/login?provider=partners&amp;return=%2Fdeep%3Fx%3D1">partners</a>`)
		require.Contains(t, page, `<input type="email"`)
		require.Contains(t, page, `<input type="hidden" name="return" value="/deep?x=1">`)
		require.Empty(t, w.attempts(), "no sign-in has begun")

		d = w.get("/.auth/login?provider=partners&return=%2Fdeep%3Fx%3D1")
		require.True(t, strings.HasPrefix(d.Location, partnerURL+"/authorize?"), d.Location)
		d = w.get(w.atPartner(d.Location))
		require.Equal(t, "signed_in", d.Code(), "%v", d.Reason)
		require.Equal(t, appURL+"/deep?x=1", d.Location)
		d = w.get("/deep")
		require.Equal(t, edgeauth.Allow, d.Action)
		require.Equal(t, "pat", d.Identity.Subject())
		require.Equal(t, partnerURL, d.Identity.Issuer())
		require.Equal(t, "partners", d.Identity.Provider())
		require.Contains(t, string(w.fetch("/.auth/session").Body), `"provider":"partners"`)
		w.Wait(2 * time.Hour)
		require.Equal(t, edgeauth.Allow, w.get("/deep").Action, "renewed where it is from")
		require.Equal(t, 1, w.partner.Calls(devidp.Authorize))
	})
}

func TestTheProviderIsChosenByALink(t *testing.T) {
	w := newTwoProviders(t, nil)
	for target, want := range map[string]string{
		"/.auth/login?provider=staff": idpURL, "/.auth/login?provider=partners": partnerURL,
		"/.auth/login?email=ada@EXAMPLE.com": idpURL, "/.auth/login?email=pat%40p.example&return=%2Fx": partnerURL,
		"/.auth/login?iss=" + url.QueryEscape(partnerURL): partnerURL, "/.auth/login?iss=" + url.QueryEscape(idpURL): idpURL,
		"/.auth/login": "", "/.auth/login?provider=none": "", "/.auth/login?provider=": "", "/.auth/login?email=ada@other.example": "",
		"/.auth/login?email=ada@example.com@p.example": "", "/.auth/login?email=p.example": "", "/.auth/login?provider=STAFF": "",
	} {
		d := w.get(target)
		if want == "" {
			require.Equal(t, http.StatusOK, d.Status, target)
			require.Contains(t, string(d.Body), "provider=staff", target)
			continue
		}
		require.True(t, strings.HasPrefix(d.Location, want+"/authorize?"), "%s: %s", target, d.Location)
	}
	require.Equal(t, http.StatusMethodNotAllowed, w.get("/.auth/login?iss=https%3A%2F%2Fevil.example").Status)
}

// RFC 9700, 4.4: an answer counts for the provider alone that the attempt was sent to.
func TestNothingOfOneProviderCountsAtAnother(t *testing.T) {
	bothModes(t, func(t *testing.T, w *twoProviders) {
		staff := w.get("/.auth/login?provider=staff").Location
		partner := w.get("/.auth/login?provider=partners").Location
		fromStaff, fromPartner := w.atProvider(staff, "alice"), w.atPartner(partner)
		mixed := func(into, from string) string { // the code of one, with the state of the other
			u, err := url.Parse(into)
			require.NoError(t, err)
			v, err := url.Parse(from)
			require.NoError(t, err)
			q := u.Query()
			q.Set("code", v.Query().Get("code"))
			q.Set("iss", v.Query().Get("iss"))
			return u.Path + "?" + q.Encode()
		}
		w.noSession(w.get(mixed(fromStaff, fromPartner)))
		w.noSession(w.get(mixed(fromPartner, fromStaff)))

		w.Jar = map[string]string{}
		d := w.get(w.atProvider(w.get("/.auth/login?provider=staff").Location, "alice"))
		require.Equal(t, "signed_in", d.Code())
		var names []string
		for name := range w.Jar {
			names = append(names, name)
		}
		before := w.Jar
		w.Jar = map[string]string{}
		w.get(w.atPartner(w.get("/.auth/login?provider=partners").Location))
		for name, value := range before { // the value of one under the name of the other
			for other := range w.Jar {
				if strings.Count(name, "-") == strings.Count(other, "-") && name != other && len(value) > 100 {
					w.Jar[other] = value
				}
			}
		}
		require.NotEqual(t, edgeauth.Allow, w.fetch("/").Action, "%v", names)
	})
}

func TestASecondSignInTakesThePlaceOfTheFirst(t *testing.T) {
	bothModes(t, func(t *testing.T, w *twoProviders) {
		require.Equal(t, "signed_in", w.get(w.atProvider(w.get("/.auth/login?provider=staff").Location, "alice")).Code())
		require.Equal(t, "alice", w.get("/").Identity.Subject())
		d := w.get("/.auth/login")
		require.Contains(t, string(d.Body), "provider=partners", "whoever is signed in may choose another")
		require.Equal(t, "signed_in", w.get(w.atPartner(w.get("/.auth/login?provider=partners").Location)).Code())
		require.Equal(t, "pat", w.get("/").Identity.Subject())
		w.signOut()
		require.Equal(t, http.StatusUnauthorized, w.get("/").Status)
	})
}

func TestAnEndedSessionIsRenewedByASignInAtItsProvider(t *testing.T) {
	w := newTwoProviders(t, nil)
	require.Equal(t, "signed_in", w.get(w.atPartner(w.get("/.auth/login?provider=partners").Location)).Code())
	w.Wait(13 * time.Hour)
	require.True(t, strings.HasPrefix(w.get("/").Location, partnerURL), "the person has chosen before")
}

func TestScriptsAndPublicPathsAreAsEver(t *testing.T) {
	w := newTwoProviders(t, func(c *edgeauth.Config) { c.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}} })
	require.Equal(t, edgeauth.Allow, w.get("/public/x").Action)
	d := w.fetch("/api")
	require.Equal(t, http.StatusUnauthorized, d.Status)
	require.Contains(t, string(d.Body), `"login":"/.auth/login"`)
	require.Equal(t, http.StatusBadRequest, w.get("/.auth/callback/staff?code=a&state=b").Status)
	require.Equal(t, http.StatusOK, w.get("/.auth/signed-out").Status)
	require.Equal(t, http.StatusMisdirectedRequest, func() int {
		r := w.request("GET", "/")
		r.Host = "evil.example"
		return w.Guard.Check(t.Context(), r).Status
	}())
}

func TestARuleMayAskForAProvider(t *testing.T) {
	bothModesWith := func(c *edgeauth.Config) {
		c.Rules = []edgeauth.Rule{{Path: "/staff/", Groups: []string{"staff"}, Providers: []string{"staff"}}, {Path: "/both/", Groups: []string{"staff"}, Providers: []string{"staff", "partners"}}}
	}
	w := newTwoProviders(t, bothModesWith)
	require.Equal(t, "signed_in", w.get(w.atPartner(w.get("/.auth/login?provider=partners").Location)).Code())
	require.Equal(t, edgeauth.Allow, w.get("/both/").Action)
	d := w.get("/staff/")
	require.Equal(t, "forbidden_claim", edgeauth.Code(d.Reason), "a group of the same name is another one")
	require.Equal(t, "signed_in", w.get(w.atProvider(w.get("/.auth/login?provider=staff").Location, "alice")).Code())
	require.Equal(t, edgeauth.Allow, w.get("/staff/").Action)
}

// RFC 9700, 4.4: a provider of two sends a person on to the other one, with the challenge and the nonce of an attempt of its
// own and the person's state. Neither provider names itself in callbacks. The code must come to nobody.
func TestACodeOfOneProviderGoesToNoOther(t *testing.T) {
	var stolen string
	w := newTwoProviders(t, func(c *edgeauth.Config) {
		all := c.HTTPClient.Transport
		c.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host != "partner.example" || r.Method != http.MethodPost {
				return all.RoundTrip(r)
			}
			raw, _ := io.ReadAll(r.Body)
			form, _ := url.ParseQuery(string(raw))
			stolen = form.Get("code")
			return &http.Response{StatusCode: 400, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(`{"error":"server_error"}`)), Request: r}, nil
		})}
	})
	silent := devidp.Tamper{
		Callback:  func(q url.Values) { q.Del("iss") },
		Discovery: func(m map[string]any) { delete(m, "authorization_response_iss_parameter_supported") },
	}
	w.partner.Tamper(silent)
	w.IdP.Tamper(silent)
	w.Jar = map[string]string{}
	own, err := url.Parse(w.get("/.auth/login?provider=staff").Location) // in the attacker's browser
	require.NoError(t, err)
	w.Jar = map[string]string{}
	asked, err := url.Parse(w.get("/.auth/login?provider=partners").Location) // in the person's
	require.NoError(t, err)
	q := own.Query()
	q.Set("state", asked.Query().Get("state"))
	own.RawQuery = q.Encode()
	d := w.get(w.atProvider(own.String(), "alice"))
	require.Equal(t, "state_mismatch", d.Code())
	require.Empty(t, stolen, "the code went to the other provider's token endpoint")
	for _, other := range []string{"/.auth/callback", "/.auth/callback/partners/", "/.auth/callback/else"} {
		require.NotEqual(t, "signed_in", w.get(other+"?"+q.Encode()).Code(), other)
	}
}

func TestProvidersAreConfiguredEach(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*edgeauth.Config)
		field  string
	}{
		"one beside several":      {func(c *edgeauth.Config) { c.Provider, c.ClientID = provider.OIDC(idpURL), "x" }, "Providers"},
		"no name":                 {func(c *edgeauth.Config) { c.Providers[0].Name = "" }, "Providers[0].Name"},
		"a name that is none":     {func(c *edgeauth.Config) { c.Providers[0].Name = "Staff Only" }, "Providers[0].Name"},
		"a name twice":            {func(c *edgeauth.Config) { c.Providers[1].Name = "staff" }, "Providers[1].Name"},
		"a domain twice":          {func(c *edgeauth.Config) { c.Providers[1].EmailDomains = []string{"EXAMPLE.com"} }, "Providers[1].EmailDomains[0]"},
		"no client":               {func(c *edgeauth.Config) { c.Providers[1].ClientID = "" }, "Providers[1].ClientID"},
		"a secret that is needed": {func(c *edgeauth.Config) { c.Providers[1].Provider.Secret = provider.Required }, "Providers[1].ClientSecret"},
		"an endpoint over http":   {func(c *edgeauth.Config) { c.Providers[0].Provider.Endpoints.Token = "http://idp.example/t" }, "Providers[0].Provider.Endpoints.Token"},
		"a rule for a stranger":   {func(c *edgeauth.Config) { c.Rules = []edgeauth.Rule{{Path: "/a", Providers: []string{"x"}}} }, "Rules[0].Providers"},
		"a group of nobody's":     {func(c *edgeauth.Config) { c.Rules = []edgeauth.Rule{{Path: "/a", Groups: []string{"staff"}}} }, "Rules[0].Providers"},
		"an address of nobody's":  {func(c *edgeauth.Config) { c.Rules = []edgeauth.Rule{{Path: "/a", Emails: []string{"ada@example.com"}}} }, "Rules[0].Providers"},
		"a domain of nobody's": {func(c *edgeauth.Config) {
			c.Rules = []edgeauth.Rule{{Path: "/a", EmailDomains: []string{"example.com"}}}
		}, "Rules[0].Providers"},
		"a claim of nobody's": {func(c *edgeauth.Config) {
			c.Rules = []edgeauth.Rule{{Path: "/a", ClaimsSuffix: map[string][]string{"upn": {"@example.com"}}}}
		}, "Rules[0].Providers"},
		"no hosts, said once": {func(c *edgeauth.Config) { c.Hosts = nil }, "Hosts"},
		"a shared domain":     {func(c *edgeauth.Config) { c.Cookie.Domain = "example.com" }, "Cookie.Domain"},
		"open to everybody":   {func(c *edgeauth.Config) { c.Providers[1].Provider.OpenSignup = true }, "OpenToEveryone"},
	} {
		t.Run(name, func(t *testing.T) {
			config := newTwoProviders(t, nil).config
			config.Providers = append([]edgeauth.ProviderChoice{}, config.Providers...)
			c.change(&config)
			_, err := edgeauth.New(config)
			require.Error(t, err)
			require.Equal(t, 1, strings.Count("\n"+err.Error(), "\n"+c.field+": "), "%v", err)
		})
	}
}

type oneSite struct{ config edgeauth.Config }

func (s oneSite) Config(context.Context, string) (edgeauth.Config, error) { return s.config, nil }

func TestManySitesMayHaveSeveralProvidersEach(t *testing.T) {
	w := newTwoProviders(t, nil)
	sites, err := edgeauth.NewSites(edgeauth.SitesConfig{Source: oneSite{w.config}})
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, sites.Check(t.Context(), w.request("GET", "/")).Status)
}

// A snapshot is of one provider's keys: another's tokens would be worth what the first says.
func TestKeysOfOneProviderVerifyNothingOfAnother(t *testing.T) {
	w := newTwoProviders(t, nil)
	config := w.config
	set, err := json.Marshal(map[string]any{"keys": []any{signingKey().JWK()}})
	require.NoError(t, err)
	config.KeySnapshot = set
	for _, each := range config.PerProvider() {
		require.Nil(t, each.KeySnapshot)
	}
	w.Guard, err = edgeauth.New(config)
	require.NoError(t, err)
	w.partner.SetKeys(signingKey()) // the other's own key in the place of this one's, with no chance to be fetched
	w.partner.Fail(devidp.Keys, devidp.Down())
	d := w.get(w.atPartner(w.get("/.auth/login?provider=partners").Location))
	require.Equal(t, "keys_unavailable", edgeauth.Code(d.Reason), "%v", d.Reason)
}

func TestARuleForOthersIsJudgedForThemAlone(t *testing.T) {
	config := newTwoProviders(t, nil).config
	config.Providers = append([]edgeauth.ProviderChoice{}, config.Providers...)
	config.Providers[0].Provider.MutableClaims = []string{"email"}
	config.Providers[1].Provider.OpenSignup = true
	partners := edgeauth.Rule{Path: "/partners/", EmailDomains: []string{"partner.example"}, Providers: []string{"partners"}}
	staff := edgeauth.Rule{Path: "/", Providers: []string{"staff"}}
	config.Rules = []edgeauth.Rule{partners, staff}
	_, err := edgeauth.New(config)
	require.NoError(t, err, "at staff people write their address, and at partners anybody can sign up")
	config.Rules = []edgeauth.Rule{{Path: "/partners/", EmailDomains: []string{"partner.example"}}, staff}
	_, err = edgeauth.New(config)
	require.ErrorContains(t, err, `Rules[0]: rests on "email"`)
	config.Rules = []edgeauth.Rule{partners}
	_, err = edgeauth.New(config)
	require.ErrorContains(t, err, "OpenToEveryone")
}

// What tells two choices of one client apart is a parameter, and whoever signs in can change it.
func TestTwoProvidersShareNoClient(t *testing.T) {
	config := newTwoProviders(t, nil).config
	own := config.Providers
	config.Providers = append([]edgeauth.ProviderChoice{}, own...)
	config.Providers[1].Provider = own[0].Provider
	config.Providers[1].ClientID = own[0].ClientID
	config.Providers[1].AuthorizeParams = map[string]string{"connection": "guests"}
	_, err := edgeauth.New(config)
	require.ErrorContains(t, err, `Providers[1].ClientID: is that of "staff" at the same issuer`)

	config.Providers = append([]edgeauth.ProviderChoice{}, own...)
	key := newKey("RS256").Private.(crypto.Signer)
	config.Providers[0].ClientKey, config.Providers[1].ClientKey = key, key
	_, err = edgeauth.New(config)
	require.ErrorContains(t, err, `Providers[1].ClientKey: is that of "staff"`)
	config.Providers[1].ClientKey = newKey("ES256").Private.(crypto.Signer)
	_, err = edgeauth.New(config)
	require.NoError(t, err)
}

func (w *twoProviders) signsInAt(name, returnTo string) edgeauth.Decision {
	location := w.get("/.auth/login?provider=" + name + "&return=" + returnTo).Location
	if name == "partners" {
		return w.get(w.atPartner(location))
	}
	return w.get(w.atProvider(location, "alice"))
}

func TestASignOutEndsSignInsAtTheOthersToo(t *testing.T) {
	bothModes(t, func(t *testing.T, w *twoProviders) {
		require.Equal(t, "signed_in", w.signsInAt("staff", "/").Code())
		back := w.atPartner(w.get("/.auth/login?provider=partners").Location)
		w.Wait(time.Second)
		w.signOut()
		require.Equal(t, "signed_out_before", w.get(back).Code())
	})
}

func TestALateRenewalAtAnotherProviderSignsNobodyInAgain(t *testing.T) {
	bothModes(t, func(t *testing.T, w *twoProviders) {
		require.Equal(t, "signed_in", w.signsInAt("staff", "/").Code())
		w.Wait(2 * time.Hour)
		r := w.request(http.MethodGet, "/")
		r.CookiesOnAllow = true
		late := w.Guard.Check(t.Context(), r)
		require.NotEmpty(t, late.Cookies)
		require.Equal(t, "signed_in", w.signsInAt("partners", "/").Code())
		w.Wait(time.Second)
		w.signOut()
		for _, c := range late.Cookies {
			if c.MaxAge >= 0 && c.Value != "" {
				w.Jar[c.Name] = c.Value
			}
		}
		require.NotEqual(t, edgeauth.Allow, w.get("/").Action)
	})
}

// A sign-in that is too weak for its page is one all the same.
func TestAWeakSignInTakesTheOtherSessionAway(t *testing.T) {
	for _, order := range [][2]string{{"staff", "partners"}, {"partners", "staff"}} {
		w := newTwoProviders(t, func(c *edgeauth.Config) { c.Rules = []edgeauth.Rule{{Path: "/strong/", ACR: []string{"never"}}} })
		require.Equal(t, "signed_in", w.signsInAt(order[0], "/").Code())
		require.Equal(t, "weak_session", w.signsInAt(order[1], "/strong/").Code())
		require.Equal(t, order[1], w.get("/").Identity.Provider())
		w.signOut()
		require.NotEqual(t, edgeauth.Allow, w.get("/").Action)
	}
}

func TestASignOutRevokesAtEveryProvider(t *testing.T) {
	w := newTwoProviders(t, nil)
	require.Equal(t, "signed_in", w.signsInAt("staff", "/").Code())
	staff := maps.Clone(w.Jar)
	require.Equal(t, "signed_in", w.signsInAt("partners", "/").Code())
	maps.Copy(w.Jar, staff) // a late answer brought it back
	w.signOut()
	require.Equal(t, 1, w.IdP.Calls(devidp.Revoke))
	require.Equal(t, 1, w.partner.Calls(devidp.Revoke))
}
