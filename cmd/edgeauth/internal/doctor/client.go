package doctor

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/provider"
)

// client redeems a made-up code, so that the provider judges the client.
func (c *check) client(ctx context.Context, r *rehearsal, s signIn) {
	c.section("client", "Client", c.site.ClientID)
	issuer := ""
	if c.found.CallbackIssuerRequired {
		issuer = slices.Concat(c.found.CallbackIssuers, []string{c.found.Issuer})[0]
	}
	answer, err := r.redeem(ctx, s, issuer)
	if err != nil {
		c.say(Wrong, "the token endpoint could not be asked: %v", err)
		return
	}
	c.judge(answer)
}

// pushed hands an authorization request over to a provider that wants that (RFC 9126), as each sign-in does.
func (c *check) pushed(ctx context.Context, host string) {
	if !c.found.PushRequests || c.found.Endpoints.PushedRequests == "" {
		return // the second has been said
	}
	r, err := newRehearsal(c.site, c.found, c.caller)
	if err != nil {
		c.faultsOfConfig(err)
		return
	}
	_, err = r.signIn(ctx, host)
	var a refusal
	switch answer := r.answered(); {
	case err == nil:
		c.say(OK, "a pushed request was taken: the client, its redirect URI and its scopes are known there")
	case answer == nil:
		c.say(Wrong, "the endpoint for pushed requests could not be asked: %v", err).about("provider.endpoints.pushed_requests")
	case json.Unmarshal(answer.body, &a) != nil || a.Error == "":
		c.say(Wrong, "the endpoint for pushed requests answered %d without a request_uri", answer.status).about("provider.endpoints.pushed_requests").try("is that its URL?")
	default:
		c.say(Wrong, "a pushed request was refused: %s. No sign-in would begin", c.quote(a)).about("provider.push_requests").try("Compare the client, its redirect URIs and its scopes with what is registered")
	}
}

// refusal is an error answer of the token endpoint (RFC 6749, 5.2). Codes are Entra's numbers.
type refusal struct {
	Error       words  `json:"error"`
	Description string `json:"error_description"`
	Codes       []int  `json:"error_codes"`
	AccessToken string `json:"access_token"`
	IDToken     string `json:"id_token"`
}

// words are the error, or, of a provider that makes it an object, all that stands there.
type words string

func (w *words) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		text = string(raw)
	}
	*w = words(text)
	return nil
}

// judge goes by the error member alone; statuses and texts differ from provider to provider.
func (c *check) judge(answer tokenAnswer) {
	var a refusal
	err := json.Unmarshal(answer.body, &a)
	if odd := (*json.UnmarshalTypeError)(nil); errors.As(err, &odd) && odd.Field != "" {
		err = nil // a member of another shape; the others have been read
	}
	switch {
	case answer.status == http.StatusTooManyRequests || answer.status >= 500:
		c.say(Wrong, "the token endpoint is busy or broken, it answered %d", answer.status).try("try again later")
		return
	case err != nil:
		c.say(Wrong, "the token endpoint answered %d and something else than JSON", answer.status).about("provider.endpoints.token").try("is that its URL, or is a proxy in between?")
		return
	case a.AccessToken != "" || a.IDToken != "":
		c.say(Wrong, "the token endpoint gives tokens for a code that was made up").about("provider").try("do not trust this provider")
		return
	case a.Error == "":
		c.say(Wrong, "the token endpoint answered %d without saying what is wrong with a made-up code", answer.status).about("provider.endpoints.token").try("is that its URL?")
		return
	}
	code := string(a.Error)
	if standard, ok := c.found.ErrorCodes[code]; ok {
		code = standard
	}
	if code == "invalid_grant" {
		c.say(OK, "a made-up code was refused (%s), and nothing was said against the client %s", c.shorten(string(a.Error)), c.credentials())
		c.say(Note, "a provider may look at the code before it looks at the client; only the first real sign-in is certain")
		return
	}
	if !aboutClient(code, a) {
		c.say(Note, "a made-up code was refused in the provider's own words: %s; nothing known was said against the client %s", c.quote(a), c.credentials())
		return
	}
	c.say(Wrong, "the token endpoint refused the client %s: %s", c.credentials(), c.quote(a)).about(c.shown())
	hints := entraHints(a)
	if len(hints) == 0 {
		hints = c.hints(code)
	}
	for _, hint := range hints {
		c.say(Note, "%s", hint)
	}
}

// clientErrors are those that a made-up code does not explain (RFC 6749, 5.2, and what big providers add).
var clientErrors = []string{
	"invalid_client", "unauthorized_client", "incorrect_client_credentials", "redirect_uri_mismatch", "unsupported_grant_type", "invalid_scope",
	"invalid_resource", "invalid_target", "access_denied", "temporarily_unavailable", "server_error", "client_not_found", "application_suspended",
}

