package e2e

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// visitor is a person's browser as far as redirects, cookies and the provider's own forms go: enough where a story is
// about what site and provider say to each other.
type visitor struct {
	t      *testing.T
	client *http.Client
}

// seen is the page that a visitor came to in the end.
type seen struct {
	status    int
	url, body string
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &visitor{t, &http.Client{Jar: jar}}
}

// open types an address.
func (v *visitor) open(target string) seen {
	v.t.Helper()
	return v.do(http.MethodGet, target, nil)
}

// visit opens a page of a site and signs in on the way, by filling in the forms that the provider shows.
func (v *visitor) visit(w *site, path string, who person) seen {
	v.t.Helper()
	page := v.enter(w, v.open(w.URL+path), who)
	require.Equal(v.t, w.URL+path, page.url, page.body)
	require.Equal(v.t, http.StatusOK, page.status)
	return page
}

// enter fills in the provider's forms from the page that shows the first of them, until it is a page of the site.
func (v *visitor) enter(w *site, page seen, who person, more ...string) seen {
	v.t.Helper()
	require.True(v.t, strings.HasPrefix(page.url, w.idp.URL+"/"), "at %s, not at the provider: %s", page.url, page.body)
	fields := url.Values{"username": {who.username}, "password": {who.password}}
	for i := 0; i+1 < len(more); i += 2 {
		fields.Set(more[i], more[i+1])
	}
	for strings.HasPrefix(page.url, w.idp.URL+"/") {
		form := forms.FindStringSubmatch(page.body)
		require.NotNil(v.t, form, "no form at %s: %s", page.url, page.body)
		answers := url.Values{}
		for _, field := range inputs.FindAllStringSubmatch(page.body, -1) {
			answers.Set(field[1], fields.Get(field[1]))
		}
		next := v.do(http.MethodPost, w.idp.URL+html.UnescapeString(form[1]), answers)
		require.NotEqual(v.t, page.body, next.body, "the same form again")
		page = next
	}
	return page
}

var (
	forms  = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
	inputs = regexp.MustCompile(`<input name="(\w+)"`)
)

func (v *visitor) do(method, target string, form url.Values) seen {
	v.t.Helper()
	r, err := http.NewRequest(method, target, strings.NewReader(form.Encode()))
	require.NoError(v.t, err)
	r.Header.Set("Accept", "text/html")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := v.client.Do(r)
	require.NoError(v.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	return seen{answer.StatusCode, answer.Request.URL.String(), string(body)}
}

// fetch is what a script of the page gets, without following anything.
func (v *visitor) fetch(target string) fetched {
	v.t.Helper()
	r, err := http.NewRequest(http.MethodGet, target, nil)
	require.NoError(v.t, err)
	for name, value := range map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"} {
		r.Header.Set(name, value)
	}
	client := *v.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(r)
	require.NoError(v.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	return fetched{Status: answer.StatusCode, Body: string(body)}
}
