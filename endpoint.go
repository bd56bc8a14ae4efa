package edgeauth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

const (
	callDeadline = 3 * time.Second // of one call to the token, userinfo or revocation endpoint
	maxAnswer    = 1 << 20         // bytes of its answer
	maxTokenLife = 400 * 24 * time.Hour
)

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

// redeem calls the token endpoint. The call is made once: a code is good for one use, so only what never left this
// machine is sent again, and net/http does that by itself.
func (g *Guard) redeem(ctx context.Context, p *provider.Provider, grant provider.Grant, form url.Values, origin string) (tokens, error) {
	for name, value := range grant.Params {
		form.Set(name, value)
	}
	if grant.Scope {
		form.Set("scope", strings.Join(g.cfg.Scopes, " "))
	}
	request, err := g.clientRequest(ctx, p, p.Endpoints.Token, form)
	if err != nil {
		return tokens{}, err
	}
	for name, value := range grant.Header {
		request.Header.Set(name, value)
	}
	if grant.Origin {
		request.Header.Set("Origin", origin)
	}
	status, body, err := g.call(request)
	if err != nil {
		return tokens{}, err
	}
	return readTokens(p, status, body)
}

// clientRequest is a form for the provider with the client's authentication (RFC 6749, 2.3.1).
func (g *Guard) clientRequest(ctx context.Context, p *provider.Provider, target string, form url.Values) (*http.Request, error) {
	basic := ""
	switch {
	case g.cfg.ClientSecret == "":
		form.Set("client_id", g.cfg.ClientID)
	case p.ClientAuth == provider.ClientSecretPost:
		form.Set("client_id", g.cfg.ClientID)
		form.Set("client_secret", g.cfg.ClientSecret)
	default:
		pair := url.QueryEscape(g.cfg.ClientID) + ":" + url.QueryEscape(g.cfg.ClientSecret)
		basic = "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("%w: %s is no URL", reason.ProviderError, target)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	if basic != "" {
		request.Header.Set("Authorization", basic)
	}
	return request, nil
}

// call sends a request to the provider and reads a bounded answer. Errors name the endpoint and no parameter.
func (g *Guard) call(request *http.Request) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(request.Context(), callDeadline)
	defer cancel()
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", "edgeauth") // GitHub refuses requests without one
	}
	endpoint := request.URL.Scheme + "://" + request.URL.Host + request.URL.Path
	response, err := g.client.Do(request.WithContext(ctx))
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err // without the query
		}
		return 0, nil, fmt.Errorf("%w: %s: %v", reason.ProviderDown, endpoint, err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return 0, nil, fmt.Errorf("%w: %s: reading the answer: %v", reason.ProviderDown, endpoint, err)
	case response.StatusCode == http.StatusTooManyRequests || response.StatusCode >= 500:
		return 0, nil, fmt.Errorf("%w: %s answered %d", reason.ProviderBusy, endpoint, response.StatusCode)
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return 0, nil, fmt.Errorf("%w: %s answered with a redirect, which is not followed", reason.TokenAnswer, endpoint)
	case len(body) > maxAnswer:
		return 0, nil, fmt.Errorf("%w: %s answered with more than %d bytes", reason.TokenAnswer, endpoint, maxAnswer)
	}
	if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind != "" && !strings.HasSuffix(kind, "json") && !json.Valid(body) {
		return 0, nil, fmt.Errorf("%w: %s answered %d with %q, want application/json", reason.TokenAnswer, endpoint, response.StatusCode, kind)
	}
	return response.StatusCode, body, nil
}

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
			return tokens{}, fmt.Errorf("%w: expires_in is no possible life", reason.TokenAnswer)
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
		e.class = reason.RefreshRefused // only a person can go on
	case code == "temporarily_unavailable" || code == "server_error":
		e.class = reason.ProviderBusy
	}
	return e
}
