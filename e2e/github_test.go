package e2e

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/nethttp"
	"github.com/edgeauth/edgeauth/siteconfig"
	"github.com/stretchr/testify/require"
)

// clock is the site's: it goes on when a test says so, beside going on by itself.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// startSiteAt serves a site in this process, at a time of the test's choice.
func startSiteAt(t *testing.T, s setup, c *clock) *site {
	t.Helper()
	w, address := prepareSite(t, s)
	document, err := json.Marshal(s.document(w))
	require.NoError(t, err)
	config, err := siteconfig.Parse(t.Name(), document, siteconfig.Options{})
	require.NoError(t, err)
	config.InsecureHTTP, config.Now, config.Logger = true, c.now, slog.New(slog.DiscardHandler)
	guard, err := edgeauth.New(config)
	require.NoError(t, err)
	serveAt(t, address, nethttp.Protect(guard, http.FileServer(http.Dir("site"))))
	return w
}

func TestAMembershipIsLookedUpAgainAfterAnHour(t *testing.T) {
	t.Parallel()
	s, c := gitHub["GitHub, sealed"], new(clock)
	w := startSiteAt(t, s, c)
	p, other := newBrowser(t).tab(t), newBrowser(t).tab(t)
	p.visit(w, deepLink, ada)
	other.visit(w, "/", ben)
	asked := w.idp.count(t, "api")

	c.advance(45 * time.Minute)
	p.open(w.URL + deepLink)
	p.sees("#who", ada.name)
	require.Equal(t, asked, w.idp.count(t, "api"), "the evidence was still young")

	w.idp.tell(t, "/_leave?user=ada&org="+committeeOrg)
	w.idp.tell(t, "/_leave?user=ada&org="+clubOrg)
	require.Equal(t, http.StatusOK, p.fetch("/data/members.json").Status)

	c.advance(15*time.Minute + 2*leeway)
	require.Equal(t, http.StatusUnauthorized, p.fetch("/data/members.json").Status)
	require.Greater(t, w.idp.count(t, "api"), asked)
	// GitHub still knows her, so she is back without a question. The other page is in her browser's own cache.
	p.open(w.URL + "/reports/week.html?once=more")
	p.until("a page of the site", func() bool { return strings.HasPrefix(p.url(), w.URL+"/") && p.text("body") != "" })
	p.shot("no-longer-a-member")
	require.Empty(t, p.text("#query"), "the page was shown")

	other.open(w.URL + deepLink)
	other.sees("#who", ben.name)
	require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 3, "ben, who is still a member, was sent to sign in again")

	w.idp.tell(t, "/_revoke")
	c.advance(time.Hour + 2*leeway)
	require.Equal(t, http.StatusUnauthorized, other.fetch("/data/members.json").Status, "the app's access was taken back")
}

func TestOnlyMembersOfTheGitHubOrganizationEnter(t *testing.T) {
	t.Parallel()
	w := startSite(t, gitHub["GitHub, sealed"])
	p := newBrowser(t).tab(t)
	p.open(w.URL + deepLink)
	p.enter(w, grace)
	p.until("a page of the site", func() bool { return strings.HasPrefix(p.url(), w.URL+"/") && p.text("body") != "" })
	p.shot("refused")
	require.Empty(t, p.text("#query"), "the page was shown")
	says(t, &w.process.output, "claim_refused")
	p.open(w.URL + "/public/")
	require.Equal(t, http.StatusUnauthorized, p.fetch("/data/members.json").Status)
}

func TestSigningOutLeavesTheSessionAtGitHub(t *testing.T) {
	t.Parallel()
	w := startSite(t, gitHub["GitHub, sealed"])
	p := newBrowser(t).tab(t)
	p.visit(w, "/", ada)
	p.click("#leave")
	p.at(w.URL + "/.auth/signed-out")
	p.shot("signed-out")
	require.Empty(t, p.session(w.URL), "cookies are left after a sign-out")
	p.open(w.URL + "/public/")
	require.Equal(t, http.StatusUnauthorized, p.fetch("/data/members.json").Status)

	p.open(w.URL + deepLink)
	p.enter(w, ben) // GitHub asks for the account
	p.at(w.URL + deepLink)
	p.sees("#who", ben.name)
}

// The journeys above show little if the API is not as peculiar as GitHub's.
func TestTheGitHubLikeProviderTellsItsErrorsWith200(t *testing.T) {
	t.Parallel()
	s := gitHub["GitHub, sealed"]
	p := startIDP(t, s.idpConfig("http://localhost:8080"))
	for secret, want := range map[string]string{"wrong": "incorrect_client_credentials", webSecret: "bad_verification_code"} {
		answer, err := http.PostForm(p.URL+"/login/oauth/access_token", url.Values{"client_id": {"site"}, "client_secret": {secret}, "code": {"x"}})
		require.NoError(t, err)
		answer.Body.Close()
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.Contains(t, answer.Header.Get("Content-Type"), "x-www-form-urlencoded", "nobody asked for JSON")
		calls := p.calls(t)
		require.Equal(t, want, calls[len(calls)-1].Error)
	}
}

// tell sends an instruction of the test to the provider.
func (p *idp) tell(t *testing.T, path string) {
	t.Helper()
	answer, err := http.Post(p.URL+path, "", nil)
	require.NoError(t, err)
	answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
}
