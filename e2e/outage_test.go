package e2e

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/provider"
	"github.com/stretchr/testify/require"
)

var long = flag.Bool("long", false, "let 200 people browse for three minutes while their provider fails")

// stuck is four times what a request waits for a provider at most.
const stuck = 20 * time.Second

// phase is one way in which a provider fails.
type phase struct {
	name  string
	fail  func(*outage)
	share int // of the time, in eighteenths
	// silent says that the provider gives no answer that means anything: then a session that may outlive its token does.
	silent bool
}

var phases = []phase{
	{"well", func(o *outage) { o.well() }, 2, true},
	{"down", func(o *outage) { o.idp.FailAll(o.met(devidp.Down())) }, 3, true},
	{"well again", func(o *outage) { o.well() }, 1, true},
	{"slow", func(o *outage) { o.idp.FailAll(o.met(devidp.Hang(o.never))) }, 3, true},
	{"flapping", func(o *outage) { o.idp.FailAll(o.met(o.flapping())) }, 3, true},
	{"lying", func(o *outage) { o.lie() }, 3, false},
	{"well at last", func(o *outage) { o.well() }, 3, false}, // what it said is remembered for a while
}

// outage is a provider that fails, and people who go on browsing.
type outage struct {
	idp    *devidp.Server
	never  chan struct{}
	faults atomic.Int64 // that somebody met
	phase  atomic.Int32

	mu   sync.Mutex
	seen []tally // by phase
	all  []string
}

// tally is what people got to see during a phase.
type tally struct {
	pages, trouble, signIn, broken int
	longest                        time.Duration
}

func (o *outage) well() {
	o.idp.FailAll(nil)
	o.idp.Tamper(devidp.Tamper{})
}

// met counts a fault whenever somebody meets it.
func (o *outage) met(fault devidp.Fault) devidp.Fault {
	return func(endpoint http.Handler) http.Handler {
		failing := fault(endpoint)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			o.faults.Add(1)
			failing.ServeHTTP(w, r)
		})
	}
}

// flapping is down every other time.
func (o *outage) flapping() devidp.Fault {
	var turn atomic.Int64
	return func(endpoint http.Handler) http.Handler {
		down, broken := devidp.Down()(endpoint), devidp.Status(http.StatusServiceUnavailable)(endpoint)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			[]http.Handler{down, endpoint, broken, endpoint}[turn.Add(1)%4].ServeHTTP(w, r)
		})
	}
}

// lie answers what is no answer, in turns: pages, errors, half of a document, and tokens that somebody else signed.
func (o *outage) lie() {
	foreign, err := devidp.NewKey("RS256")
	if err != nil {
		panic(err)
	}
	o.idp.Tamper(devidp.Tamper{
		IDToken:   devidp.TokenTamper{Key: foreign},
		Discovery: func(doc map[string]any) { doc["issuer"] = "https://somebody.else.example" },
		Keys:      func(doc map[string]any) { doc["keys"] = []map[string]any{} },
	})
	var turn atomic.Int64
	half := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"`)
	}
	o.idp.FailAll(o.met(func(endpoint http.Handler) http.Handler {
		lies := []http.Handler{
			devidp.HTML()(endpoint), devidp.Status(http.StatusInternalServerError)(endpoint), http.HandlerFunc(half), devidp.Huge(3 << 20)(endpoint), endpoint,
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			lies[turn.Add(1)%int64(len(lies))].ServeHTTP(w, r)
		})
	}))
}

