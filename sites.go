package edgeauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/edgeauth/edgeauth/internal/address"
	"github.com/edgeauth/edgeauth/internal/hostcache"
	"github.com/edgeauth/edgeauth/internal/outbound"
	"github.com/edgeauth/edgeauth/internal/page"
	"github.com/edgeauth/edgeauth/internal/reason"
	"github.com/edgeauth/edgeauth/internal/registry"
)

// ErrUnknownSite is what a [ConfigSource] wraps when there is no such site.
var ErrUnknownSite = errors.New("no such site")

// ConfigSource says what protects each host.
type ConfigSource interface {
	// Config returns the configuration of the site at host, which is lower case and has no default port. When there
	// is no such site the error wraps [ErrUnknownSite] and is remembered for a while; any other error is a failure
	// that may pass, and the last good configuration stays in use. Calls for one host never overlap.
	Config(ctx context.Context, host string) (Config, error)
}

// SitesConfig says where the configurations of many sites come from and how long they are kept. Source is required.
type SitesConfig struct {
	Source ConfigSource
	// TTL is the age at which a site's configuration is asked for again. The default is five minutes: short enough
	// to notice a change, long enough to spare the source.
	TTL time.Duration
	// Stale is how long a site is served as it was while its source fails. The default is 24 h.
	Stale time.Duration
	// Negative is how long an unknown host stays unknown. The default is one minute.
	Negative time.Duration
	// Max is the most sites that are held at once. The one used longest ago makes room. The default is 10,000.
	Max int
	// ProviderNetworks are networks that providers may be in besides public addresses, such as 10.1.0.0/16. Whoever writes
	// a site's configuration names its provider's URLs, so by default nothing on this machine or in a private network is
	// called: not by another spelling, a name or an answer of DNS either. A configuration with InsecureHTTP, which is for
	// development, may call this machine. It does not concern a given HTTPClient.
	ProviderNetworks []netip.Prefix
	// Now is the clock, Logger gets a record whenever a configuration fails to load, and HTTPClient calls the
	// providers, all for configurations that do not set their own. The defaults are those of [Config].
	Now        func() time.Time
	Logger     *slog.Logger
	HTTPClient *http.Client
}

// Sites protects many sites, each as its source says. It is safe for concurrent use and keeps no goroutine.
//
// Sites share nothing but what is public: a provider's keys. Everything else is each site's own: a cookie, code
// or token of one site is worth nothing at another.
type Sites struct {
	cfg    SitesConfig
	shared *registry.Registry
	calls  map[bool]outboundCalls // by InsecureHTTP
	guards *hostcache.Cache[*Guard]
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
	s := &Sites{cfg: config, shared: registry.New(), calls: make(map[bool]outboundCalls)}
	for _, loopback := range []bool{false, true} {
		policy := outbound.Policy{Networks: config.ProviderNetworks, Loopback: loopback}
		s.calls[loopback] = outboundCalls{policy, policy.Client()}
	}
	s.guards = hostcache.New(hostcache.Config[*Guard]{
		Load: s.load, Dropped: s.shared.Forget,
		TTL: config.TTL, Stale: config.Stale, Negative: config.Negative, Max: config.Max, Now: config.Now,
	})
	return s, nil
}

// outboundCalls are calls to the providers of sites, where the program gives no HTTP client of its own.
type outboundCalls struct {
	policy outbound.Policy
	client *http.Client
}

// Check finds the site of the request and lets its guard decide.
func (s *Sites) Check(ctx context.Context, r *Request) Decision {
	if r == nil {
		r = &Request{}
	}
	host := address.NormalHost(r.Host, "https")
	guard, ok, err := s.guards.Get(ctx, host, address.ValidHost)
	switch {
	case err != nil:
		return s.unknown(ctx, r, host, err)
	case !ok:
		return s.unknown(ctx, r, host, ErrUnknownSite)
	}
	return guard.Check(ctx, r)
}

// load asks the source for a site's configuration and builds its guard, unless nothing has changed.
func (s *Sites) load(ctx context.Context, host string, previous *Guard) (guard *Guard, ok bool, err error) {
	config, err := s.cfg.Source.Config(ctx, host)
	switch {
	case errors.Is(err, ErrUnknownSite):
		return nil, false, nil
	case err == nil && previous != nil && config.Version != "" && config.Version == previous.cfg.Version:
		return previous, true, nil
	case err == nil:
		guard, err = s.build(host, config)
	}
	if err != nil {
		s.failed(ctx, host, err, previous != nil)
		return nil, false, err
	}
	return guard, true, nil
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
	if config.HTTPClient == nil {
		calls := s.calls[config.InsecureHTTP]
		for _, each := range config.PerProvider() {
			if err := calls.policy.CheckProvider(&each.Provider); err != nil {
				return nil, config.fault("Provider", err.Error(), "use the provider's public address, or have the operator list its network for providers")
			}
		}
		config.HTTPClient = calls.client
	}
	return newGuard(config, s.shared)
}

// failed logs that a site's configuration could not be loaded.
func (s *Sites) failed(ctx context.Context, host string, err error, goesOn bool) {
	cmp.Or(s.cfg.Logger, slog.Default()).LogAttrs(ctx, slog.LevelError, "edgeauth configuration", slog.String("code", string(reason.ConfigFailure)),
		slog.String("host", host), slog.Bool("last_good_goes_on", goesOn), slog.String("reason", err.Error()))
}

// unknown answers for a host that has no guard.
func (s *Sites) unknown(ctx context.Context, r *Request, host string, err error) (d Decision) {
	g := &Guard{cfg: Config{SiteID: host, Logger: s.cfg.Logger}, design: page.Plain}
	v := &visit{r: r}
	defer g.settle(ctx, v, &d)
	if errors.Is(err, ErrUnknownSite) {
		return g.answer(ctx, v, fmt.Errorf("%w: %q", reason.UnknownHost, reason.Clip(r.Host)), Decision{})
	}
	return g.answer(ctx, v, fmt.Errorf("%w: %w", reason.ConfigFailure, err), Decision{})
}
