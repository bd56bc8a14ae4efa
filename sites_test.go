package edgeauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/stretchr/testify/require"
)

// source is a ConfigSource that tests change.
type source struct {
	mu    sync.Mutex
	sites map[string]edgeauth.Config
	err   error
	calls atomic.Int64
}

func (s *source) Config(_ context.Context, host string) (edgeauth.Config, error) {
	s.calls.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return edgeauth.Config{}, s.err
	}
	c, ok := s.sites[host]
	if !ok {
		return edgeauth.Config{}, fmt.Errorf("%w: %s", edgeauth.ErrUnknownSite, host)
	}
	return c, nil
}

func (s *source) set(host string, c edgeauth.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sites[host] = c
}

func (s *source) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// manySites is a world whose one browser goes to sites a and b, which have the same provider, client and keys.
func manySites(t *testing.T, change func(*edgeauth.SitesConfig)) (*world, *source, *edgeauth.Sites) {
	w := newWorld(t, func(_ *edgeauth.Config, o *devidp.Options) {
		o.Clients[0].RedirectURIs = []string{"https://a.example.com/.auth/callback", "https://b.example.com/.auth/callback"}
	})
	src := &source{sites: map[string]edgeauth.Config{}}
	for _, host := range []string{"a.example.com", "b.example.com"} {
		c := w.config
		c.Hosts, c.Version = []string{host}, "1"
		src.sites[host] = c
	}
	config := edgeauth.SitesConfig{Source: src, Now: w.config.Now, Logger: w.config.Logger}
	if change != nil {
		change(&config)
	}
	sites, err := edgeauth.NewSites(config)
	require.NoError(t, err)
	return w, src, sites
}

// at sends the browser's GET to a host of many.
func (w *world) at(sites *edgeauth.Sites, host, target string) edgeauth.Decision {
	r := w.request(http.MethodGet, target)
	r.Host = host
	d := sites.Check(context.Background(), r)
	w.keep(d)
	return d
}

func (w *world) signInAt(sites *edgeauth.Sites, host, user string) {
	w.t.Helper()
	d := w.at(sites, host, "/")
	require.Equal(w.t, edgeauth.Redirect, d.Action, "%v", d.Reason)
	back := w.atProvider(d.Location, user)
	d = w.at(sites, host, back[len("https://"+host):])
	require.Equal(w.t, "signed_in", edgeauth.Code(d.Reason), "%v", d.Reason)
}

func TestTheMaterialOfOneSiteIsNoiseAtAnother(t *testing.T) {
	w, _, sites := manySites(t, nil)
	w.signInAt(sites, "a.example.com", "alice")
	require.Equal(t, edgeauth.Allow, w.at(sites, "a.example.com", "/").Action)

	// A browser would not send a's cookies to b; somebody who copies them gains nothing, under a's names or b's.
	d := w.at(sites, "b.example.com", "/")
	require.Equal(t, "no_session", edgeauth.Code(d.Reason))
	var nameB string
	for _, c := range d.Cookies {
		nameB = c.Name[:len("__Host-edgeauth-12345678")]
	}
	for name, value := range w.Jar {
		if len(name) == len(nameB) && name != nameB {
			w.Jar[nameB] = value
		}
	}
	require.Equal(t, "bad_session", edgeauth.Code(w.at(sites, "b.example.com", "/").Reason), "same provider, client and master key")

	// A sign-in begun at a does not end at b.
	w.Jar = map[string]string{}
	back := w.atProvider(w.at(sites, "a.example.com", "/").Location, "alice")
	d = w.at(sites, "b.example.com", back[len("https://a.example.com"):])
	require.Equal(t, "state_mismatch", edgeauth.Code(d.Reason))
}

func TestAnUnknownHostIsAskedForOnceInItsTime(t *testing.T) {
	w, src, sites := manySites(t, nil)
	for range 50 {
		d := w.at(sites, "nobody.example.com", "/")
		require.Equal(t, http.StatusMisdirectedRequest, d.Status)
		require.Equal(t, "no-store", d.Header.Get("Cache-Control"))
		require.Equal(t, "unknown_host", edgeauth.Code(d.Reason))
	}
	require.EqualValues(t, 1, src.calls.Load())
	w.Wait(2 * time.Minute)
	w.at(sites, "nobody.example.com", "/")
	require.EqualValues(t, 2, src.calls.Load())
	for _, host := range []string{"", "..", "a b", "x/../y", "nobody.example.com:x", "%00", "ä.example.com"} {
		require.Equal(t, http.StatusMisdirectedRequest, w.at(sites, host, "/").Status, host)
	}
	require.EqualValues(t, 2, src.calls.Load(), "what can be no host never reaches the source")
}

func TestHostsAreNormalisedBeforeTheSourceSeesThem(t *testing.T) {
	w, src, sites := manySites(t, nil)
	for _, host := range []string{"a.example.com", "A.Example.COM", "a.example.com.", "a.example.com:443", "A.example.com.:443"} {
		require.Equal(t, "no_session", edgeauth.Code(w.at(sites, host, "/").Reason), host)
	}
	require.EqualValues(t, 1, src.calls.Load())
}