// browser is one person's.
func (o *outage) browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &http.Client{
		Jar: jar, Transport: &http.Transport{}, // connections of its own, as a browser has
		Timeout: patience,
		CheckRedirect: func(r *http.Request, before []*http.Request) error {
			if r.URL.Hostname() != "localhost" { // to the provider
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
}

// page opens a page as a navigation. It returns its status, and where a sign-in would begin.
func (o *outage) page(person *http.Client, target string) (status int, signIn string, took time.Duration, err error) {
	r, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		return 0, "", 0, err
	}
	for name, value := range map[string]string{"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"} {
		r.Header.Set(name, value)
	}
	began := time.Now()
	answer, err := person.Do(r)
	if err != nil {
		return 0, "", 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Header.Get("Location"), time.Since(began), err
}

// signIn goes to the provider and comes back.
func (o *outage) signIn(t *testing.T, person *http.Client, origin, name string) {
	t.Helper()
	_, location, _, err := o.page(person, origin+"/")
	require.NoError(t, err)
	require.NotEmpty(t, location)
	answer, err := person.PostForm(location, url.Values{"user": {name}})
	require.NoError(t, err)
	answer.Body.Close()
	back := answer.Header.Get("Location") // a POST is answered with a redirect that the browser follows
	if answer.Request.URL.Hostname() != "localhost" {
		require.NotEmpty(t, back, "%d", answer.StatusCode)
		status, again, _, err := o.page(person, back)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, again)
	}
}

// browse opens pages until it is told to stop.
func (o *outage) browse(person *http.Client, target string, pause time.Duration, stop <-chan struct{}) {
	for {
		during := o.phase.Load()
		status, signIn, took, err := o.page(person, target)
		o.mu.Lock()
		t := &o.seen[during]
		t.longest = max(t.longest, took)
		switch {
		case err != nil:
			o.all = append(o.all, err.Error())
		case status == http.StatusOK:
			t.pages++
		case status == http.StatusServiceUnavailable:
			t.trouble++
		case status == http.StatusInternalServerError:
			t.trouble++
			t.broken++
		case signIn != "":
			t.signIn++
		default:
			o.all = append(o.all, fmt.Sprintf("%s: status %d", phases[during].name, status))
		}
		o.mu.Unlock()
		select {
		case <-stop:
			return
		case <-time.After(pause):
		}
	}
}

// A provider that fails in every way costs nobody a session, holds nobody up, and leaves nothing behind.
func TestNobodyLosesASessionWhileTheProviderFails(t *testing.T) {
	people, every, life, eighteenth := 12, 50*time.Millisecond, time.Second, 200*time.Millisecond
	if *long {
		people, every, life, eighteenth = 100, time.Second, 20*time.Second, 10*time.Second // twice, at once
	}
	for name, outlive := range map[string]bool{"ends with its token": false, "outlives its token": true} {
		t.Run("a session that "+name, func(t *testing.T) {
			t.Parallel()
			o := &outage{never: make(chan struct{}), seen: make([]tally, len(phases))}
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			issuer, address := "http://"+listener.Addr().String(), net.JoinHostPort("127.0.0.1", freePort(t))
			origin := "http://" + strings.Replace(address, "127.0.0.1", "localhost", 1)
			var users []devidp.User
			for i := range people {
				users = append(users, devidp.User{Name: fmt.Sprint("person", i), Claims: map[string]any{"name": fmt.Sprint("Person ", i)}})
			}
			o.idp, err = devidp.New(devidp.Options{
				Provider: provider.OIDC(issuer), Users: users, TokenLife: life, Refresh: devidp.Renewing,
				Clients: []devidp.Client{{ID: "site", RedirectURIs: []string{origin + "/.auth/callback"}}},
			})
			require.NoError(t, err)
			server := httptest.NewUnstartedServer(o.idp)
			server.Listener.Close()
			server.Listener = listener
			server.Config.ErrorLog = nil
			server.Start()
			t.Cleanup(server.Close)
			t.Cleanup(func() { close(o.never) })
			holds := startWatched(t, watchedConfig{issuer, address, outlive})
			require.Eventually(t, func() bool {
				c, err := net.Dial("tcp", address)
				if err == nil {
					c.Close()
				}
				return err == nil
			}, patience, 10*time.Millisecond)

			var browsers []*http.Client
			for i := range people {
				person := o.browser(t)
				o.signIn(t, person, origin, fmt.Sprint("person", i))
				browsers = append(browsers, person)
			}
			stop := make(chan struct{})
			var browsing sync.WaitGroup
			for _, person := range browsers {
				browsing.Go(func() { o.browse(person, origin+"/", every, stop) })
			}
			var figures []held
			for i, p := range phases {
				o.phase.Store(int32(i))
				met := o.faults.Load()
				p.fail(o)
				time.Sleep(time.Duration(p.share) * eighteenth)
				if !strings.HasPrefix(p.name, "well") { // for as long as it takes to be noticed
					require.Eventually(t, func() bool { return o.faults.Load() > met }, patience, 10*time.Millisecond, "nobody met a provider that is %s", p.name)
				}
				figures = append(figures, holds())
			}
			close(stop)
			browsing.Wait()

			for i, p := range phases {
				t.Logf("%-14s %6d pages %6d times told to wait %5d to sign in; the longest answer %v; then %d goroutines, %d KB",
					p.name, o.seen[i].pages, o.seen[i].trouble, o.seen[i].signIn, o.seen[i].longest.Round(time.Millisecond), figures[i].Goroutines, figures[i].Heap>>10)
			}
			require.Empty(t, o.all, "answers that are none")
			for i, p := range phases {
				require.Less(t, o.seen[i].longest, stuck, "somebody was held up: %s", p.name)
			}
			for _, person := range browsers {
				for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) { // a lie is remembered for a while
					status, signIn, _, err := o.page(person, origin+"/")
					require.NoError(t, err)
					if status == http.StatusOK {
						break
					}
					require.True(t, time.Now().Before(deadline), "somebody lost a session: status %d, sign in at %q, and the provider is well", status, signIn)
				}
			}
			for i, p := range phases {
				if outlive && p.silent {
					require.Zero(t, o.seen[i].trouble+o.seen[i].signIn, "silence is outlived: %s", p.name)
				}
				if p.silent {
					require.Zero(t, o.seen[i].broken, "silence is no fault of the site: %s", p.name)
					require.Zero(t, o.seen[i].signIn, "nobody can sign in at a provider that is %s", p.name)
				}
			}
			for _, person := range browsers {
				person.CloseIdleConnections()
			}
			before := figures[0]
			require.Eventually(t, func() bool { return holds().Goroutines <= before.Goroutines }, patience, 50*time.Millisecond, "goroutines are left")
			require.LessOrEqual(t, holds().Heap, before.Heap+before.Heap/2+4<<20, "memory is left")
		})
	}
}
