package edgeauthtest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeauth/edgeauth/edgeauthtest/browser"
)

// check looks at the last answer.
type check func(status int, contentType, body string) error

// expectAnswer reads: STATUS, then any of "text", no "text", json, json MEMBER.
func expectAnswer(args []string) (action, error) {
	want, err := strconv.Atoi(args[0])
	if err != nil || want < 100 || want > 599 {
		return nil, fmt.Errorf("%q is no status", args[0])
	}
	checks, err := parseChecks(args[1])
	if err != nil {
		return nil, err
	}
	return func(t *teller) error {
		b := t.browser()
		status, body := b.Status(), b.Body()
		contentType := ""
		if b.Header() != nil {
			contentType = b.Header().Get("Content-Type")
		}
		if t.fetched != nil {
			status, body, contentType = t.fetched.Status, t.fetched.Body, t.fetched.Header.Get("Content-Type")
		}
		if status != want {
			return fmt.Errorf("the status is %d:\n%s", status, excerpt(body))
		}
		for _, c := range checks {
			if err := c(status, contentType, body); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

func parseChecks(text string) ([]check, error) {
	var checks []check
	for text != "" {
		wanted := true
		if rest, ok := strings.CutPrefix(text, "no "); ok {
			wanted, text = false, strings.TrimLeft(rest, " ")
		}
		switch quoted, err := strconv.QuotedPrefix(text); {
		case err == nil && quoted[0] == '"':
			part, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			checks = append(checks, contains(part, wanted))
			text = text[len(quoted):]
		case wanted && (text == "json" || strings.HasPrefix(text, "json ")):
			member, rest, _ := strings.Cut(strings.TrimLeft(text[len("json"):], " "), " ")
			if strings.HasPrefix(member, `"`) || member == "no" {
				member, rest = "", strings.TrimLeft(text[len("json"):], " ")
			}
			checks = append(checks, isJSON(member))
			text = rest
		default:
			return nil, fmt.Errorf(`%q is neither "text", no "text", json nor json MEMBER`, text)
		}
		text = strings.TrimLeft(text, " ")
	}
	return checks, nil
}

func contains(part string, wanted bool) check {
	return func(_ int, _, body string) error {
		if strings.Contains(body, part) != wanted {
			return fmt.Errorf("the text %q is there: %v, in:\n%s", part, !wanted, excerpt(body))
		}
		return nil
	}
}

func isJSON(member string) check {
	return func(_ int, contentType, body string) error {
		var object map[string]any
		if !strings.HasPrefix(contentType, "application/json") || json.Unmarshal([]byte(body), &object) != nil {
			return fmt.Errorf("no JSON object, but %q:\n%s", contentType, excerpt(body))
		}
		if _, ok := object[member]; member != "" && !ok {
			return fmt.Errorf("no member %q in:\n%s", member, excerpt(body))
		}
		return nil
	}
}

func excerpt(body string) string {
	const most = 600
	if len(body) > most {
		return body[:most] + " …"
	}
	return body
}

func (t *teller) onSignInPage() error {
	u, err := url.Parse(t.browser().URL())
	if err != nil || !slices.Contains(t.world.IdP.server.Hosts(), u.Host) || !strings.Contains(t.browser().Body(), `name="deny"`) {
		return fmt.Errorf("this is not the sign-in page:\n%s", excerpt(t.browser().Body()))
	}
	return nil
}

func expectError(t *teller, args []string) error {
	err := t.failure
	t.failure = nil
	want := strings.Trim(args[0], `"`)
	if err == nil || !strings.Contains(err.Error(), want) {
		return fmt.Errorf("the line before ended with: %v", err)
	}
	return nil
}

func expectURL(t *teller, args []string) error {
	if got, want := t.browser().URL(), t.address(args[0]); got != want {
		return fmt.Errorf("the address is %s", got)
	}
	return nil
}

func (t *teller) expectCookie(name string, want bool) error {
	names := cookieNames(t.browser())
	found := slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, name) })
	if found != want {
		return fmt.Errorf("the cookies are %v", names)
	}
	return nil
}

func cookieNames(b *browser.Browser) []string {
	var names []string
	for _, c := range b.Cookies() {
		names = append(names, c.Name)
	}
	return names
}

func expectCalls(args []string) (action, error) {
	want, err := strconv.Atoi(args[1])
	if err != nil {
		return nil, fmt.Errorf("%q is no number", args[1])
	}
	if err := checkEndpoint(args[0]); err != nil {
		return nil, err
	}
	return func(t *teller) error {
		if got := t.world.IdP.Calls(args[0]); got != want {
			return fmt.Errorf("there were %d", got)
		}
		return nil
	}, nil
}
