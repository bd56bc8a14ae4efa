package e2e

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fleet is one packaged function behind a local CloudFront, and the bucket with its sites' documents.
type fleet struct {
	t       *testing.T
	bucket  *bucket
	port    string
	process *process
}

// shortTTL is how long a document counts in these journeys. After a failure the bucket is left alone for 10 s.
const shortTTL = 2 * time.Second

func startFleet(t *testing.T) *fleet {
	t.Helper()
	needTools(t)
	f := &fleet{t: t, bucket: startBucket(t), port: freePort(t)}
	dir := t.TempDir()
	keys, zip := filepath.Join(dir, "keys"), filepath.Join(dir, "function.zip")
	key := make([]byte, 32)
	rand.Read(key)
	require.NoError(t, os.WriteFile(keys, []byte(base64.StdEncoding.EncodeToString(key)), 0o600))
	out, err := exec.Command(command(t), "package", "-source", f.bucket.source(), "-keys", keys, "-ttl", shortTTL.String(), "-o", zip).CombinedOutput()
	require.NoError(t, err, "%s", out)
	f.process = start(t, "edgeauth edge", "env",
		"AWS_ACCESS_KEY_ID="+reader.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+reader.SecretAccessKey, "AWS_SESSION_TOKEN=",
		command(t), "edge", "-zip", zip, "-dir", "site", "-addr", "127.0.0.1:"+f.port, "-timeout", "30s", "-init-timeout", patience.String(), "-memory", "512")
	f.process.line(t, "listening on")
	return f
}

// site is a site of the fleet, with a provider of its own; its document is not in the bucket yet.
func (f *fleet) site(name string, s setup, more ...string) *site {
	f.t.Helper()
	w := &site{URL: f.url(name), setup: s, process: f.process}
	config := s.idpConfig(w.URL)
	for _, other := range more { // sites that share the client
		config.Clients[0].RedirectURIs = append(config.Clients[0].RedirectURIs, f.url(other)+"/.auth/callback")
		config.Clients[0].PostLogoutRedirectURI = append(config.Clients[0].PostLogoutRedirectURI, f.url(other)+"/.auth/signed-out")
	}
	w.idp = startIDP(f.t, config)
	return w
}

func (f *fleet) url(name string) string { return "https://" + name + ".localhost:" + f.port }

func host(w *site) string { return strings.TrimPrefix(w.URL, "https://") }

// document is a site's, without keys: the function has the master keys.
func (f *fleet) document(w *site) object {
	doc := w.setup.document(w)
	doc["hosts"] = []string{host(w)}
	doc["session"] = object{"mode": w.setup.mode}
	return doc
}

// visit is one request without a browser; it follows nothing.
func (f *fleet) visit(w *site, path, cookies string) (status int, body string) {
	f.t.Helper()
	client := &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // a throw-away authority, on loopback
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+f.port)
			},
			DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	r, err := http.NewRequest(http.MethodGet, w.URL+path, nil)
	require.NoError(f.t, err)
	r.Header.Set("Accept", "text/html")
	if cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	answer, err := client.Do(r)
	require.NoError(f.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(f.t, err)
	return answer.StatusCode, answer.Header.Get("Location") + string(content)
}

// until visits a site until it answers with a status.
func (f *fleet) until(w *site, path string, status int) {
	f.t.Helper()
	var got int
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if got, _ = f.visit(w, path, ""); got == status {
			return
		}
	}
	require.FailNow(f.t, "waited in vain", "%s%s answers %d, not %d", w.URL, path, got, status)
}

// person is somebody who has signed in at a site and stays there.
func (f *fleet) person(w *site, who person) *tab {
	f.t.Helper()
	p := edgeTab(f.t, newBrowser(f.t))
	p.visit(w, "/", who)
	p.sees("#who", who.name)
	return p
}

// carriesOn is a page view of somebody who is signed in.
func (p *tab) carriesOn(w *site) {
	p.t.Helper()
	p.open(w.URL + "/")
	p.sees("#who", ada.name)
	require.Contains(p.t, p.fetch("/data/members.json").Body, secret)
}

