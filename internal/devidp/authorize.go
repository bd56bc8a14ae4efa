package devidp

import (
	"crypto/rand"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/provider"
)

// authorize answers the authorization request, and the post of its own sign-in page, which has the same URL.
func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		s.page(w, http.StatusBadRequest, page{Message: "The authorization request cannot be read."})
		return
	}
	q, fault := s.request(q)
	if fault != "" {
		s.page(w, http.StatusBadRequest, page{Message: fault})
		return
	}
	c, ok := s.client(q.Get("client_id"))
	redirect := q.Get("redirect_uri")
	switch { // RFC 6749, 4.1.2.1: the browser is never sent to an address that is not registered
	case !ok:
		s.page(w, http.StatusBadRequest, page{Message: "This client_id is not registered:", Detail: q.Get("client_id")})
		return
	case len(q["redirect_uri"]) != 1 || !slices.Contains(c.RedirectURIs, redirect):
		s.page(w, http.StatusBadRequest, page{Message: "This redirect_uri is not registered for the client:", Detail: redirect})
		return
	}
	if fault := s.checkAuthorize(q); fault != nil {
		s.sendBack(w, r, q, url.Values{"error": {fault.Code}, "error_description": {fault.Description}})
		return
	}

	now := s.opts.Now()
	known, signedIn := s.session(r)
	if age, err := strconv.Atoi(q.Get("max_age")); err == nil && now.Sub(known.at) > time.Duration(age)*time.Second {
		signedIn = false
	}
	prompt := q.Get("prompt")
	switch {
	case r.Method == http.MethodPost:
		s.signIn(w, r, q, c)
	case signedIn && (prompt == "" || prompt == "none"):
		s.sendCode(w, r, q, c, known)
	case prompt == "none":
		s.sendBack(w, r, q, url.Values{"error": {"login_required"}})
	default:
		s.signInPage(w, http.StatusOK, c, q.Get("login_hint"), "")
	}
}

// RFC 7636, 4.2: BASE64URL(SHA256(verifier)) has 43 characters.
var challengeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

func (s *Server) checkAuthorize(q url.Values) *oauthError {
	for name, values := range q {
		if len(values) > 1 { // RFC 6749, 3.1
			return &oauthError{Code: "invalid_request", Description: "parameter " + name + " repeats"}
		}
	}
	mode := q.Get("response_mode")
	switch {
	case q.Get("response_type") != "code":
		return &oauthError{Code: "unsupported_response_type", Description: "response_type must be code"}
	case mode != string(s.opts.Provider.ResponseMode) && mode != "query":
		return &oauthError{Code: "invalid_request", Description: "response_mode is not supported"}
	case s.opts.Provider.NoPKCE && (q.Has("code_challenge") || q.Has("code_challenge_method")):
		return &oauthError{Code: "invalid_request", Description: "PKCE is not taken"}
	case !s.opts.Provider.NoPKCE && (q.Get("code_challenge_method") != "S256" || !challengeForm.MatchString(q.Get("code_challenge"))):
		return &oauthError{Code: "invalid_request", Description: "PKCE with S256 is required"}
	case s.opts.Provider.Discovery != "" && !hasWord(q.Get("scope"), "openid"):
		return &oauthError{Code: "invalid_scope", Description: "scope must hold openid"}
	}
	return nil
}

// signIn answers the posted sign-in page.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, q url.Values, c Client) {
	if r.ParseForm() != nil {
		s.page(w, http.StatusBadRequest, page{Message: "The form cannot be read."})
		return
	}
	if r.PostForm.Has("deny") {
		s.sendBack(w, r, q, url.Values{"error": {"access_denied"}, "error_description": {"The person said no."}})
		return
	}
	user, ok := s.user(strings.TrimSpace(r.PostForm.Get("user")))
	if !ok || r.PostForm.Get("password") != user.Password {
		s.signInPage(w, http.StatusUnauthorized, c, r.PostForm.Get("user"), "That name and password do not fit.")
		return
	}
	known := session{user, s.opts.Now()}
	id := rand.Text()
	s.mu.Lock()
	s.grants.sessions[id] = known
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(s.endpoints.Authorize, "https:"),
	})
	s.sendCode(w, r, q, c, known)
}

func (s *Server) session(r *http.Request) (session, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return session{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.grants.sessions[c.Value]
	return known, ok
}

func (s *Server) sendCode(w http.ResponseWriter, r *http.Request, q url.Values, c Client, known session) {
	g := &grant{
		client: c, user: known.user, at: known.at,
		redirectURI: q.Get("redirect_uri"), scope: q.Get("scope"), nonce: q.Get("nonce"),
	}
	if name := s.opts.Provider.AudienceParam; name != "" {
		g.audience = q.Get(name)
	}
	s.sendBack(w, r, q, url.Values{"code": {s.newCode(g, q.Get("code_challenge"))}})
}

// formPost has the browser post the answer (OAuth 2.0 Form Post Response Mode).
func (s *Server) formPost(w http.ResponseWriter, to *url.URL, answer url.Values) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = formPostPage.Execute(w, struct {
		Action string
		Fields url.Values
	}{to.String(), answer})
}

var formPostPage = template.Must(template.New("").Parse(`<!doctype html><title>Going back</title><form method="post" action="{{.Action}}">
{{range $name, $values := .Fields}}<input type="hidden" name="{{$name}}" value="{{index $values 0}}">
{{end}}<button>Go on</button></form><script>document.forms[0].submit()</script>
`))

// sendBack takes the browser back to the client.
func (s *Server) sendBack(w http.ResponseWriter, r *http.Request, q, answer url.Values) {
	u, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		s.page(w, http.StatusBadRequest, page{Message: "The redirect_uri cannot be read."})
		return
	}
	if state := q.Get("state"); state != "" {
		answer.Set("state", state)
	}
	if s.opts.CallbackIssuer {
		answer.Set("iss", s.opts.Provider.Issuer)
	}
	for _, b := range s.tampers() {
		if b.Callback != nil {
			b.Callback(answer)
		}
	}
	if s.opts.Provider.ResponseMode == provider.FormPost && q.Get("response_mode") == string(provider.FormPost) {
		s.formPost(w, u, answer)
		return
	}
	own := u.Query() // the query of a registered address is kept (RFC 6749, 3.1.2)
	for name, values := range answer {
		own[name] = values
	}
	u.RawQuery = own.Encode()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	// #nosec G710 -- one of the client's registered redirect URIs
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}
