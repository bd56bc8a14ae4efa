// Package packaged is a site document made ready to be built into a function: with its secrets, and with what its
// provider publishes, so that a cold start needs neither an environment nor the network.
package packaged

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"unicode/utf8"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/lambdaedge"
	"github.com/edgeauth/edgeauth/siteconfig"
)

// Site is what a function is built from, as JSON. The same site gives the same bytes.
type Site struct {
	// Name is what errors call the site.
	Name     string          `json:"name"`
	Document json.RawMessage `json:"document"`
	// Secrets are those that the document refers to, by the reference: env:NAME or file:NAME.
	Secrets map[string]string `json:"secrets,omitempty"`
	// Images are files that are no text, which JSON would change. A logo that is text, an SVG, is among the secrets.
	Images map[string][]byte `json:"images,omitempty"`
	// Keys are master keys, where the document has none of its own.
	Keys     [][]byte `json:"keys,omitempty"`
	Snapshot Snapshot `json:"snapshot,omitzero"`
}

// New reads a document with all that it refers to. Its snapshot is empty.
func New(name string, doc []byte, opts siteconfig.Options) (Site, error) {
	s := Site{Name: name, Document: doc, Secrets: make(map[string]string), Images: make(map[string][]byte)}
	with := siteconfig.Options{Keys: opts.Keys}
	if opts.Env != nil {
		with.Env = func(name string) (string, bool) {
			value, ok := opts.Env(name)
			s.Secrets["env:"+name] = value
			return value, ok
		}
	}
	if opts.ReadFile != nil {
		with.ReadFile = func(name string) ([]byte, error) {
			content, err := opts.ReadFile(name)
			if utf8.Valid(content) {
				s.Secrets["file:"+name] = string(content)
			} else {
				s.Images["file:"+name] = content
			}
			return content, err
		}
	}
	config, err := siteconfig.Parse(name, doc, with)
	if err != nil {
		return Site{}, err
	}
	if config.Session.Mode == edgeauth.Sealed && !s.hasKeys() {
		s.Keys = opts.Keys
	}
	return s, nil
}

// CheckConfig reports everything of a configuration that no function can carry out.
func CheckConfig(config edgeauth.Config) error {
	edge := config
	edge.InsecureHTTP = false // a command says so, and no document
	err := lambdaedge.CheckConfig(edge)
	for _, each := range config.PerProvider() {
		if each.ClientAssertion != nil {
			err = errors.Join(err, &edgeauth.FieldError{Field: "ClientAssertion", Problem: "is read again at every call, and a function has no such file", Remedy: "give client_key, or client_secret"})
		}
	}
	return err
}

// hasKeys reports whether the document has session keys of its own.
func (s Site) hasKeys() bool {
	config, err := s.parse(nil)
	return err == nil && len(config.Session.Keys) > 0
}

// Config is the configuration of the site.
func (s Site) Config() (edgeauth.Config, error) {
	config, err := s.parse(s.Keys)
	if err != nil {
		return edgeauth.Config{}, err
	}
	if len(config.Providers) > 0 { // each is asked when it is needed
		return config, nil
	}
	if config.Provider, err = s.Snapshot.resolve(config.Provider); err != nil {
		return edgeauth.Config{}, fmt.Errorf("site %q: %w", s.Name, err)
	}
	config.KeySnapshot = s.Snapshot.Keys
	return config, nil
}

func (s Site) parse(keys [][]byte) (edgeauth.Config, error) {
	return siteconfig.Parse(s.Name, s.Document, siteconfig.Options{
		Keys: keys,
		Env: func(name string) (string, bool) {
			value, ok := s.Secrets["env:"+name]
			return value, ok
		},
		ReadFile: func(name string) ([]byte, error) {
			if image, ok := s.Images["file:"+name]; ok {
				return image, nil
			}
			content, ok := s.Secrets["file:"+name]
			if !ok {
				return nil, fmt.Errorf("%q: %w", name, os.ErrNotExist)
			}
			return []byte(content), nil
		},
	})
}

// SecretNames names the secrets that the site holds, without telling them.
func (s Site) SecretNames() (names []string) {
	config, err := s.parse(nil)
	if err != nil {
		return nil
	}
	for _, each := range config.PerProvider() {
		if each.ClientSecret != "" && !slices.Contains(names, "client_secret") {
			names = append(names, "client_secret")
		}
		if each.ClientKey != nil && !slices.Contains(names, "client_key") {
			names = append(names, "client_key")
		}
	}
	if len(config.Session.Keys) > 0 {
		names = append(names, "session.keys")
	}
	if len(s.Keys) > 0 {
		names = append(names, "the master keys")
	}
	return names
}

// References are where the document had secrets from: env:NAME and file:NAME.
func (s Site) References() []string { return slices.Sorted(maps.Keys(s.Secrets)) }

// Guard protects the site as the function that was built from data does.
func Guard(data []byte) (*edgeauth.Guard, error) {
	var s Site
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("packaged site: %w", err)
	}
	config, err := s.Config()
	if err != nil {
		return nil, err
	}
	return edgeauth.New(config)
}
