package edgeauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/fresh"
	"github.com/edgeauth/edgeauth/internal/reason"
)

// ErrUnknownSite is what a [ConfigSource] wraps when there is no such site.
var ErrUnknownSite = errors.New("no such site")

// ConfigSource says what protects each host.
type ConfigSource interface {
	// Config returns the configuration of the site at host, which is lower case and has no default port. When there
	// is no such site the error wraps [ErrUnknownSite] and is remembered for a while; any other error is a failure
	// that may pass, and the last good configuration goes on. Calls for one host never overlap.
	Config(ctx context.Context, host string) (Config, error)
}

// SitesConfig says where the configurations of many sites come from and how long they are kept. Source is required.
type SitesConfig struct {
	Source ConfigSource
	// TTL is the age at which a site's configuration is asked for again. The default is five minutes: short enough
	// to notice a change, long enough to spare the source.
	TTL time.Duration
	// Stale is how long a site goes on while its source fails. The default is 24 h.
	Stale time.Duration
	// Negative is how long an unknown host stays unknown. The default is one minute.
	Negative time.Duration
	// Max is the most sites that are held at once. The one used longest ago makes room. The default is 10,000.
	Max int
	// Now is the clock, Logger gets a record whenever a configuration cannot be had, and HTTPClient calls the
	// providers, all for configurations that do not set their own. The defaults are those of [Config].
	Now        func() time.Time
	Logger     *slog.Logger
	HTTPClient *http.Client
}

// Sites protects many sites, each as its source says. It is safe for concurrent use and keeps no goroutine.
//
// Sites share nothing but what is public: a provider's keys. Everything else is each site's own, so a cookie, code
// or token of one is noise at another.
type Sites struct {
	cfg    SitesConfig
	shared *shared

	mu      sync.RWMutex
	known   map[string]*site
	pending map[string]*site // asked for, not had yet: a flood of hosts does not push out sites
	none    absent
}

