package doctor

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/provider"
)

// risks says what the settings cost in safety, in the words of somebody who owns a site.
func (c *check) risks() {
	c.section("risks", "Risks", "")
	c.look(Risk, everybodyEnters, groupsThatAreMissing, groupsThatAreLarge, changingClaims, readableRefreshToken, noRefresh, longSessions,
		sessionOutlivesEvidence, cookiesSentWidely, secretsInClear, plainHTTP, providerKeysInDocument, tokensPassedOn, idTokensInURLs)
	if len(c.Findings) == 0 {
		c.say(OK, "none of those that are known")
	}
	c.look(Note, whoEnters, withoutSignIn, restrictedPaths, refusedPaths, otherClaims, entraEndsSessionAfterADay)
}

// look says what each of the looks has found.
func (c *check) look(level Level, looks ...func(*check) []*Finding) {
	for _, one := range looks {
		for _, f := range one(c) {
			f.Level = level
			c.Findings = append(c.Findings, f)
		}
	}
}

// finding is what a look returns that has found one thing about a member of the document. The remedy may be in the text.
func finding(member, text, remedy string) []*Finding {
	return []*Finding{{Member: member, Text: text, Remedy: remedy}}
}

// asksForRefresh reports whether sign-ins are sure to bring a refresh token: some providers give one unasked, or by a
// parameter of their own.
func (c *check) asksForRefresh() bool {
	asks := func(scopes []string) bool { return slices.Contains(scopes, "offline_access") }
	return asks(c.scopes) || !asks(c.found.Scopes) || c.site.AuthorizeParams["access_type"] == "offline"
}

func readableRefreshToken(c *check) []*Finding {
	// One whose own scopes have offline_access gives no refresh token without it, and one whose scopes lack it gives one unasked;
	// of a provider that is known by no type nobody can say.
	if c.site.Session.Mode != edgeauth.Tokens || !c.asksForRefresh() && c.found.Name != "oidc" {
		return nil
	}
	return finding("session.mode", "The refresh token lies in the browser's cookies as it is, because sessions of tokens have no key to encrypt it with. "+
		"A page's script cannot read it; malware on the device, and a proxy that logs cookies, can. Sealed sessions encrypt it.", "")
}

// longSession is more than a working day, whatever the shift.
const longSession = 24 * time.Hour

func longSessions(c *check) []*Finding {
	if c.site.Session.Lifetime <= longSession {
		return nil
	}
	return finding("session.lifetime", fmt.Sprintf("A session lasts up to %s. Whoever copies its cookie has it as long, signing out or not, while the provider renews it.", long(c.site.Session.Lifetime)), "")
}

func sessionOutlivesEvidence(c *check) []*Finding {
	if !c.site.Session.OutliveToken {
		return nil
	}
	life := c.site.Session.Lifetime
	if life == 0 {
		life = 12 * time.Hour
	}
	return finding("session.outlive_token", fmt.Sprintf("With outlive_token a session lasts longer than the proof of its sign-in. Somebody whose account was closed, or who was taken out of a group, stays in for up to %s.", long(life)), "")
}

func long(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return count(int(d/(24*time.Hour)), "day")
	}
	return d.String()
}

func cookiesSentWidely(c *check) (widely []*Finding) {
	if c.site.Cookie.SameSite == http.SameSiteNoneMode {
		widely = append(widely, finding("cookie.same_site", "With same_site none the session comes along with requests that other sites make. Everything that changes something on this site has to guard against forged requests (CSRF) by itself.", "")...)
	}
	if domain := c.site.Cookie.Domain; domain != "" {
		widely = append(widely, finding("cookie.domain", fmt.Sprintf("Every host below %s gets the session's cookies, and can overwrite them. One that is given away or taken over has every session.", domain), "")...)
	}
	return widely
}

func secretsInClear(c *check) (clear []*Finding) {
	var written struct {
		Secret  string `json:"client_secret"`
		Session struct {
			Keys []string `json:"keys"`
		} `json:"session"`
	}
	if json.Unmarshal(c.doc, &written) != nil {
		return nil
	}
	inClear := func(text string) bool {
		return text != "" && !strings.HasPrefix(text, "env:") && !strings.HasPrefix(text, "file:")
	}
	if slices.ContainsFunc(written.Session.Keys, inClear) {
		clear = append(clear, finding("session.keys", "session.keys stand in the document as they are. Whoever reads it can make sessions of anybody",
			`write "env:NAME" or "file:NAME", and keep the document out of version control.`)...)
	}
	if inClear(written.Secret) {
		clear = append(clear, finding("client_secret", "client_secret stands in the document as it is. Whoever reads it can act as this application",
			`write "env:NAME" or "file:NAME".`)...)
	}
	return clear
}

func plainHTTP(c *check) (plain []*Finding) {
	if c.site.InsecureHTTP {
		plain = append(plain, finding("hosts", "The site is on plain http. That is for trying things on this machine only.", "")...)
	}
	e := c.found.Endpoints
	for _, u := range []string{e.Token, e.Keys, e.Authorize} {
		if strings.HasPrefix(u, "http:") {
			return append(plain, finding("provider", "The provider is asked over plain http. That is for trying things on this machine only.", "")...)
		}
	}
	return plain
}

func providerKeysInDocument(c *check) []*Finding {
	if len(c.found.JWKS) == 0 {
		return nil
	}
	return finding("provider", "The provider's keys stand in the document. When it changes them nobody can sign in until you do so too, and a stolen key that it withdraws stays good here.", "")
}

func idTokensInURLs(c *check) []*Finding {
	if !c.found.Logout.IDTokenHint || !c.found.Logout.Get {
		return nil
	}
	return finding("provider.logout.get", "At a sign-out the ID token goes to the provider in the URL: its log and the browser's history hold it, with what it says of the person. Nobody can sign in with it.",
		"Leave it out where the provider takes a form.")
}

func tokensPassedOn(c *check) []*Finding {
	if !c.site.Forward.AccessToken {
		return nil
	}
	return finding("forward.access_token", "Whatever serves the site gets each person's access token, and can use it wherever it is accepted.", "")
}

func noRefresh(c *check) []*Finding {
	if c.asksForRefresh() || !c.issuesTokens() {
		return nil
	}
	return finding("scopes", "The scopes lack offline_access, without which most providers give no refresh token: a session then ends with its token, often after an hour, and people are sent through the provider again, "+
		"which interrupts what they are doing.", "")
}

func entraEndsSessionAfterADay(c *check) []*Finding {
	if c.found.Name != "entraid" || c.found.Secret != provider.Forbidden {
		return nil
	}
	return finding("provider.platform", "On Entra's single-page platform a session ends 24 hours after the sign-in, whatever its lifetime.",
		`With "platform": "web" and a secret it is renewed for 90 days.`)
}
