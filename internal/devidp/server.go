package devidp

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/edgeauth/edgeauth/provider"
)

// Endpoint names one of the provider's endpoints, for faults and counts.
type Endpoint string

// The endpoints. API stands for all URLs of [provider.UserinfoRules].
const (
	Discovery  Endpoint = "discovery"
	Authorize  Endpoint = "authorize"
	Token      Endpoint = "token"
	Keys       Endpoint = "keys"
	Userinfo   Endpoint = "userinfo"
	API        Endpoint = "api"
	Revoke     Endpoint = "revoke"
	EndSession Endpoint = "end_session"
	Pushed     Endpoint = "pushed"
)

// Endpoints are all endpoints.
func Endpoints() []Endpoint {
	return []Endpoint{Discovery, Authorize, Token, Keys, Userinfo, API, Revoke, EndSession, Pushed}
}

// Server is the provider as an http.Handler. It is safe for concurrent use.
type Server struct {
	opts      Options
	endpoints provider.Endpoints
	routes    map[string]route  // by host and path
	schemes   map[string]string // by host

	mu      sync.Mutex
	clients map[string]Client // by id
	keys    []*Key
	tamper  Tamper
	faults  map[Endpoint]Fault
	calls   map[Endpoint]int
	grants  grants

	pushed     map[string]url.Values // authorization requests, by their request_uri
	assertions map[string]bool       // those that were used
}

type route struct {
	endpoint Endpoint
	serve    http.HandlerFunc
}

// New returns a provider. The error names every fault of the options.
func New(o Options) (*Server, error) {
	s := &Server{
		opts:    o.withDefaults(),
		routes:  map[string]route{},
		schemes: map[string]string{},
		clients: map[string]Client{},
		keys:    o.Keys,
		faults:  map[Endpoint]Fault{},
		calls:   map[Endpoint]int{},
		grants:  newGrants(),

		pushed: map[string]url.Values{}, assertions: map[string]bool{},
	}
	if len(s.keys) == 0 {
		key, err := NewKey("RS256")
		if err != nil {
			return nil, err
		}
		s.keys = []*Key{key}
	}
	p := o.Provider
	s.endpoints = p.Endpoints
	if p.Discovery != "" {
		s.endpoints = p.Endpoints.Merge(below(p.Issuer))
	}
	errs := []error{
		s.route(p.Discovery, Discovery, s.discovery),
		s.route(s.endpoints.Authorize, Authorize, s.authorize),
		s.route(s.endpoints.Token, Token, s.token),
		s.route(s.endpoints.Keys, Keys, s.jwks),
		s.route(s.endpoints.Revoke, Revoke, s.revoke),
		s.route(s.endpoints.EndSession, EndSession, s.endSession),
		s.route(s.endpoints.PushedRequests, Pushed, s.push),
	}
	for _, u := range p.Userinfo.URLs {
		errs = append(errs, s.route(u, API, s.api(u)))
	}
	errs = append(errs, s.route(s.endpoints.Userinfo, Userinfo, s.api(s.endpoints.Userinfo)))
	if p.Issuer == "" {
		errs = append(errs, errors.New("devidp: the provider has no issuer"))
	}
	for _, c := range o.Clients {
		if c.ID == "" {
			errs = append(errs, errors.New("devidp: a client has no id"))
		}
		s.clients[c.ID] = c
	}
	return s, errors.Join(errs...)
}

func below(issuer string) provider.Endpoints {
	base := strings.TrimSuffix(issuer, "/")
	return provider.Endpoints{
		Authorize:  base + "/authorize",
		Token:      base + "/token",
		Keys:       base + "/keys",
		Userinfo:   base + "/userinfo",
		Revoke:     base + "/revoke",
		EndSession: base + "/logout",

		PushedRequests: base + "/par",
	}
}

func (s *Server) route(rawURL string, e Endpoint, serve http.HandlerFunc) error {
	if rawURL == "" {
		return nil
	}
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return fmt.Errorf("devidp: the %s URL %q has no host", e, rawURL)
	}
	s.routes[host(u.Host)+u.Path] = route{e, serve}
	s.schemes[host(u.Host)] = u.Scheme
	return nil
}

// host folds case and cuts the default ports.
func host(h string) string {
	h = strings.ToLower(h)
	return strings.TrimSuffix(strings.TrimSuffix(h, ":443"), ":80")
}

// ServeHTTP answers at the provider's URLs, whichever host they have.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := s.routes[host(r.Host)+r.URL.Path]
	if !ok {
		s.page(w, http.StatusNotFound, page{Message: "There is nothing at this address."})
		return
	}
	s.mu.Lock()
	s.calls[found.endpoint]++
	fault := s.faults[found.endpoint]
	s.mu.Unlock()

	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if fault != nil {
		fault(found.serve).ServeHTTP(w, r)
		return
	}
	found.serve(w, r)
}

// Hosts are the hosts of the provider's URLs.
func (s *Server) Hosts() []string {
	var hosts []string
	for h := range s.schemes {
		hosts = append(hosts, h)
	}
	return hosts
}

// Calls is how many requests have come to an endpoint.
func (s *Server) Calls(e Endpoint) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[e]
}

// Register adds a client, or replaces the one with its id.
func (s *Server) Register(c Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients[c.ID] = c
}

func (s *Server) client(id string) (Client, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.clients[id]
	return c, ok
}

func (s *Server) user(name string) (User, bool) {
	for _, u := range s.opts.Users {
		if u.Name == name {
			return u, true
		}
	}
	return User{}, false
}
