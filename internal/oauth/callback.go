package oauth

import (
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

// Params are the parameters of a callback, each there once.
type Params map[string]string

// ParseCallback reads the query of a callback. A parameter that comes twice is refused (RFC 6749, 3.1), and so is one
// that would hand over a token outside the token call (RFC 9700, 2.1.2).
func ParseCallback(query string) (Params, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("%w: the query cannot be read", reason.CallbackMalformed)
	}
	params := make(Params, len(values))
	for name, list := range values {
		switch {
		case len(list) > 1:
			return nil, fmt.Errorf("%w: %s comes %d times", reason.CallbackMalformed, reason.Clip(name), len(list))
		case len(list[0]) > maxParam || strings.ContainsFunc(list[0], func(c rune) bool { return c < ' ' || c == 0x7f }):
			return nil, fmt.Errorf("%w: %s is too long or holds control characters", reason.CallbackMalformed, reason.Clip(name))
		case slices.Contains([]string{"id_token", "access_token", "token", "response"}, name):
			return nil, fmt.Errorf("%w: %s does not belong here", reason.CallbackMalformed, name)
		}
		params[name] = list[0]
	}
	return params, nil
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
		return "", refusal(p, failure, params["error_description"])
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
func refusal(p *provider.Provider, code, description string) error {
	if standard, ok := p.ErrorCodes[code]; ok {
		code = standard
	}
	why := func(r reason.Reason) error {
		return fmt.Errorf("%w: the provider answered error %q", r, reason.Clip(code))
	}
	switch code {
	case "access_denied":
		return why(reason.AccessDenied)
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		return why(reason.SilentSignInFailed)
	case "temporarily_unavailable", "server_error":
		if description == "authentication_expired" { // Keycloak says so where the person took too long
			return &tooLate{why(reason.ProviderBusy)}
		}
		return why(reason.ProviderBusy)
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
