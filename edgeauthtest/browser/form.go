package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// SubmitForm fills in the first form of the current page that has all these fields and sends it. A button is
// pressed by its name and value; without one the form's first button is.
func (b *Browser) SubmitForm(fill map[string]string) error {
	p := parsePage(b.body)
	for _, f := range p.forms {
		if values, pressed, ok := f.fill(fill); ok {
			return b.submit(f, values, pressed)
		}
	}
	return fmt.Errorf("no form on %s takes %v; its forms: %v", b.URL(), fill, p.forms)
}

// Click follows the link or presses the button with this text. If there is none, it takes the first whose text contains
// it.
func (b *Browser) Click(text string) error {
	p := parsePage(b.body)
	fits := []func(string) bool{
		func(s string) bool { return s == text },
		func(s string) bool { return strings.Contains(s, text) },
	}
	for _, fit := range fits {
		for _, l := range p.links {
			if fit(l.text) {
				return b.Follow(l.href)
			}
		}
		for _, f := range p.forms {
			for _, pressed := range f.fields {
				if pressed.button && fit(pressed.text) {
					values, _, _ := f.fill(nil)
					return b.submit(f, values, pressed)
				}
			}
		}
	}
	return fmt.Errorf("nothing on %s says %q", b.URL(), text)
}

// fill returns what the form sends and the button that sends it. It reports whether the form has all fields of want.
func (f form) fill(want map[string]string) (values url.Values, pressed field, ok bool) {
	values, used := url.Values{}, map[string]bool{}
	chosen, first := false, false // a button was asked for; there is a first one
	for _, c := range f.fields {
		value, wanted := want[c.name]
		switch {
		case c.button && wanted && value == c.value:
			pressed, chosen, used[c.name] = c, true, true
		case c.button && !chosen && !first:
			pressed, first = c, true
		case c.button || c.name == "":
		case wanted:
			values.Add(c.name, value)
			used[c.name] = true
		default:
			values.Add(c.name, c.value)
		}
	}
	return values, pressed, len(used) == len(want)
}

func (b *Browser) submit(f form, values url.Values, pressed field) error {
	u := canonical(b.url)
	if f.action != "" {
		var err error
		if u, err = b.resolve(f.action); err != nil {
			return err
		}
	}
	if pressed.name != "" {
		values.Set(pressed.name, pressed.value)
	}
	l := load{method: http.MethodGet, url: u, byHand: true, initiator: b.url, policy: b.policy()}
	l.formAction, l.formBound = formAction(b.header)
	if f.method == http.MethodPost {
		l.method, l.body, l.contentType = http.MethodPost, values.Encode(), "application/x-www-form-urlencoded"
	} else {
		l.url.RawQuery = values.Encode()
	}
	return b.navigate(l)
}
