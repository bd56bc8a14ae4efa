package main

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
	c.section("Risks", "")
	before := c.risk
	for _, look := range []func(*check) []string{
		everybodyEnters, groupsThatAreMissing, groupsThatAreLarge, changingClaims,
		readableRefreshToken, noRefresh, longSessions, sessionOutlivesEvidence, cookiesSentWidely, secretsInClear, plainHTTP, providerKeysInDocument, tokensPassedOn,
	} {
		for _, text := range look(c) {
			c.say(risky, "%s", text)
		}
	}
	if c.risk == before {
		c.say(fine, "none of those that are known")
	}
	for _, look := range []func(*check) []string{whoEnters, withoutSignIn, otherClaims, entraEndsSessionAfterADay} {
		for _, text := range look(c) {
			c.say(note, "%s", text)
		}
	}
}

// asksForRefresh reports whether sign-ins are sure to bring a refresh token: some providers give one unasked, or by a
// parameter of their own.
func (c *check) asksForRefresh() bool {
	asks := func(scopes []string) bool { return slices.Contains(scopes, "offline_access") }
	return asks(c.scopes) || !asks(c.found.Scopes) || c.site.AuthorizeParams["access_type"] == "offline"
}

func readableRefreshToken(c *check) []string {
	// Of the providers that are known by their type, none gives what it was not asked for.
	if c.site.Session.Mode != edgeauth.Tokens || !c.asksForRefresh() && c.found.Name != "oidc" {
		return nil
	}
	return []string{"The refresh token lies in the browser's cookies as it is, because sessions of tokens have no key to encrypt it with. " +
		"A page's script cannot read it; malware on the device, and a proxy that logs cookies, can. Sealed sessions encrypt it."}
}

const longSession = 24 * time.Hour

func longSessions(c *check) []string {
	if c.site.Session.Lifetime <= longSession {
		return nil
	}
	return []string{fmt.Sprintf("A session lasts up to %s. Whoever copies its cookie has it as long, signing out or not, while the provider renews it.", long(c.site.Session.Lifetime))}
}

func sessionOutlivesEvidence(c *check) []string {
	if !c.site.Session.OutliveToken {
		return nil
	}
	life := c.site.Session.Lifetime
	if life == 0 {
		life = 12 * time.Hour
	}
	return []string{fmt.Sprintf("With outlive_token a session goes on after its evidence has expired. Somebody whose account was closed, or who was taken out of a group, stays in for up to %s.", long(life))}
}

func long(d time.Duration) string {
	if d%(24*time.Hour) == 0 {
		return count(int(d/(24*time.Hour)), "day")
	}
	return d.String()
}

func cookiesSentWidely(c *check) []string {
	var texts []string
	if c.site.Cookie.SameSite == http.SameSiteNoneMode {
		texts = append(texts, "With same_site none the session comes along with requests that other sites make. Everything that changes something on this site has to guard against forged requests (CSRF) by itself.")
	}
	if domain := c.site.Cookie.Domain; domain != "" {
		texts = append(texts, fmt.Sprintf("Every host below %s gets the session's cookies, and can overwrite them. One that is given away or taken over has every session.", domain))
	}
	return texts
}

func secretsInClear(c *check) []string {
	var written struct {
		Secret  string `json:"client_secret"`
		Session struct {
			Keys []string `json:"keys"`
		} `json:"session"`
	}
	if json.Unmarshal(c.doc, &written) != nil {
		return nil
	}
	clear := func(text string) bool {
		return text != "" && !strings.HasPrefix(text, "env:") && !strings.HasPrefix(text, "file:")
	}
	var texts []string
	if slices.ContainsFunc(written.Session.Keys, clear) {
		texts = append(texts, `session.keys stand in the document as they are. Whoever reads it can make sessions of anybody: write "env:NAME" or "file:NAME", and keep the document out of version control.`)
	}
	if clear(written.Secret) {
		texts = append(texts, `client_secret stands in the document as it is. Whoever reads it can act as this application: write "env:NAME" or "file:NAME".`)
	}
	return texts
}

func plainHTTP(c *check) []string {
	var texts []string
	if c.site.InsecureHTTP {
		texts = append(texts, "The site is on plain http. That is for trying things on this machine only.")
	}
	e := c.found.Endpoints
	for _, u := range []string{e.Token, e.Keys, e.Authorize} {
		if strings.HasPrefix(u, "http:") {
			return append(texts, "The provider is asked over plain http. That is for trying things on this machine only.")
		}
	}
	return texts
}

func providerKeysInDocument(c *check) []string {
	if len(c.found.JWKS) == 0 {
		return nil
	}
	return []string{"The provider's keys stand in the document. When it changes them nobody can sign in until you do so too, and a stolen key that it withdraws stays good here."}
}

func tokensPassedOn(c *check) []string {
	if !c.site.Forward.AccessToken {
		return nil
	}
	return []string{"Whatever serves the site gets each person's access token, and can use it wherever it is accepted."}
}

func noRefresh(c *check) []string {
	if c.asksForRefresh() || !c.issuesTokens() {
		return nil
	}
	return []string{"The scopes lack offline_access, without which most providers give no refresh token: a session then ends with its token, often after an hour, and people are sent through the provider again, " +
		"which interrupts what they are doing."}
}

func entraEndsSessionAfterADay(c *check) []string {
	if c.found.Name != "entraid" || c.found.Secret != provider.Forbidden {
		return nil
	}
	return []string{`On Entra's single-page platform a session ends 24 hours after the sign-in, whatever its lifetime. With "platform": "web" and a secret it is renewed for 90 days.`}
}