func TestOneFunctionProtectsTheSitesOfABucket(t *testing.T) {
	t.Parallel()
	f := startFleet(t)
	shop := f.site("shop", setup{mode: "sealed"}, "annex")
	staff := f.site("staff", setup{mode: "sealed", shape: entraLike})
	lab := f.site("lab", setup{mode: "tokens", shape: cognitoLike, accessToken: true})
	nobody := &site{URL: f.url("nobody")}
	for _, w := range []*site{shop, staff, lab} {
		f.bucket.put(host(w), f.document(w))
	}

	// Three sites, three providers, one function.
	people := map[*site]*tab{}
	for _, w := range []*site{shop, staff, lab} {
		people[w] = f.person(w, ada)
		require.Len(t, w.idp.tokenCalls(t, "authorization_code"), 1)
	}
	everybody := func(sites ...*site) {
		t.Helper()
		for _, w := range sites {
			people[w].carriesOn(w)
		}
	}
	everybody(shop, staff, lab)
	people[shop].shot("many-sites-shop")

	// A host without a document is told calmly that there is nothing, and S3 is asked for it once.
	for range 30 {
		status, body := f.visit(nobody, "/", "")
		require.Equal(t, http.StatusMisdirectedRequest, status, body)
	}
	require.Equal(t, []int{http.StatusNotFound}, f.bucket.statuses(host(nobody)))

	// A new site is a new document; here with the provider and the client of another.
	annex := &site{URL: f.url("annex"), setup: shop.setup, process: f.process, idp: shop.idp}
	f.bucket.put(host(annex), f.document(annex))
	f.until(annex, "/", http.StatusFound)
	people[annex] = f.person(annex, ada)
	everybody(shop, annex)
	var cookies, renamed []string
	for _, c := range people[shop].cookies(shop.URL) {
		cookies = append(cookies, c.Name+"="+c.Value)
		for _, other := range people[annex].cookies(annex.URL) {
			renamed = append(renamed, other.Name+"="+c.Value)
		}
	}
	require.NotEmpty(t, renamed)
	status, _ := f.visit(shop, "/", strings.Join(cookies, "; "))
	require.Equal(t, http.StatusOK, status)
	for _, foreign := range [][]string{cookies, renamed} {
		status, _ = f.visit(annex, "/", strings.Join(foreign, "; "))
		require.Equal(t, http.StatusFound, status, "a session of one site is good at another")
	}

	// A document that is broken keeps its last good one in force, and its fault in the log.
	f.bucket.putText(host(shop), `{"hosts": ["`+host(shop)+`"], "client_idd": 7}`)
	f.saysSoon(shop, `client_idd: unknown member`)
	everybody(shop, staff, lab, annex)
	repaired := f.document(shop)
	repaired["rules"] = append(repaired["rules"].([]object), object{"path": "/reports/", "allow": "anyone"})
	f.bucket.put(host(shop), repaired)
	f.until(shop, "/reports/week.html", http.StatusOK)
	everybody(shop, staff, lab, annex)
	require.Contains(t, f.bucket.statuses(host(staff)), http.StatusNotModified, "an unchanged document is sent again")

	// Deleted, a site ends within its TTL, and is back with its document.
	f.bucket.remove(host(lab))
	f.until(lab, "/", http.StatusMisdirectedRequest)
	people[lab].open(lab.URL + "/")
	people[lab].shot("many-sites-deleted")
	everybody(shop, staff, annex)
	f.bucket.put(host(lab), f.document(lab))

	// The bucket refuses, hangs, is gone: whoever the function knows goes on, and strangers still sign in.
	held := []*site{shop, staff, annex}
	for _, trouble := range []struct {
		says       string
		begin, end func()
	}{
		{"AccessDenied", func() { f.bucket.allow() }, func() { f.bucket.allow("s3:GetObject", "s3:ListBucket") }},
		{"deadline exceeded", func() { f.bucket.on(slow) }, func() { f.bucket.on(nil) }},
		{"EOF", func() { f.bucket.on(broken) }, func() { f.bucket.on(nil) }},
	} {
		trouble.begin()
		f.saysSoon(shop, trouble.says)
		everybody(held...)
		f.person(staff, ada)
		status, body := f.visit(&site{URL: f.url("stranger-" + strings.ToLower(trouble.says[:3]))}, "/", "")
		require.Equal(t, http.StatusServiceUnavailable, status, "a site that was never had: %s", body)
		require.NotContains(t, body, trouble.says)
		trouble.end()
	}
	f.until(lab, "/", http.StatusFound)
	require.False(t, slices.Contains(f.bucket.statuses(host(shop)), http.StatusNotFound))
	require.NotContains(t, f.process.output.String(), reader.SecretAccessKey)
	require.NotContains(t, f.process.output.String(), "Lambda", "CloudFront would have answered 502 or 503")
}

// saysSoon waits until the function's log tells of trouble with a site's document; visits make it look.
func (f *fleet) saysSoon(w *site, what string) {
	f.t.Helper()
	seen := len(f.process.output.String())
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		f.visit(w, "/", "")
		for line := range strings.Lines(f.process.output.String()[seen:]) {
			if strings.Contains(line, host(w)) && strings.Contains(line, what) && strings.Contains(line, "last_good_goes_on") {
				return
			}
		}
	}
	require.FailNow(f.t, "the log never said "+what)
}
