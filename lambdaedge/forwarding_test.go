package lambdaedge_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/edgeauthtest"
	"github.com/edgeauth/edgeauth/lambdaedge"
)

// forwarding is a site whose function tells its origin who asks, with alice signed in.
func forwarding(t *testing.T, change func(*edgeauth.Config)) (*edgeauthtest.World, *cloudFront) {
	w, c := newSite(t, lambdaedge.Options{}, nil, func(c *edgeauth.Config) {
		c.Rules = []edgeauth.Rule{{Path: "/public/", Anyone: true}}
		c.Forward.Headers = map[string]string{"X-Auth-Subject": "sub", "X-Auth-Name": "name"}
		change(c)
	})
	require.NoError(t, w.Browser.Navigate(appURL+"/page"))
	require.NoError(t, w.Browser.SubmitForm(map[string]string{"user": "alice"}))
	require.Equal(t, 200, w.Browser.Status())
	return w, c
}

// again sends the last event once more, with another request.
func (c *cloudFront) again(edit func(*message)) message {
	var e struct {
		Records []struct{ CF struct{ Request message } }
	}
	require.NoError(c.t, json.Unmarshal(c.events[len(c.events)-1], &e))
	m := e.Records[0].CF.Request
	edit(&m)
	return c.invoke(c.event("viewer-request", "again", m, nil))
}

func TestTheOriginLearnsWhoAsksFromTheSessionAlone(t *testing.T) {
	_, c := forwarding(t, func(*edgeauth.Config) {})
	forged := func(m *message) {
		for _, name := range []string{"x-auth-subject", "X-AUTH-NAME", "x_auth_subject", "X_Auth-Name"} {
			m.Headers[name] = []entry{{name, "mallory"}}
		}
		m.Headers["cookie"] = append(m.Headers["cookie"], entry{"Cookie", "theme=dark"})
	}
	m := c.again(forged)
	require.Equal(t, []entry{{"X-Auth-Subject", "alice"}}, m.Headers["x-auth-subject"])
	require.Equal(t, []entry{{"X-Auth-Name", "Alice"}}, m.Headers["x-auth-name"])
	require.Equal(t, []entry{{"Cookie", "theme=dark"}}, m.Headers["cookie"])
	require.NotContains(t, string(c.results[len(c.results)-1]), "mallory")

	m = c.again(func(m *message) { forged(m); m.URI = "/public/x"; delete(m.Headers, "cookie") })
	require.Empty(t, m.Status)
	require.NotContains(t, string(c.results[len(c.results)-1]), "mallory", "on public paths, too")
	require.NotContains(t, m.Headers, "x-auth-subject")
}

// What a rule has let through is what the origin serves, and who asks is who came to CloudFront.
func TestTheOriginServesTheRequestThatTheRulesHaveSeen(t *testing.T) {
	_, c := forwarding(t, func(*edgeauth.Config) {})
	for _, name := range []string{
		"x-original-url", "x_original_url", "x-rewrite-url", "x-http-method-override", "x-http-method", "x-method-override", "x-forwarded-prefix",
		"x-forwarded-host", "x_forwarded_host", "x.forwarded.uri", "forwarded", "x-host", "true-client-ip", "x-client-ip", "x_forwarded_ssl",
	} {
		for _, uri := range []string{"/public/x", "/private"} {
			m := c.again(func(m *message) { m.URI = uri; m.Headers[name] = []entry{{name, "/admin/mallory"}} })
			require.Empty(t, m.Status, name)
			require.NotContains(t, m.Headers, name, uri)
			require.NotContains(t, string(c.results[len(c.results)-1]), "mallory")
		}
	}
}