func TestASiteGoesOnWhileItsSourceIsDown(t *testing.T) {
	w, src, sites := manySites(t, nil)
	w.signInAt(sites, "a.example.com", "alice")
	src.fail(errors.New("the bucket does not answer"))
	for range 6 {
		w.Wait(10 * time.Minute)
		require.NotEqual(t, "config_failure", edgeauth.Code(w.at(sites, "a.example.com", "/").Reason))
	}
	require.Contains(t, w.log.String(), "the bucket does not answer")
	d := w.at(sites, "b.example.com", "/")
	require.Equal(t, http.StatusServiceUnavailable, d.Status, "a site that was never had cannot go on")
	require.NotContains(t, string(d.Body), "bucket")
	src.fail(edgeauth.Reason("cross_site"))
	w.Wait(10 * time.Minute)
	require.Equal(t, http.StatusServiceUnavailable, w.at(sites, "b.example.com", "/").Status, "whatever the source's error wraps")
	w.Wait(25 * time.Hour)
	require.Equal(t, "config_failure", edgeauth.Code(w.at(sites, "a.example.com", "/").Reason), "at most 24 h")
	src.fail(nil)
	w.Wait(time.Minute)
	require.NotEqual(t, "config_failure", edgeauth.Code(w.at(sites, "a.example.com", "/").Reason))
}

func TestABadConfigurationKeepsTheLastGoodOneAndSaysSo(t *testing.T) {
	w, src, sites := manySites(t, nil)
	w.signInAt(sites, "a.example.com", "alice")
	good := src.sites["a.example.com"]
	bad := good
	bad.ClientID, bad.Version = "", "2"
	src.set("a.example.com", bad)
	w.Wait(6 * time.Minute)
	require.Equal(t, edgeauth.Allow, w.at(sites, "a.example.com", "/").Action)
	require.Contains(t, w.log.String(), "ClientID: is empty")
	require.Equal(t, "no_session", edgeauth.Code(w.at(sites, "b.example.com", "/").Reason), "one bad site never touches another")

	good.Version = "3"
	good.Rules = []edgeauth.Rule{{Path: "/", Groups: []string{"admins"}}}
	src.set("a.example.com", good)
	w.Wait(6 * time.Minute)
	require.Equal(t, "forbidden_group", edgeauth.Code(w.at(sites, "a.example.com", "/").Reason), "the new one counts")
}

func TestADeletedSiteEndsAtItsTTL(t *testing.T) {
	w, src, sites := manySites(t, nil)
	w.signInAt(sites, "a.example.com", "alice")
	src.mu.Lock()
	delete(src.sites, "a.example.com")
	src.mu.Unlock()
	require.Equal(t, edgeauth.Allow, w.at(sites, "a.example.com", "/").Action)
	w.Wait(6 * time.Minute)
	require.Equal(t, "unknown_host", edgeauth.Code(w.at(sites, "a.example.com", "/").Reason))
}

func TestAConfigurationThatDoesNotListItsHostIsRefused(t *testing.T) {
	w, src, sites := manySites(t, nil)
	src.set("evil.example.com", src.sites["a.example.com"])
	d := w.at(sites, "evil.example.com", "/")
	require.Equal(t, "config_failure", edgeauth.Code(d.Reason))
	require.Contains(t, w.log.String(), "does not list it in Hosts")
}

func TestAConfigurationCannotChooseItsSiteID(t *testing.T) {
	w, src, sites := manySites(t, nil)
	c := src.sites["b.example.com"]
	c.SiteID = "a.example.com"
	src.set("b.example.com", c)
	w.signInAt(sites, "a.example.com", "alice")
	require.Equal(t, "no_session", edgeauth.Code(w.at(sites, "b.example.com", "/").Reason), "a's cookies mean nothing at b")
}

func TestADocumentThatNamesAnotherSitesClientNeitherTakesItDownNorTakesItsTokens(t *testing.T) {
	for _, first := range []string{"a.example.com", "b.example.com"} {
		t.Run(first+" is asked for first", func(t *testing.T) {
			w, src, sites := manySites(t, nil)
			for _, host := range []string{"a.example.com", "b.example.com"} {
				c := src.sites[host]
				c.Session = edgeauth.Session{Mode: edgeauth.Tokens, Keys: c.Session.Keys}
				src.set(host, c)
			}
			w.at(sites, first, "/")
			w.Jar = map[string]string{}
			w.signInAt(sites, "a.example.com", "alice")
			require.Equal(t, edgeauth.Allow, w.at(sites, "a.example.com", "/").Action)
			var token string
			for name, value := range w.Jar {
				if strings.Count(value, ".") == 3 && !strings.HasSuffix(name, "-r") {
					token = value
				}
			}
			require.NotEmpty(t, token)
			d := w.at(sites, "b.example.com", "/")
			require.Equal(t, "no_session", edgeauth.Code(d.Reason))
			nameB := d.Cookies[0].Name[:len("__Host-edgeauth-12345678")]
			plain := token[:strings.LastIndexByte(token, '.')]
			for rule, value := range map[string]string{
				"with a's seal": token, "without a seal": plain, "with an empty seal": plain + ".", "with somebody's seal": plain + ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
			} {
				w.Jar[nameB] = value
				require.Equal(t, "bad_session", edgeauth.Code(w.at(sites, "b.example.com", "/").Reason), rule)
			}
			for range 3 { // it is renewed, and stays a's
				w.Wait(50 * time.Minute)
				w.at(sites, "a.example.com", "/")
				require.Equal(t, edgeauth.Allow, w.at(sites, "a.example.com", "/").Action)
			}
		})
	}
}

