// Package fetchmetadata reads from a request's headers what the browser says about why it asks (W3C Fetch Metadata
// Request Headers), and makes do with older headers where it says nothing.
package fetchmetadata

import (
	"net/http"
	"slices"
	"strings"
)

// Header returns the first value of a request header, or "".
type Header func(name string) string

// Navigation reports whether a person is looking at a page that is about to load. Only then may the answer be a
// redirect to the provider: a script cannot follow one, and a prefetch must not start a sign-in.
func (h Header) Navigation() bool {
	if strings.Contains(h("Sec-Purpose"), "prefetch") {
		return false
	}
	mode := h("Sec-Fetch-Mode")
	if mode == "" {
		return h.Page()
	}
	switch h("Sec-Fetch-Dest") {
	case "document", "iframe", "frame", "":
		return mode == "navigate"
	case "empty":
		return h.HandedOn()
	}
	return false // <object> and <embed> navigate too, and show no sign-in page
}

// HandedOn reports whether a service worker of this site hands a navigation on; in Firefox it is of the mode same-origin then.
func (h Header) HandedOn() bool {
	mode := h("Sec-Fetch-Mode")
	return h("Sec-Fetch-Dest") == "empty" && (mode == "navigate" || mode == "same-origin") && h.Page()
}

// Page reports whether a page is asked for, be it to show it, to keep it for later or to put it into another page.
func (h Header) Page() bool {
	accept := h("Accept")
	return h("X-Requested-With") == "" && (strings.Contains(accept, "text/html") || strings.Contains(accept, "application/xhtml+xml"))
}

// WantsPage reports whether trouble is told as a page rather than as JSON.
func (h Header) WantsPage() bool {
	if h("Sec-Fetch-Mode") != "" {
		return h.Navigation() || h.Page()
	}
	return h("X-Requested-With") == "" && !strings.Contains(h("Accept"), "json")
}

// SameOrigin reports whether a page of this origin sent the request. A browser that says nothing about the sender has
// not said yes. Nor has one whose worker hands a navigation on: in Firefox and WebKit a link or a form of another site may then
// look in every header as if it were of this one.
func (h Header) SameOrigin(own string) bool {
	if h.HandedOn() {
		return false
	}
	if site := h("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	if origin := h("Origin"); origin != "" {
		return origin == own
	}
	referer := h("Referer")
	return referer == own || strings.HasPrefix(referer, own+"/")
}

// ByPerson reports whether a person did this: came to a page, or changed something. A page that polls is no person, nor is
// a beacon, nor what another site sends.
func (h Header) ByPerson(method string) bool {
	switch method {
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return h("Sec-Fetch-Mode") != "no-cors" && h("Sec-Fetch-Site") != "cross-site"
	}
	return h.Navigation()
}

// WebSocket reports whether the request opens a WebSocket (RFC 6455, 4.1). Where functions see no Upgrade, they see this.
func (h Header) WebSocket() bool {
	return h("Sec-Fetch-Mode") == "websocket" || h("Sec-WebSocket-Key") != ""
}

// FramedElsewhere reports whether a page of another origin asks for a page to be shown in a frame of its own.
func (h Header) FramedElsewhere() bool {
	switch h("Sec-Fetch-Dest") {
	case "iframe", "frame":
		return h("Sec-Fetch-Site") == "cross-site" || h("Sec-Fetch-Site") == "same-site"
	}
	return false
}

// follows are in the User-Agent of programs that follow redirects themselves: those that show what is behind a link, and
// those of an office that hand the last address to a browser. Browsers have none of them.
var follows = []string{
	"ms-office", "MSOffice", "Microsoft Office", "MicrosoftPreview", "SkypeUriPreview", "Slackbot", "Slack-ImgProxy", "Discordbot", "TelegramBot",
	"WhatsApp/", "facebookexternalhit", "Facebot", "Twitterbot", "LinkedInBot", "Mattermost-Bot", "Rocket.Chat", "Zoombot", "Iframely", "Embedly",
	"Synapse (bot", "Signal/", "redditbot", "Pinterestbot", "vkShare", "Google-Read-Aloud", "GoogleDocs", "Google-Apps-Script", "BingPreview",
}

// Previews reports whether the request is from a program that only looks what is behind a link. What says why it asks is a
// browser, be it one inside such a program.
func (h Header) Previews() bool {
	agent := h("User-Agent")
	return h("Sec-Fetch-Mode") == "" && agent != "" && slices.ContainsFunc(follows, func(name string) bool { return strings.Contains(agent, name) })
}
