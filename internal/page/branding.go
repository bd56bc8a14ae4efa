package page

import (
	"bytes"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Branding makes the pages the site's own. Every field has a default.
type Branding struct {
	// Name is shown above each page and in its title. Default: the host.
	Name string
	// Logo is an SVG, PNG, JPEG or WebP image of at most 12 KiB, shown beside the name. Default none.
	Logo []byte
	// Contact is whom to ask: an address of mail, or an https URL. Default none.
	Contact string
	// Accent is the colour of buttons and links, such as "#2456c8". The text on it is black or white, whichever can be
	// read better. Default: a blue.
	Accent string
	// Languages are those that the pages may be in, of [Languages]; a browser that asks for none of them gets the first.
	// Where it is set, the provider is told the language too (ui_locales, OIDC Core 3.1.2.1). Default: all of them,
	// English first.
	Languages []string
}

// maxLogo leaves room for the rest: a response that a function makes at the edge has at most 40 KB in all, and base64
// makes four bytes of three.
const maxLogo = 12 << 10

// Fault is what is wrong with a Branding.
type Fault struct{ Field, Problem, Remedy string }

// Faults returns what is wrong.
func (b *Branding) Faults() []Fault {
	var faults []Fault
	add := func(field, problem, remedy string) { faults = append(faults, Fault{field, problem, remedy}) }
	if len(b.Name) > 60 || strings.ContainsFunc(b.Name, control) {
		add("Name", fmt.Sprintf("has %d bytes or a control character", len(b.Name)), "give a name of at most 60 bytes")
	}
	if len(b.Logo) > maxLogo {
		add("Logo", fmt.Sprintf("has %d bytes", len(b.Logo)), fmt.Sprintf("give an image of at most %d", maxLogo))
	} else if len(b.Logo) > 0 && imageType(b.Logo) == "" {
		add("Logo", "is no image that can be shown", "give an SVG, PNG, JPEG or WebP file")
	}
	if b.Contact != "" && contactURL(b.Contact) == "" {
		add("Contact", fmt.Sprintf("%q is no address", b.Contact), "give one like help@example.com or https://example.com/help")
	}
	if _, ok := parseColour(b.Accent); b.Accent != "" && !ok {
		add("Accent", fmt.Sprintf("%q is no colour", b.Accent), `give one like "#2456c8"`)
	}
	for i, language := range b.Languages {
		if wordingOf(language) == nil || slices.Index(b.Languages, language) < i {
			add(fmt.Sprintf("Languages[%d]", i), fmt.Sprintf("%q has no texts, or is there twice", language), fmt.Sprintf("choose from %q", Languages()))
		}
	}
	return faults
}

func control(c rune) bool { return c < ' ' || c == 0x7f }

// contactURL is what a contact links to; "" where it is none.
func contactURL(contact string) string {
	if u, err := url.Parse(contact); err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil {
		return u.String()
	}
	local, host, ok := strings.Cut(contact, "@")
	if !ok || local == "" || !strings.Contains(host, ".") || strings.ContainsAny(contact, " ?&%<>\"'\\:/") || strings.ContainsFunc(contact, control) || strings.Contains(host, "@") {
		return ""
	}
	return "mailto:" + contact
}

// imageType is the media type of an image, by its first bytes; "" for any other.
func imageType(image []byte) string {
	switch {
	case bytes.HasPrefix(image, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(image, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case len(image) > 12 && bytes.HasPrefix(image, []byte("RIFF")) && bytes.HasPrefix(image[8:], []byte("WEBP")):
		return "image/webp"
	case svg(image):
		return "image/svg+xml"
	}
	return ""
}

// svg reports whether an image is text that begins as SVG does: with its element, after what XML may have before it.
func svg(image []byte) bool {
	start := bytes.TrimLeft(bytes.TrimPrefix(image, []byte("\ufeff")), " \t\r\n")
	return bytes.HasPrefix(start, []byte("<svg")) ||
		bytes.HasPrefix(start, []byte("<?xml")) && bytes.Contains(start, []byte("<svg")) ||
		bytes.HasPrefix(start, []byte("<!")) && bytes.Contains(start, []byte("<svg"))
}

// colour has its parts between 0 and 255.
type colour [3]uint8

func parseColour(text string) (c colour, ok bool) {
	if len(text) != 7 || text[0] != '#' {
		return c, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 24)
	return colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, err == nil
}

// textOn is the colour of text on c: by the contrast of WCAG 2.2, 1.4.3, one of the two always has 4.5:1.
func (c colour) textOn() string {
	if c.luminance() > 0.179 {
		return "#000"
	}
	return "#fff"
}

// luminance is the relative luminance of WCAG 2.2.
func (c colour) luminance() float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		part := float64(c[i]) / 255
		if part <= 0.04045 {
			sum += weight * part / 12.92
		} else {
			sum += weight * math.Pow((part+0.055)/1.055, 2.4)
		}
	}
	return sum
}
