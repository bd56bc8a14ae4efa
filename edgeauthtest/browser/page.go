package browser

import (
	"html"
	"regexp"
	"strings"
)

// htmlPage is what a person can use on a page: its title, links and forms.
type htmlPage struct {
	title string
	links []link
	forms []form
}

type link struct{ text, href string }

type form struct {
	action, method string
	fields         []field
}

// field is a control of a form. A button's text is its label.
type field struct {
	name, value, text string
	button            bool
}

var (
	// Comments and the elements whose content is no markup go first; then tags, with attributes that may hold ">".
	htmlNoise     = regexp.MustCompile(`(?is)<!--.*?-->|<script\b.*?</script\s*>|<style\b.*?</style\s*>|<template\b.*?</template\s*>`)
	htmlTag       = regexp.MustCompile(`(?s)<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^<>"']|"[^"]*"|'[^']*')*)>`)
	htmlAttribute = regexp.MustCompile(`([^\s"'<>/=]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'<>]+))?`)
	htmlSpace     = regexp.MustCompile(`\s+`)
)

// parsePage reads leniently and never fails.
func parsePage(body string) htmlPage {
	var p htmlPage
	body = htmlNoise.ReplaceAllString(body, "")
	tags := htmlTag.FindAllStringSubmatchIndex(body, -1)
	inForm := false
	for _, t := range tags {
		closing, name := body[t[2]:t[3]] == "/", strings.ToLower(body[t[4]:t[5]])
		attributes := parseAttributes(body[t[6]:t[7]])
		if closing {
			inForm = inForm && name != "form"
			continue
		}
		inner := func() string { return textUntil(body[t[1]:], name) }
		switch name {
		case "title":
			p.title = inner()
		case "a":
			if href, ok := attributes["href"]; ok {
				p.links = append(p.links, link{inner(), href})
			}
		case "form":
			p.forms = append(p.forms, form{action: attributes["action"], method: strings.ToUpper(attributes["method"])})
			inForm = true
		case "input", "button", "textarea":
			if inForm {
				f := &p.forms[len(p.forms)-1]
				f.fields = append(f.fields, newField(name, attributes, inner))
			}
		}
	}
	return p
}

func newField(tag string, attributes map[string]string, inner func() string) field {
	f := field{name: attributes["name"], value: attributes["value"]}
	switch kind := strings.ToLower(attributes["type"]); {
	case tag == "textarea":
		f.value = inner()
	case tag == "button":
		f.button, f.text = kind == "" || kind == "submit", inner()
	case kind == "submit":
		f.button, f.text = true, f.value
	}
	return f
}

func parseAttributes(text string) map[string]string {
	found := map[string]string{}
	for _, m := range htmlAttribute.FindAllStringSubmatch(text, -1) {
		name, value := strings.ToLower(m[1]), m[2]
		if len(value) > 1 && (value[0] == '"' || value[0] == '\'') {
			value = value[1 : len(value)-1]
		}
		if _, twice := found[name]; !twice {
			found[name] = html.UnescapeString(value)
		}
	}
	return found
}

// textUntil is the text up to the end tag of an element, without the tags in it.
func textUntil(rest, name string) string {
	for i := range rest {
		if after, ok := strings.CutPrefix(rest[i:], "</"); ok && len(after) >= len(name) && strings.EqualFold(after[:len(name)], name) {
			rest = rest[:i]
			break
		}
	}
	text := html.UnescapeString(htmlTag.ReplaceAllString(rest, " "))
	return strings.TrimSpace(htmlSpace.ReplaceAllString(text, " "))
}
