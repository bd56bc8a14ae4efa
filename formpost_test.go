package edgeauth_test

import (
	"crypto"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
	"github.com/edgeauth/edgeauth/internal/devidp"
	"github.com/edgeauth/edgeauth/internal/devsite"
	"github.com/edgeauth/edgeauth/provider"
)

func formPost(c *edgeauth.Config, _ *devidp.Options) { c.Provider.ResponseMode = provider.FormPost }

// postedAnswer is what the provider has the browser post.
func (w *world) postedAnswer(location, user string) url.Values {
	r, err := http.NewRequest(http.MethodPost, location, strings.NewReader(url.Values{"user": {user}}.Encode()))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := w.IdP.Transport().RoundTrip(r)
	require.NoError(w.t, err)
	page, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	_, form := devsite.Form(page)
	require.NotEmpty(w.t, form.Get("state"), "%s", page)
	return form
}

// posts is the browser's post from the provider's page: no cookie that is Lax comes with it.
func (w *world) posts(body string) edgeauth.Decision {
	r := w.request(http.MethodPost, "/.auth/callback")
	header := maps.Clone(navigation)
	header["Sec-Fetch-Site"] = "cross-site"
	r.Header = func(name string) string { return header[name] }
	r.Cookie = nil
	r.Body = func() ([]byte, error) { return []byte(body), nil }
	return w.Guard.Check(w.t.Context(), r)
}

func TestAnAnswerThatIsPostedComesAgainByGET(t *testing.T) { // Form Post Response Mode
	with(t, formPost, func(t *testing.T, w *world) {
		d := w.get("/deep?x=1")
		require.Contains(t, d.Location, "response_mode=form_post")
		form := w.postedAnswer(d.Location, "alice")
		form.Set("user", `{"name":{"firstName":"A"}}`) // Apple's, which is for nobody here
		d = w.posts(form.Encode())
		require.Equal(t, "callback_posted", edgeauth.Code(d.Reason))
		require.Equal(t, http.StatusSeeOther, d.Status)
		require.Empty(t, d.Cookies)
		require.NotContains(t, d.Location, "firstName")
		d = w.get(strings.TrimPrefix(d.Location, appURL))
		require.Equal(t, "signed_in", d.Code(), "%v", d.Reason)
		require.Equal(t, appURL+"/deep?x=1", d.Location)
		require.Equal(t, edgeauth.Allow, w.get("/deep").Action)
	})
}

func TestAPostedAnswerThatIsNoneIsRefused(t *testing.T) {
	w := newWorld(t, formPost)
	form := w.postedAnswer(w.get("/").Location, "alice")
	for name, body := range map[string]string{
		"state comes twice": form.Encode() + "&state=x",
		"an ID token":       form.Encode() + "&id_token=x.y.z",
		"an access token":   form.Encode() + "&access_token=x",
		"a code too long":   "state=x&code=" + strings.Repeat("c", 20_000),
	} {
		d := w.posts(body)
		require.Equal(t, "callback_malformed", edgeauth.Code(d.Reason), name)
		require.Equal(t, http.StatusBadRequest, d.Status, name)
	}
	require.Equal(t, "state_missing", w.code(strings.TrimPrefix(w.posts("").Location, appURL)))
	for name, body := range map[string]func() ([]byte, error){
		"no body at all": nil,
		"a broken one":   func() ([]byte, error) { return nil, errors.New("cut") },
	} {
		r := w.request(http.MethodPost, "/.auth/callback")
		r.Body = body
		d := w.Guard.Check(t.Context(), r)
		require.Equal(t, "callback_malformed", edgeauth.Code(d.Reason), name)
		if body == nil {
			require.ErrorContains(t, d.Reason, "IncludeBody")
		}
	}
	// Somebody else's answer finds no attempt of this browser.
	other := newWorld(t, formPost)
	d := other.posts(form.Encode())
	require.Equal(t, "state_mismatch", other.code(strings.TrimPrefix(d.Location, appURL)))
	require.Equal(t, http.StatusMethodNotAllowed, w.do(http.MethodPut, "/.auth/callback").Status)
}

func TestAPostIsNoAnswerWhereTheQueryIs(t *testing.T) { // C15
	w := newWorld(t, nil)
	d := w.posts("code=a&state=b")
	require.Equal(t, http.StatusMethodNotAllowed, d.Status)
	require.Equal(t, "GET", d.Header.Get("Allow"))
}

// Apple has habits enough for two: the answer comes by a form, and the secret is a token that a key signs.
func TestASignInWithApple(t *testing.T) {
	key := newKey("ES256").Private.(crypto.Signer)
	with(t, func(c *edgeauth.Config, o *devidp.Options) {
		c.Provider = provider.Apple("1A2B3C4D5E")
		c.OpenToEveryone, c.ClientKey, c.ClientKeyID = true, key, "ABC123DEFG"
		o.Clients[0].Key = key.Public()
	}, func(t *testing.T, w *world) {
		w.signedIn("alice", "/deep")
		w.Wait(2 * time.Hour)
		require.Equal(t, edgeauth.Allow, w.follow("alice", "/deep").Action)
		require.Equal(t, 1, w.IdP.Calls(devidp.Authorize))
	})
}
