package siteconfig

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/edgeauth/edgeauth/internal/strictjson"
)

// places says where the members of one document stand. As an [edgeauth.Locator] it leads the faults that edgeauth.New
// finds back to the document.
type places struct {
	name  string
	lines map[string]int // by member
}

// placesDepth is the depth of "providers[0].provider.endpoints.token". What lies deeper, such as an inline key
// set, has no field of its own in a configuration.
const placesDepth = 5

func placesOf(name string, root *strictjson.Object) *places {
	return &places{name, root.Lines(placesDepth)}
}

// Locate implements [edgeauth.Locator]. A member that the document leaves out is located where it should be.
func (p *places) Locate(field string) string {
	member, exact := memberOf(field)
	switch {
	case member == "":
		return fmt.Sprintf("%s: %s", siteName(p.name), field)
	case !exact:
		return fmt.Sprintf("%s: line %d: %s (%s)", siteName(p.name), p.line(member), member, field)
	}
	return fmt.Sprintf("%s: line %d: %s", siteName(p.name), p.line(member), member)
}

// line is where a member stands, or the nearest member around it.
func (p *places) line(member string) int {
	for member != "" {
		if line, ok := p.lines[member]; ok {
			return line
		}
		member = member[:max(0, strings.LastIndexAny(member, ".["))]
	}
	return 1
}

func siteName(name string) string { return fmt.Sprintf("site %q", name) }

// elsewhere are the fields that no member of their own sets: a command, a function, the host that was asked for or another
// member does.
var elsewhere = map[string]bool{
	"KeySnapshot": true, "SiteID": true, "Version": true, "InsecureHTTP": true, "HTTPClient": true, "Now": true,
	"ClientCertificate": true, "Locator": true, "Logger": true, "OnDecision": true, "Check": true, "Page": true,
}

// providerMembers are the members of a provider that carry the name of a field. Everything else of a provider follows
// from its type and its members together.
var providerMembers = map[string]bool{"provider.issuer": true, "provider.jwks": true, "provider.client_auth": true}

// memberOf is the member that sets a field of [edgeauth.Config]: "Paths.SignedOut" is "paths.signed_out". The member is
// "" where a document does not set the field. It is not exact where it sets more than the field.
func memberOf(field string) (member string, exact bool) {
	top, rest, nested := strings.Cut(field, ".")
	if strings.HasPrefix(top, "Providers[") && nested {
		if member, exact = memberOf(rest); member == "" {
			return "", false
		}
		return "providers" + strings.TrimPrefix(top, "Providers") + "." + member, exact
	}
	if elsewhere[top] {
		return "", false
	}
	member = snakeCase(field)
	switch {
	case strings.HasPrefix(member, "provider.id_token.algorithms"), strings.HasPrefix(member, "provider.access_token.algorithms"):
		return "provider" + member[strings.LastIndexByte(member, '.'):], true
	case strings.HasPrefix(member, "provider."):
		if strings.HasPrefix(member, "provider.endpoints.") || providerMembers[member] {
			return member, true
		}
		return "provider", false
	case top == "Branding":
		return strings.Replace(member, "branding", "page", 1), true
	case strings.HasPrefix(member, "rules["):
		return strings.Replace(member, ".anyone", ".allow", 1), true
	}
	return member, true
}

// snakeCase writes "SignedOut" as "signed_out", "ClientID" as "client_id" and "JWKS" as "jwks".
func snakeCase(field string) string {
	var b strings.Builder
	runes := []rune(field)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && unicode.IsLetter(runes[i-1]) &&
			(unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
