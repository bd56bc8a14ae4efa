package devidp

import (
	"crypto/sha256"
	_ "embed" // for the page
	"encoding/base64"
	"html/template"
	"net/http"
)

// page is what the provider's one page shows: a sign-in, or a message.
type page struct {
	Title, Client, Issuer string
	Style                 template.CSS

	Message, Detail string

	People    []person // who can sign in with a click
	Passwords bool     // somebody has a password
	Hint      string
	Fault     string
}

type person struct{ Name, Display, Email, Initial string }

var (
	//go:embed page.html
	pageText string
	//go:embed page.css
	pageStyle string

	pageTemplate = template.Must(template.New("page").Parse(pageText))
)

func (s *Server) page(w http.ResponseWriter, status int, p page) {
	// #nosec G203 -- the style is a constant
	p.Title, p.Issuer, p.Style = s.opts.Title, s.opts.Provider.Issuer, template.CSS(pageStyle)
	sum := sha256.Sum256([]byte(pageStyle))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	// No form-action: browsers apply it to the redirect back to the client too.
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = pageTemplate.Execute(w, p)
}

func (s *Server) signInPage(w http.ResponseWriter, status int, c Client, hint, fault string) {
	p := page{Client: c.Name, Hint: hint, Fault: fault}
	if p.Client == "" {
		p.Client = c.ID
	}
	for _, u := range s.opts.Users {
		if u.Password != "" {
			p.Passwords = true
			continue
		}
		p.People = append(p.People, u.person())
	}
	s.page(w, status, p)
}

func (u User) person() person {
	p := person{Name: u.Name, Display: u.Name}
	if name, ok := u.Claims["name"].(string); ok && name != "" {
		p.Display = name
	}
	p.Email, _ = u.Claims["email"].(string)
	for _, first := range p.Display {
		p.Initial = string(first)
		break
	}
	return p
}
