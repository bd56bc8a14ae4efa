package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/provider"
)

// maxParam is the longest callback parameter in bytes. Entra's codes take about 1.5 KB.
const maxParam = 8 << 10

// Params are the parameters of a callback that mean something here, each there once.
type Params map[string]string

// own are the parameters of a callback (RFC 6749, 4.1.2 and 4.1.2.1; RFC 9207, 2). Entra adds the subcode.
var own = []string{"code", "state", "iss", "error", "error_description", "error_subcode"}

// tokensInQuery hand over a token outside the token call, which no code flow does (RFC 9700, 2.1.2).
var tokensInQuery = []string{"id_token", "access_token"}

// ParseCallback reads the query of a callback. One of its own parameters that comes twice is refused (RFC 6749, 3.1); what
// else there is, however odd, is ignored (RFC 6749, 4.1.2).
func ParseCallback(query string) (Params, error) {
	params := make(Params, len(own))
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		switch {
		case err != nil:
			continue
		case slices.Contains(tokensInQuery, name):
			return nil, fmt.Errorf("%w: %s does not belong here", reason.CallbackMalformed, name)
		case !slices.Contains(own, name):
			continue
		}
		if _, twice := params[name]; twice {
			return nil, fmt.Errorf("%w: %s comes twice", reason.CallbackMalformed, name)
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, fmt.Errorf("%w: %s cannot be read", reason.CallbackMalformed, name)
		}
		if len(value) > maxParam || strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			if !strings.HasPrefix(name, "error_") { // of which only the log makes use
				return nil, fmt.Errorf("%w: %s is too long or holds control characters", reason.CallbackMalformed, name)
			}
			value = reason.Describe(value)
		}
		params[name] = value
	}
	return params, nil
}

// PostedQuery is the query that a posted answer would have been (Form Post Response Mode). Body is nil where the platform
// shows none.
func PostedQuery(body func() ([]byte, error)) (string, error) {
	if body == nil {
		return "", fmt.Errorf("%w: the platform shows no body: at the edge the function needs IncludeBody", reason.CallbackMalformed)
	}
	form, err := body()
	if err != nil {
		return "", fmt.Errorf("%w: the body cannot be read: %w", reason.CallbackMalformed, err)
	}
	params, err := ParseCallback(string(form))
	query := url.Values{}
	for name, value := range params {
		query.Set(name, value)
	}
	return query.Encode(), err
}

// readCode returns the code of a callback (RFC 6749, 4.1.2), in the order of the standards: whom the request was sent
// to, who answers (RFC 9207), and what the answer is.
func readCode(p *provider.Provider, params Params, sentTo string) (code string, err error) {
	iss, hasIss := params["iss"]
	failure, failed := params["error"]
	switch {
	case sentTo != shortName(p.Issuer) && sentTo != p.Issuer: // the first version remembered all of it
		return "", fmt.Errorf("%w: the attempt was sent to another provider", reason.CallbackIssuer)
	case hasIss && !callbackIssuer(p, iss):
		return "", fmt.Errorf("%w: iss is %q", reason.CallbackIssuer, reason.Clip(iss))
	case !hasIss && p.CallbackIssuerRequired:
		return "", fmt.Errorf("%w: iss is missing, which this provider sends (RFC 9207, 2.4)", reason.CallbackIssuer)
	case failed:
		return "", refusal(p, failure, params)
	case params["code"] == "":
		return "", fmt.Errorf("%w: neither code nor error", reason.CallbackMalformed)
	}
	return params["code"], nil
}

// callbackIssuer compares the callback's iss exactly (RFC 9207, 2.4).
func callbackIssuer(p *provider.Provider, iss string) bool {
	if len(p.CallbackIssuers) > 0 {
		return slices.Contains(p.CallbackIssuers, iss)
	}
	return iss == p.Issuer
}

// refusal is an error callback (RFC 6749, 4.1.2.1; OIDC Core 3.1.2.6).
func refusal(p *provider.Provider, code string, params Params) error {
	if standard, ok := p.ErrorCodes[code]; ok {
		code = standard
	}
	texts := map[string]json.RawMessage{}
	for _, name := range []string{"error_subcode", "error_description"} {
		texts[name], _ = json.Marshal(params[name])
	}
	details := said(texts, params["state"], params["code"])
	why := func(r reason.Reason) error {
		return fmt.Errorf("%w: the provider answered error %q%s", r, reason.Clip(code), details)
	}
	switch {
	case slices.Contains(needsPerson, code):
		return why(reason.SilentSignInFailed)
	case code == "temporarily_unavailable" || code == "server_error":
		if params["error_description"] == "authentication_expired" { // Keycloak says so where the person took too long
			return &tooLate{why(reason.ProviderBusy)}
		}
		return why(reason.ProviderBusy)
	case concernsPerson(code):
		return why(reason.AccessDenied)
	}
	return why(reason.ProviderError)
}

// tooLate is a sign-in that the provider no longer knows.
type tooLate struct{ error }

func (e *tooLate) Unwrap() error { return e.error }

// TooLate reports whether the provider no longer knows the sign-in or its code, so that another one, begun at once, is
// likely to work.
func TooLate(err error) bool {
	var late *tooLate
	return errors.As(err, &late) || errors.Is(err, reason.CodeRefused)
}
