package providertest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/internal/devsite"
)

// rule is one thing that has to hold. broken says how it is broken, or "" if it holds.
type rule struct {
	name   string
	broken func() string
}

// rules are all rules, the plain sign-in first.
func (k kit) rules() []rule {
	rules := []rule{{"somebody who may sign in does so", func() string { return k.admits(Answer{}) }}}
	for _, name := range slices.Sorted(maps.Keys(k.s.AlsoGood)) {
		rules = append(rules, rule{name + " may sign in too", func() string { return k.admits(k.s.AlsoGood[name]) }})
	}
	rules = append(rules,
		rule{"a session goes on after its evidence is over", k.renews},
		rule{"a session ends when its renewal is about somebody else", k.renewsOthers},
		rule{"a logout ends the session and comes back", k.endsSessions},
	)
	for _, b := range k.violations() {
		rules = append(rules, rule{b.name + " is refused", func() string { return k.refuses(b) }})
	}
	for _, name := range slices.Sorted(maps.Keys(k.s.Bad)) {
		bad := k.s.Bad[name]
		rules = append(rules, rule{name + " is refused", func() string { return k.refuses(violation{name, bad.Reason, k.tamper(bad), nil}) }})
	}
	return rules
}

func (k kit) admits(a Answer) string {
	w, err := k.world(nil)
	if err != nil {
		return err.Error()
	}
	if a.Claims != nil || a.Header != nil || a.Key != nil || a.Token != nil || a.Callback != nil || a.API != nil {
		w.IdP.Tamper(k.tamper(a))
	}
	d, err := w.signIn()
	if err != nil {
		return err.Error()
	}
	if edgeauth.Code(d.Reason) != "signed_in" {
		return fmt.Sprintf("the sign-in failed: %v", d.Reason)
	}
	switch d = w.get("/"); {
	case d.Action != edgeauth.Allow:
		return fmt.Sprintf("the session does not count: %v", d.Reason)
	case d.Identity.Subject() == "" || d.Identity.Issuer() == "":
		return "nobody is named: the claim in Mapping.Subject is missing"
	}
	return ""
}

func (k kit) refuses(b violation) string {
	w, err := k.world(nil)
	if err != nil {
		return err.Error()
	}
	w.IdP.Tamper(b.violation)
	for _, e := range []devidp.Endpoint{devidp.API, devidp.Userinfo} {
		w.IdP.Fail(e, b.api)
	}
	d, err := w.signIn()
	if err != nil {
		return err.Error()
	}
	code := edgeauth.Code(d.Reason)
	switch {
	case code == "signed_in" || w.get("/").Action == edgeauth.Allow:
		return "it got through"
	case code == "internal":
		return fmt.Sprintf("the provider's own code breaks: %v", d.Reason)
	case b.reason != "" && b.reason != code:
		return fmt.Sprintf("it is refused, but as %q and not as %q: %v", code, b.reason, d.Reason)
	}
	return ""
}

// signedIn makes a world in which the person has signed in.
func (k kit) signedIn() (*world, error) {
	w, err := k.world(nil)
	if err != nil {
		return nil, err
	}
	d, err := w.signIn()
	if err == nil && edgeauth.Code(d.Reason) != "signed_in" {
		err = fmt.Errorf("the sign-in failed: %w", d.Reason)
	}
	return w, err
}

// renews outlives the evidence twice, so that a rotated refresh token is used.
func (k kit) renews() string {
	w, err := k.signedIn()
	if err != nil {
		return err.Error()
	}
	for range 2 {
		w.Wait(k.life() * 21 / 20)
		if d := w.get("/"); d.Action != edgeauth.Allow {
			return fmt.Sprintf("the renewal failed: %v", d.Reason)
		}
	}
	return ""
}

func (k kit) renewsOthers() string {
	if k.s.Good.API != nil {
		return "" // only the provider's own code knows where the answers name the person
	}
	w, err := k.signedIn()
	if err != nil {
		return err.Error()
	}
	other := Answer{Claims: map[string]any{"sub": "somebody-else"}}
	if subject := k.p.Mapping.Subject; subject != "" && !strings.HasPrefix(subject, "/") {
		other.Claims[subject] = "somebody-else"
	}
	w.IdP.Tamper(k.tamper(other))
	w.Wait(k.life() * 21 / 20)
	if d := w.get("/"); d.Action == edgeauth.Allow {
		return "it went on"
	}
	return ""
}

func (k kit) endsSessions() string {
	w, err := k.signedIn()
	if err != nil {
		return err.Error()
	}
	d := w.do(http.MethodPost, "/.auth/logout")
	method, target, form := http.MethodGet, d.Location, url.Values(nil)
	if d.Action == edgeauth.Respond { // the ID token goes along
		method = http.MethodPost
		target, form = devsite.Form(d.Body)
	}
	if target == "" {
		return fmt.Sprintf("the logout failed: %v", d.Reason)
	}
	if !strings.HasPrefix(target, site+"/") {
		if _, err := w.follow(method, target, form); err != nil {
			return fmt.Sprintf("the end-session request was refused: %v", err)
		}
	}
	if w.get("/").Action == edgeauth.Allow {
		return "the session goes on"
	}
	return ""
}