// aboutClient reports whether an error is about how the client is set up. Beside invalid_grant, many providers have words of
// their own for a code that is none, and some say invalid_request.
func aboutClient(code string, a refusal) bool {
	if slices.Contains(clientErrors, code) || strings.Contains(code, "client") {
		return true
	}
	if len(a.Codes) > 0 { // Entra's number for a request that is malformed, as one with a made-up code is
		return !slices.Contains(a.Codes, 9002313)
	}
	return code == "invalid_request" && !strings.Contains(strings.ToLower(a.Description), "code")
}

// shown is the member that the client is known by.
func (c *check) shown() string {
	switch {
	case c.site.ClientKey != nil:
		return "client_key"
	case c.site.ClientAssertion != nil:
		return "client_assertion"
	case c.site.ClientSecret == "":
		return "client_id"
	}
	return "client_secret"
}

// credentials says what the client showed, in the words of RFC 7591, 2.
func (c *check) credentials() string {
	switch {
	case c.site.ClientKey != nil && c.found.SecretIssuer == "":
		return "with its key (private_key_jwt)"
	case c.site.ClientKey != nil:
		return "with a secret that its key signs"
	case c.site.ClientAssertion != nil:
		return "with its assertion (private_key_jwt)"
	case c.site.ClientSecret == "":
		return "without a secret (none)"
	}
	return fmt.Sprintf("with its secret (%s)", c.method())
}

func (c *check) method() provider.ClientAuth {
	return cmp.Or(c.found.ClientAuth, provider.ClientSecretBasic)
}

// hints are what to try, by the error member.
func (c *check) hints(code string) []string {
	switch code {
	case "invalid_client", "unauthorized_client", "access_denied", "incorrect_client_credentials", "invalid_request":
		hints := c.credentialHints()
		if code == "unauthorized_client" {
			hints = append(hints, "Is the application allowed to use the authorization code grant?")
		}
		return hints
	case "redirect_uri_mismatch":
		return []string{"Register the redirect URI that is shown below, letter for letter."}
	case "unsupported_grant_type":
		return []string{"The provider does not know the authorization code grant at this URL, or not for this application: allow it in the console."}
	case "invalid_scope", "invalid_resource", "invalid_target":
		return []string{"Compare scopes and audience with what the application may ask for."}
	case "temporarily_unavailable", "server_error":
		return []string{"That may pass: try again later."}
	}
	return []string{"This error is of no standard: look it up in the provider's documentation."}
}

func (c *check) credentialHints() []string {
	id := fmt.Sprintf("Is %q the application's client id, and does it belong to this provider?", c.site.ClientID)
	switch {
	case c.site.ClientSecret == "" && c.found.Secret == provider.Forbidden:
		return []string{id, `Is the redirect URI registered under "Single-page application"? If it is under "Web", set "platform": "web" and give a client_secret.`}
	case c.site.ClientSecret == "":
		return []string{id, `If the application is a confidential one, create a secret and give it as "client_secret": "env:NAME". If it is meant to have none, register it as public (single-page or native).`}
	}
	hints := []string{id, "Is client_secret the secret itself, whole, not its id, and not expired? If the application is public, remove it."}
	if c.method() == provider.ClientSecretBasic && url.QueryEscape(c.site.ClientSecret) != c.site.ClientSecret {
		hints = append(hints, `The secret holds characters that are sent encoded (RFC 6749, 2.3.1), which some providers, such as Glewlwyd, do not decode: try "client_auth": "client_secret_post".`)
	}
	others := slices.DeleteFunc(slices.Clone(c.metadata.ClientAuth), func(m string) bool {
		return m == string(c.method()) || m != string(provider.ClientSecretBasic) && m != string(provider.ClientSecretPost)
	})
	switch {
	case slices.Contains(c.metadata.ClientAuth, string(c.method())) && len(others) > 0:
		hints = append(hints, fmt.Sprintf("The provider also knows %s: is the application registered for that rather than for %s?", strings.Join(others, ", "), c.method()))
	case len(others) > 0:
		hints = append(hints, fmt.Sprintf("The provider takes secrets by %s and does not list %s.", strings.Join(others, ", "), c.method()))
	}
	return hints
}

// quote is the provider's answer without anything that was sent to it.
func (c *check) quote(a refusal) string {
	text := fmt.Sprintf("%q", c.shorten(string(a.Error)))
	if a.Description != "" {
		text += ", " + c.shorten(a.Description)
	}
	return text
}

// shorten makes a foreign text fit a report, and takes the secret out of it.
func (c *check) shorten(text string) string {
	text = strings.TrimSpace(clean(text))
	if secret := c.site.ClientSecret; secret != "" {
		escaped := url.QueryEscape(secret)
		pair := url.QueryEscape(c.site.ClientID) + ":" + escaped
		for _, hidden := range []string{clean(secret), escaped, base64.StdEncoding.EncodeToString([]byte(pair))} {
			text = strings.ReplaceAll(text, hidden, "(the secret)")
		}
	}
	if runes := []rune(text); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return text
}