func TestSitesWithOneProviderShareItsKeys(t *testing.T) {
	w, _, sites := manySites(t, nil)
	w.signInAt(sites, "a.example.com", "alice")
	w.Jar = map[string]string{}
	w.signInAt(sites, "b.example.com", "bob")
	require.Equal(t, 1, w.IdP.Calls(devidp.Keys))
	require.Equal(t, 1, w.IdP.Calls(devidp.Discovery))
}

func TestAThousandFirstRequestsAskTheSourceOnce(t *testing.T) {
	w, src, sites := manySites(t, nil)
	requests := make([]*edgeauth.Request, 1000)
	for i := range requests {
		requests[i] = w.request(http.MethodGet, "/")
		requests[i].Host = "a.example.com"
	}
	var wg sync.WaitGroup
	for _, r := range requests {
		wg.Go(func() {
			if d := sites.Check(context.Background(), r); edgeauth.Code(d.Reason) != "no_session" {
				t.Errorf("reason: %v", d.Reason)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, src.calls.Load())
}

func TestAFloodOfUnknownHostsIsBoundedAndPushesNoSiteOut(t *testing.T) {
	w, src, sites := manySites(t, func(c *edgeauth.SitesConfig) {
		c.Max = 2
		c.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	})
	w.at(sites, "a.example.com", "/")
	w.at(sites, "b.example.com", "/")
	w.Wait(time.Second)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 100_000 {
		r := &edgeauth.Request{Method: "GET", Host: fmt.Sprintf("h%d.example.com", i), Path: "/"}
		sites.Check(context.Background(), r)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.EqualValues(t, 100_002, src.calls.Load())
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(16<<20), "bytes held after 100,000 unknown hosts")
	w.at(sites, "a.example.com", "/")
	w.at(sites, "b.example.com", "/")
	sites.Check(context.Background(), &edgeauth.Request{Method: "GET", Host: "h99999.example.com", Path: "/"})
	sites.Check(context.Background(), &edgeauth.Request{Method: "GET", Host: "h0.example.com", Path: "/"})
	require.EqualValues(t, 100_002, src.calls.Load(), "nothing was forgotten")
}

// BenchmarkSites compares an allowed request of one site with that of one among 10,000.
func BenchmarkSites(b *testing.B) {
	for _, n := range []int{1, 10_000} {
		b.Run(fmt.Sprintf("sites=%d", n), func(b *testing.B) {
			t := &testing.T{}
			w, src, sites := manySites(t, func(c *edgeauth.SitesConfig) { c.Logger = slog.New(slog.NewTextHandler(io.Discard, nil)) })
			base := src.sites["a.example.com"]
			base.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
			src.set("a.example.com", base)
			for i := range n - 1 {
				c := base
				c.Hosts = []string{fmt.Sprintf("h%d.example.com", i)}
				src.set(c.Hosts[0], c)
				sites.Check(context.Background(), &edgeauth.Request{Method: "GET", Host: c.Hosts[0], Path: "/"})
			}
			w.signInAt(sites, "a.example.com", "alice")
			r := w.request(http.MethodGet, "/")
			r.Host = "a.example.com"
			b.ReportAllocs()
			for b.Loop() {
				if d := sites.Check(context.Background(), r); d.Action != edgeauth.Allow {
					b.Fatal(d.Reason)
				}
			}
		})
	}
	b.Run("anchor=guard", func(b *testing.B) {
		w := newWorld(&testing.T{}, func(c *edgeauth.Config, _ *devidp.Options) { c.Logger = slog.New(slog.NewTextHandler(io.Discard, nil)) })
		w.signedIn("alice", "/")
		r := w.request(http.MethodGet, "/")
		for b.Loop() {
			w.Guard.Check(context.Background(), r)
		}
	})
}

func TestManySitesTakeNoCookieDomain(t *testing.T) {
	w, src, sites := manySites(t, nil)
	c := src.sites["a.example.com"]
	c.Cookie.Domain = "example.com"
	src.set("a.example.com", c)
	require.Equal(t, "config_failure", edgeauth.Code(w.at(sites, "a.example.com", "/").Reason))
	require.Contains(t, w.log.String(), "Cookie.Domain: does not work with many sites")
}
