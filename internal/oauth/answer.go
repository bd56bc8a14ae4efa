package oauth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

const maxTokenLife = 400 * 24 * time.Hour // no provider's token lives longer; a larger number is a mistake

// tokens is a token answer (RFC 6749, 5.1).
type tokens struct {
	access, id, refresh string
	life                time.Duration // of the access token; 0 where the answer does not say
	scopes              []string      // nil where the answer does not say
}

// grantError is a refusal of the token endpoint (RFC 6749, 5.2). It is judged by its error member and never by the
// HTTP status: providers use 200, 400, 401 and 403 for the same thing.
type grantError struct {
	endpoint string // "token"
	code     string
	class    reason.Reason
	said     string
}

func (e *grantError) Error() string {
	return fmt.Sprintf("%s: the %s endpoint answered error %q%s", e.class, e.endpoint, e.code, e.said)
}
func (e *grantError) Unwrap() error { return e.class }

// readTokens reads the answer of the token endpoint. A member that nothing rests on may be of any shape: a sign-in, and a
// refresh token that has just been rotated, are worth more than it is.
func readTokens(p *provider.Provider, status int, body []byte, form url.Values, hidden ...string) (tokens, error) {
	var a map[string]json.RawMessage
	if err := json.Unmarshal(body, &a); err != nil || a == nil {
		return tokens{}, fmt.Errorf("%w: status %d, not the JSON of a token answer", reason.TokenAnswer, status)
	}
	if code, failed := failure(a); failed {
		return tokens{}, newGrantError(p, a, code, form.Get("grant_type") == "refresh_token", secrets(form, hidden...))
	}
	t := tokens{access: text(a["access_token"]), id: text(a["id_token"]), refresh: text(a["refresh_token"])}
	kind := text(a["token_type"])
	switch {
	case status != http.StatusOK:
		return tokens{}, fmt.Errorf("%w: status %d without an error member", reason.TokenAnswer, status)
	case t.access == "" && t.id == "":
		return tokens{}, fmt.Errorf("%w: neither access_token nor id_token", reason.TokenAnswer)
	case kind != "" && !strings.EqualFold(kind, "bearer"):
		return tokens{}, fmt.Errorf("%w: token_type %q, want Bearer", reason.TokenAnswer, reason.Clip(reason.Describe(kind, secrets(form, hidden...)...)))
	}
	t.life = life(a["expires_in"])
	t.scopes = scopes(a["scope"])
	return t, nil
}

// text is a member that is a text; "" where it is none.
func text(raw json.RawMessage) (s string) {
	_ = json.Unmarshal(raw, &s)
	return s
}

// life is 0, which is unknown, for what is no life. Some providers write the number as a text.
func life(raw json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(strings.Trim(string(raw), `" `), 64)
	if err != nil || !(seconds > 0 && seconds <= maxTokenLife.Seconds()) { // NaN is neither
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// scopes are words of one text (RFC 6749, 3.3), words between commas (GitHub), or a list (Twitch); nil where there is none
// of these.
func scopes(raw json.RawMessage) []string {
	var words []string
	if json.Unmarshal(raw, &words) == nil && words != nil {
		return words
	}
	var line *string
	if json.Unmarshal(raw, &line) != nil || line == nil {
		return nil
	}
	return strings.FieldsFunc(*line, func(c rune) bool { return c == ' ' || c == ',' })
}

// failure is the error member: a text by the standard (RFC 6749, 5.2), elsewhere an object that holds more.
func failure(a map[string]json.RawMessage) (code string, failed bool) {
	raw := a["error"]
	if len(raw) == 0 || string(raw) == "null" || string(raw) == `""` || string(raw) == "false" {
		return "", false
	}
	if code = text(raw); code == "" {
		code = string(raw)
	}
	return code, true
}

// newGrantError sorts an error code into what can be done about it. A code that no table knows is for the site's
// owner: signing in again would not cure it.
func newGrantError(p *provider.Provider, a map[string]json.RawMessage, code string, renewing bool, hidden []string) *grantError {
	if standard, ok := p.ErrorCodes[code]; ok {
		code = standard
	}
	e := &grantError{endpoint: "token", code: reason.Clip(reason.Describe(code, hidden...)), class: reason.ProviderError, said: said(a, hidden...)}
	switch {
	case renewing && (code == "invalid_grant" || slices.Contains(needsPerson, code) || concernsPerson(code)):
		e.class = reason.RefreshRefused
	case code == "invalid_grant":
		e.class = reason.CodeRefused
	case slices.Contains(needsPerson, code):
		e.class = reason.SilentSignInFailed
	case concernsPerson(code):
		e.class = reason.AccessDenied
	case code == "temporarily_unavailable" || code == "server_error":
		e.class = reason.ProviderBusy
	}
	return e
}