// NewSites returns a checker for many sites. It makes no network call.
func NewSites(config SitesConfig) (*Sites, error) {
	if config.Source == nil {
		return nil, &FieldError{Field: "Source", Problem: "is nil", Remedy: "say where the sites' configurations come from"}
	}
	def := func(d *time.Duration, standard time.Duration) {
		if *d <= 0 {
			*d = standard
		}
	}
	def(&config.TTL, 5*time.Minute)
	def(&config.Stale, 24*time.Hour)
	def(&config.Negative, time.Minute)
	config.Stale = max(config.Stale, config.TTL)
	if config.Max <= 0 {
		config.Max = 10_000
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Sites{cfg: config, shared: newShared(), known: make(map[string]*site), pending: make(map[string]*site)}, nil
}

// Check finds the site of the request and lets its guard decide.
func (s *Sites) Check(ctx context.Context, r *Request) Decision {
	if r == nil {
		r = &Request{}
	}
	now := s.cfg.Now().Round(0)
	host := address.NormalHost(r.Host, "https")
	held, ok := s.site(host, now)
	if !ok {
		return s.unknown(ctx, r, host, ErrUnknownSite)
	}
	held.used.Store(now.Unix())
	guard, _, err := held.doc.Get(ctx)
	switch {
	case err != nil:
		return s.unknown(ctx, r, host, err)
	case guard == nil:
		s.forget(host, held, now)
		return s.unknown(ctx, r, host, ErrUnknownSite)
	case !held.known.Load():
		s.promote(host, held)
	}
	return guard.Check(ctx, r)
}

// site returns what is held for a host, or false for one that is known to be none or that no site can have.
func (s *Sites) site(host string, now time.Time) (*site, bool) {
	s.mu.RLock()
	held, ok := s.known[host]
	s.mu.RUnlock()
	if ok {
		return held, true
	}
	if !address.ValidHost(host) {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, hosts := range []map[string]*site{s.known, s.pending} {
		if held, ok := hosts[host]; ok {
			return held, true
		}
	}
	if s.none.has(host, now, s.cfg.Negative) {
		return nil, false
	}
	s.makeRoom(s.pending, maxPending)
	host = strings.Clone(host) // what is remembered must not keep a whole request in memory
	held = s.newSite(host)
	s.pending[host] = held
	return held, true
}

// promote holds on to a site that has been had.
func (s *Sites) promote(host string, held *site) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[host] == held {
		s.makeRoom(s.known, s.cfg.Max)
		s.known[strings.Clone(host)] = held
		delete(s.pending, host)
		held.known.Store(true)
	}
}

// forget drops a site that its source does not have, or no longer.
func (s *Sites) forget(host string, held *site, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[host] == held || s.pending[host] == held {
		delete(s.known, host)
		delete(s.pending, host)
		s.none.add(host, now, s.cfg.Negative)
		s.shared.release(host)
	}
}

// makeRoom keeps a map of sites bounded. It looks at a few, which the map yields in no order, and lets the one go that
// was used longest ago.
func (s *Sites) makeRoom(hosts map[string]*site, limit int) {
	if len(hosts) < limit {
		return
	}
	oldest, seen := "", 0
	for host, held := range hosts {
		if oldest == "" || held.used.Load() < hosts[oldest].used.Load() {
			oldest = host
		}
		if seen++; seen == 32 {
			break
		}
	}
	delete(hosts, oldest)
	s.shared.release(oldest)
}

// load asks the source for a site's configuration and builds its guard, unless nothing has changed.
func (s *Sites) load(ctx context.Context, host string, previous *Guard) (*Guard, error) {
	config, err := s.cfg.Source.Config(ctx, host)
	switch {
	case errors.Is(err, ErrUnknownSite):
		return nil, nil
	case err != nil:
		s.failed(ctx, host, err, previous != nil)
		return nil, err
	case previous != nil && config.Version != "" && config.Version == previous.cfg.Version:
		return previous, nil
	}
	guard, err := s.build(host, config)
	if err != nil {
		s.failed(ctx, host, err, previous != nil)
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.known[host] == nil && s.pending[host] == nil { // it has made room in the meantime
		s.shared.release(host)
	}
	return guard, nil
}

func (s *Sites) build(host string, config Config) (*Guard, error) {
	if !address.Lists(config.Hosts, host) && !(slices.Contains(config.Hosts, "cloudfront") && strings.HasSuffix(host, ".cloudfront.net")) {
		return nil, fmt.Errorf("the configuration for %s does not list it in Hosts: %q", host, config.Hosts)
	}
	if config.Cookie.Domain != "" {
		return nil, config.fault("Cookie.Domain", "does not work with many sites, each of which has keys of its own", "leave it empty")
	}
	config.SiteID = host // not for the configuration to choose: keys follow from it
	if config.Now == nil {
		config.Now = s.cfg.Now
	}
	if config.Logger == nil {
		config.Logger = s.cfg.Logger
	}
	if config.HTTPClient == nil {
		config.HTTPClient = s.cfg.HTTPClient
	}
	guard, err := newGuard(config, s.shared)
	if err != nil {
		return nil, err
	}
	return guard, s.shared.claimAudience(guard)
}

// failed says loudly that a site's configuration cannot be had.
func (s *Sites) failed(ctx context.Context, host string, err error, goesOn bool) {
	s.logger().LogAttrs(ctx, slog.LevelError, "edgeauth configuration", slog.String("code", string(reason.ConfigFailure)),
		slog.String("host", host), slog.Bool("last_good_goes_on", goesOn), slog.String("reason", err.Error()))
}

// unknown answers for a host that has no guard.
func (s *Sites) unknown(ctx context.Context, r *Request, host string, err error) (d Decision) {
	g := &Guard{cfg: Config{SiteID: host, Logger: s.cfg.Logger}}
	v := &visit{r: r}
	defer g.settle(ctx, v, &d)
	if errors.Is(err, ErrUnknownSite) {
		return g.answer(ctx, v, fmt.Errorf("%w: %q", reason.UnknownHost, reason.Clip(r.Host)), Decision{})
	}
	return g.answer(ctx, v, fmt.Errorf("%w: %w", reason.ConfigFailure, err), Decision{})
}

func (s *Sites) logger() *slog.Logger {
	if s.cfg.Logger != nil {
		return s.cfg.Logger
	}
	return slog.Default()
}

// newSite holds a host's guard: fresh for the TTL, stale while the source fails, one call at a time.
func (s *Sites) newSite(host string) *site {
	held := &site{}
	held.doc = fresh.New(fresh.Config[*Guard]{
		Soft: s.cfg.TTL, Hard: s.cfg.Stale, Now: s.cfg.Now,
		Load: func(ctx context.Context, previous *Guard) (*Guard, time.Duration, error) {
			guard, err := s.load(ctx, host, previous)
			return guard, 0, err
		},
	})
	return held
}