func TestAnAPIBehindTheSameDistributionGetsTheAccessToken(t *testing.T) {
	_, c := forwarding(t, func(config *edgeauth.Config) { config.Forward.AccessToken = true })
	forged := []entry{{"authorization", "Bearer forged"}}
	m := c.again(func(m *message) { m.Headers["authorization"] = forged })
	require.Len(t, m.Headers["authorization"], 1)
	require.True(t, strings.HasPrefix(m.Headers["authorization"][0].Value, "Bearer ey"))
	m = c.again(func(m *message) { m.URI, m.Headers["authorization"] = "/public/x", forged })
	require.NotContains(t, m.Headers, "authorization")
}

func TestPathsThatNameNoFileAreServedByTheIndex(t *testing.T) {
	for name, test := range map[string]struct {
		index edgeauth.Index
		want  map[string]string
	}{
		"a single-page app": {edgeauth.Index{SPA: "/index.html"}, map[string]string{
			"/": "/index.html", "/orders/7": "/index.html", "/app.js": "/app.js", "/a%20b/c": "/index.html", "/a%20b.css": "/a%20b.css",
		}},
		"folders": {edgeauth.Index{Folder: "index.html"}, map[string]string{
			"/": "/index.html", "/docs/": "/docs/index.html", "/a%20b/": "/a%20b/index.html", "/app.js": "/app.js",
		}},
		"neither": {edgeauth.Index{}, map[string]string{"/": "/", "/docs": "/docs"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, c := forwarding(t, func(config *edgeauth.Config) { config.Index = test.index })
			for asked, served := range test.want {
				m := c.again(func(m *message) { m.URI = asked; m.QueryString = &queryOf7 })
				require.Equal(t, served, m.URI, asked)
				require.Equal(t, "id=7", *m.QueryString)
			}
			m := c.again(func(m *message) { m.URI = "/docs"; m.Method = "POST" })
			require.Equal(t, "/docs", m.URI, "only what is read is rewritten")
		})
	}
}

var queryOf7 = "id=7"

func TestEveryCookieEntryCounts(t *testing.T) {
	_, c := forwarding(t, func(*edgeauth.Config) {})
	cookies := c.cookies()
	require.Len(t, cookies, 1)
	for name, lines := range map[string][]entry{
		"first":               {{"Cookie", cookies[0]}, {"Cookie", "a=1"}, {"cookie", "b=2"}},
		"last":                {{"cookie", "a=1; b=2"}, {"Cookie", cookies[0]}},
		"in the middle":       {{"COOKIE", "a=1; " + cookies[0] + "; b=2"}},
		"with odd neighbours": {{"Cookie", "a=1;;= ;" + cookies[0] + ";b=2"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := c.again(func(m *message) { m.Headers["cookie"] = lines })
			require.Empty(t, m.Status, "signed in")
			require.Len(t, m.Headers["cookie"], 1)
			require.NotContains(t, m.Headers["cookie"][0].Value, "edgeauth")
			require.Regexp(t, `^a=1;.*b=2$`, m.Headers["cookie"][0].Value)
		})
	}
}

func TestTheLogIsLinesOfJSONWithCloudFrontsRequestID(t *testing.T) {
	w, c := newSite(t, lambdaedge.Options{}, nil, nil)
	require.NoError(t, w.Browser.Navigate(appURL+"/page"))
	c.invoke([]byte(`{"Records":[{"cf":{"config":{"requestId":"odd-1","eventType":"origin-request"},"request":{"uri":"/"}}}]}`))
	c.invoke([]byte(`{"Records":[{"cf":{"config":{"requestId":"odd-2"},"request":{"uri":7}}}]}`))
	got := map[string]string{}
	for line := range strings.Lines(c.log.String()) {
		var record struct{ Time, Level, Msg, Code, Reference, Reason string }
		require.NoError(t, json.Unmarshal([]byte(line), &record), "%s", line)
		require.NotEmpty(t, record.Level)
		require.NotEmpty(t, record.Reason)
		got[record.Reference] = record.Code
	}
	require.Equal(t, map[string]string{"request-0==": "no_session", "odd-1": "internal", "odd-2": "bad_request"}, got)
}
