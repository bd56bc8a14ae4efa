package oauth

import (
	"encoding/json"
	"fmt"
	"net/http"
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
	code  string
	class reason.Reason
}

func (e *grantError) Error() string {
	return fmt.Sprintf("%s: the token endpoint answered error %q", e.class, e.code)
}
func (e *grantError) Unwrap() error { return e.class }

// readTokens reads the answer of the token endpoint.
func readTokens(p *provider.Provider, status int, body []byte) (tokens, error) {
	var a struct {
		Error        string          `json:"error"`
		TokenType    string          `json:"token_type"`
		AccessToken  string          `json:"access_token"`
		IDToken      string          `json:"id_token"`
		RefreshToken string          `json:"refresh_token"`
		ExpiresIn    json.RawMessage `json:"expires_in"`
		Scope        *string         `json:"scope"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return tokens{}, fmt.Errorf("%w: status %d, not the JSON of a token answer", reason.TokenAnswer, status)
	}
	switch {
	case a.Error != "":
		return tokens{}, newGrantError(p, a.Error)
	case status != http.StatusOK:
		return tokens{}, fmt.Errorf("%w: status %d without an error member", reason.TokenAnswer, status)
	case a.AccessToken == "" && a.IDToken == "":
		return tokens{}, fmt.Errorf("%w: neither access_token nor id_token", reason.TokenAnswer)
	case a.TokenType != "" && !strings.EqualFold(a.TokenType, "bearer"):
		return tokens{}, fmt.Errorf("%w: token_type %q, want Bearer", reason.TokenAnswer, reason.Clip(a.TokenType))
	case a.TokenType == "" && a.AccessToken != "":
		return tokens{}, fmt.Errorf("%w: no token_type (RFC 6749, 5.1)", reason.TokenAnswer)
	}
	t := tokens{access: a.AccessToken, id: a.IDToken, refresh: a.RefreshToken}
	if len(a.ExpiresIn) > 0 && string(a.ExpiresIn) != "null" {
		seconds, err := strconv.ParseFloat(strings.Trim(string(a.ExpiresIn), `"`), 64)
		if err != nil || !(seconds >= 0 && seconds <= maxTokenLife.Seconds()) { // NaN is neither
			return tokens{}, fmt.Errorf("%w: expires_in is not a possible life", reason.TokenAnswer)
		}
		t.life = time.Duration(seconds * float64(time.Second))
	}
	if a.Scope != nil {
		t.scopes = strings.FieldsFunc(*a.Scope, func(c rune) bool { return c == ' ' || c == ',' })
	}
	return t, nil
}

// newGrantError sorts an error code into what can be done about it. A code that no table knows is for the site's
// owner: signing in again would not cure it.
func newGrantError(p *provider.Provider, code string) error {
	if standard, ok := p.ErrorCodes[code]; ok {
		code = standard
	}
	e := &grantError{code: reason.Clip(code), class: reason.ProviderError}
	switch {
	case code == "invalid_grant":
		e.class = reason.CodeRefused
	case slices.Contains([]string{"interaction_required", "consent_required", "login_required", "mfa_required"}, code):
		e.class = reason.RefreshRefused // only the person can do what is asked
	case code == "temporarily_unavailable" || code == "server_error":
		e.class = reason.ProviderBusy
	}
	return e
}
