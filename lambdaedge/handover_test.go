package lambdaedge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/edgeauth/edgeauth"
)

var (
	newKey = drawnKey("new")
	oldKey = drawnKey("old")
)

// drawnKey stands for 32 random bytes: the same ones in every run.
func drawnKey(name string) []byte {
	key := sha256.Sum256([]byte(name))
	return key[:]
}

// renewed is what the core decides where cookies can ride on an allowed response.
var renewed = edgeauth.Decision{
	Action: edgeauth.Allow, Header: http.Header{"Cache-Control": {"private, no-store"}},
	Cookies: []*http.Cookie{{Name: "session", Value: "new", Path: "/", Secure: true}, {Name: "session-1", Path: "/", MaxAge: -1}},
	Forward: edgeauth.Forward{Cookie: "theme=dark"},
}

// fetched is a viewer-request event of a script, with headers of the test's own.
func fetched(more string) string {
	return viewerRequest(`{"method":"GET","uri":"/api","querystring":"","headers":{` +
		`"cookie":[{"key":"Cookie","value":"session=old; theme=dark"}],"sec-fetch-mode":[{"key":"Sec-Fetch-Mode","value":"cors"}]` + more + `}}`)
}

func newHandoverHandler(t testing.TB, c edgeauth.Checker, log *bytes.Buffer, keys ...[]byte) *Handler {
	h, err := NewWithOptions(c, Options{ViewerResponse: true, Keys: keys, Logger: slog.New(slog.NewJSONHandler(log, nil))})
	require.NoError(t, err)
	return h
}

func serve(t testing.TB, h *Handler, payload string) string {
	out, err := h.Invoke(context.Background(), []byte(payload))
	require.NoError(t, err)
	return string(out)
}

// handedOver is what a handler hands over for the request req-1.
func handedOver(t testing.TB, h *Handler) string {
	var passed struct {
		Status  string
		Headers map[string][]struct{ Key, Value string }
	}
	require.NoError(t, json.Unmarshal([]byte(serve(t, h, fetched(""))), &passed))
	require.Empty(t, passed.Status)
	require.Len(t, passed.Headers["edgeauth-handover"], 1)
	return passed.Headers["edgeauth-handover"][0].Value
}

const originsResponse = `{ "status" : "200", "statusDescription":"OK", "later":[1.0], "headers" : { "Set-Cookie":[{"key":"set-cookie","value":"app=\u0031"}],` +
	`"x-a" : [{ "value":"1" }], "CACHE-control":[{"value":"public"}],"date":[{"key":"Date","value":"now"}]} }`

func viewerResponse(requestID, handed, response string) string {
	return `{"Records":[{"cf":{"config":{"eventType":"viewer-response","requestId":"` + requestID + `"},"request":{"method":"GET","uri":"/api","headers":{` +
		`"edgeauth-handover":[{"key":"Edgeauth-Handover","value":"` + handed + `"}]}},"response":` + response + `}}]}`
}

func TestWhatIsHandedOverIsAddedToTheResponseAndNothingElseChanges(t *testing.T) {
	var log bytes.Buffer
	h := newHandoverHandler(t, decide(renewed), &log, newKey)
	value := handedOver(t, h)
	require.NotContains(t, value, "session")
	require.Equal(t, `{ "status" : "200", "statusDescription":"OK", "later":[1.0], "headers" : {"x-a" : [{ "value":"1" }],`+
		`"date":[{"key":"Date","value":"now"}],"cache-control":[{"key":"Cache-Control","value":"private, no-store"}],`+
		`"set-cookie":[{"key":"Set-Cookie","value":"app=1"},{"key":"Set-Cookie","value":"session=new; Path=/; Secure"},`+
		`{"key":"Set-Cookie","value":"session-1=; Path=/; Max-Age=0"}]} }`,
		serve(t, h, viewerResponse("req-1", value, originsResponse)))
	require.Empty(t, log.String())

	// One instance may serve the request, and another the response.
	other := newHandoverHandler(t, neverAsked(t), &log, oldKey, newKey)
	require.Contains(t, serve(t, other, viewerResponse("req-1", value, originsResponse)), "session=new", "any of the keys opens")
}

func TestTheRequestGoesOnWithoutItsSessionAndWithWhatIsHandedOver(t *testing.T) {
	h := newHandoverHandler(t, decide(renewed), new(bytes.Buffer), newKey)
	out := serve(t, h, fetched(`,"x":[]`))
	before, after, _ := strings.Cut(out, `"edgeauth-handover":[{"key":"Edgeauth-Handover","value":"`)
	require.Equal(t, `{"method":"GET","uri":"/api","querystring":"","headers":{"sec-fetch-mode":[{"key":"Sec-Fetch-Mode","value":"cors"}],"x":[],`+
		`"cookie":[{"key":"Cookie","value":"theme=dark"}],`, before)
	_, after, _ = strings.Cut(after, `"`)
	require.Equal(t, `}]}}`, after)
}

func TestAResponseIsUnchangedWhereWhatWasHandedOverIsNotForIt(t *testing.T) {
	var log bytes.Buffer
	h := newHandoverHandler(t, decide(renewed), &log, newKey)
	now := time.Now()
	h.handover.now = func() time.Time { return now }
	value := handedOver(t, h)
	flipped := []byte(value)
	flipped[len(flipped)/2] ^= 1
	foreign := handedOver(t, newHandoverHandler(t, decide(renewed), &log, oldKey))
	for name, test := range map[string]struct {
		payload string
		later   time.Duration
		says    string
	}{
		"of another request":        {viewerResponse("req-2", value, originsResponse), 0, "not ours"},
		"of a request without id":   {viewerResponse("", value, originsResponse), 0, "not ours"},
		"30 seconds old":            {viewerResponse("req-1", value, originsResponse), 30 * time.Second, "too old"},
		"one bit different":         {viewerResponse("req-1", string(flipped), originsResponse), 0, "not ours"},
		"cut short":                 {viewerResponse("req-1", value[:40], originsResponse), 0, "not ours"},
		"no base64":                 {viewerResponse("req-1", "~", originsResponse), 0, "not ours"},
		"longer than any of ours":   {viewerResponse("req-1", strings.Repeat("A", 9000), originsResponse), 0, "not ours"},
		"sealed with another key":   {viewerResponse("req-1", foreign, originsResponse), 0, "not ours"},
		"empty":                     {viewerResponse("req-1", "", originsResponse), 0, ""},
		"for 40 KB of response":     {viewerResponse("req-1", value, `{"status":"200","headers":{"x":[{"value":"`+strings.Repeat("a", 40_000)+`"}]}}`), 0, "CloudFront takes"},
		"for one without headers":   {viewerResponse("req-1", value, `{"status":"200"}`), 0, "lacks"},
		"29 seconds old is just so": {viewerResponse("req-1", value, originsResponse), 29 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			log.Reset()
			h.handover.now = func() time.Time { return now.Add(test.later) }
			_, response, _ := strings.Cut(test.payload, `"response":`)
			response = strings.TrimSuffix(response, `}}]}`)
			out := serve(t, h, test.payload)
			if strings.HasPrefix(name, "29") {
				require.Contains(t, out, "session=new")
				return
			}
			require.Equal(t, response, out)
			if test.says == "" {
				require.Empty(t, log.String())
			} else {
				require.Contains(t, log.String(), test.says)
				require.Contains(t, log.String(), `"reference"`)
			}
			require.NotContains(t, log.String(), value)
		})
	}
}

func TestAHandOverOfTheViewersOwnNeverGoesOn(t *testing.T) {
	own := `"edgeauth-handover":[{"key":"Edgeauth-Handover","value":"x"}]`
	allow := decide{Action: edgeauth.Allow}
	for name, h := range map[string]*Handler{
		"with the option": newHandoverHandler(t, allow, new(bytes.Buffer), newKey),
		"without it":      New(allow),
	} {
		for _, spelling := range []string{"edgeauth-handover", "Edgeauth-Handover", "EDGEAUTH_HANDOVER", `edgeauth\u002dhandover`} {
			t.Run(name+" "+spelling, func(t *testing.T) {
				headers := strings.Replace(own, "edgeauth-handover", spelling, 1)
				require.Equal(t, `{"uri":"/","headers":{"a":[]}}`, serve(t, h, viewerRequest(`{"uri":"/","headers":{"a":[],`+headers+`}}`)))
			})
		}
	}
	h := newHandoverHandler(t, decide(renewed), new(bytes.Buffer), newKey)
	require.Equal(t, 1, strings.Count(serve(t, h, fetched(","+own)), `"edgeauth-handover"`))
}

func TestOnlyRequestsThatARedirectWouldBotherAreHandedOver(t *testing.T) {
	header := func(name, value string) string { return `"` + name + `":[{"value":"` + value + `"}]` }
	for name, test := range map[string]struct {
		request string
		want    bool
	}{
		"a fetch":                    {`{"method":"GET","headers":{` + header("sec-fetch-mode", "cors") + `}}`, true},
		"an old browser's fetch":     {`{"method":"GET","headers":{` + header("accept", "application/json") + `}}`, true},
		"a form post":                {`{"method":"POST","headers":{` + header("sec-fetch-mode", "navigate") + `}}`, true},
		"a prefetch":                 {`{"method":"GET","headers":{` + header("sec-fetch-mode", "navigate") + `,` + header("sec-purpose", "prefetch") + `}}`, true},
		"an object":                  {`{"method":"GET","headers":{` + header("sec-fetch-mode", "navigate") + `,` + header("sec-fetch-dest", "object") + `}}`, true},
		"an old script":              {`{"method":"GET","headers":{` + header("accept", "text/html") + `,` + header("x-requested-with", "XMLHttpRequest") + `}}`, true},
		"an old browser's XHTML":     {`{"method":"GET","headers":{` + header("accept", "application/xhtml+xml") + `}}`, false},
		"an embedded thing":          {`{"method":"GET","headers":{` + header("sec-fetch-mode", "navigate") + "," + header("sec-fetch-dest", "embed") + `}}`, true},
		"4 KB of cookies":            {`{"method":"POST","headers":{` + header("cookie", strings.Repeat("a", 4096)) + `}}`, true},
		"more":                       {`{"method":"POST","headers":{` + header("cookie", strings.Repeat("a", 4097)) + `}}`, false},
		"more in two lines":          {`{"method":"POST","headers":{"cookie":[{"value":"` + strings.Repeat("a", 4096) + `"},{"value":"b"}]}}`, false},
		"a navigation":               {`{"method":"GET","headers":{` + header("sec-fetch-mode", "navigate") + `}}`, false},
		"a HEAD for a page":          {`{"method":"HEAD","headers":{` + header("sec-fetch-mode", "navigate") + `}}`, false},
		"an old browser's page view": {`{"method":"GET","headers":{` + header("accept", "text/html,*/*") + `}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			asked := false
			h := newHandoverHandler(t, ask(func(r *edgeauth.Request) edgeauth.Decision {
				asked = true
				require.Equal(t, test.want, r.CookiesOnAllow)
				return edgeauth.Decision{}
			}), new(bytes.Buffer), newKey)
			serve(t, h, viewerRequest(test.request))
			require.True(t, asked)
		})
	}
	t.Run("a request without an id", func(t *testing.T) {
		h := newHandoverHandler(t, ask(func(r *edgeauth.Request) edgeauth.Decision {
			require.False(t, r.CookiesOnAllow)
			return edgeauth.Decision{}
		}), new(bytes.Buffer), newKey)
		serve(t, h, `{"Records":[{"cf":{"request":{"method":"POST"}}}]}`)
	})
}

func TestWhatCannotBeHandedOverIsOurOwnPageAndALogLine(t *testing.T) {
	long, length, warning := renewed, renewed, renewed
	long.Cookies = []*http.Cookie{{Name: "session", Value: strings.Repeat("s3cret", 1100)}}
	length.Header = http.Header{"Content-Length": {"1"}}
	warning.Header = http.Header{"Warning": {"1"}}
	for name, d := range map[string]edgeauth.Decision{"too long": long, "Content-Length": length, "Warning": warning} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			out := serve(t, newHandoverHandler(t, decide(d), &log, newKey), fetched(""))
			require.Contains(t, out, `"status":"500"`)
			require.Contains(t, log.String(), "viewer-response")
			require.NotContains(t, log.String()+out, "s3cret")
		})
	}
}

func TestViewerResponseEventsAreRefusedWithoutTheOption(t *testing.T) {
	out, res, logged := invoke(t, neverAsked(t), viewerResponse("req-1", "x", originsResponse))
	require.Contains(t, string(out), `"status":"500"`)
	requireDenied(t, "500", res)
	require.Contains(t, logged, "viewer-response")
}

func TestTheOptionTakesNoOtherEvent(t *testing.T) {
	request := `"request":{"uri":"/","headers":{}}`
	for _, cf := range []string{
		`"config":{"eventType":"viewer-response"},` + request,
		`"config":{"eventType":"origin-response"},` + request + `,"response":{"headers":{}}`,
		`"config":{},` + request + `,"response":{"headers":{}}`,
		`"config":{"eventType":"origin-request"},` + request,
	} {
		out := serve(t, newHandoverHandler(t, neverAsked(t), new(bytes.Buffer), newKey), `{"Records":[{"cf":{`+cf+`}}]}`)
		require.Contains(t, out, `"status":"500"`)
	}
}

func TestOptionsFaultsNameTheFieldAndTheRemedy(t *testing.T) {
	_, err := NewWithOptions(decide{}, Options{ViewerResponse: true})
	require.EqualError(t, err, "lambdaedge: Keys: is empty, and ViewerResponse needs a key; give 32 random bytes")
	_, err = NewWithOptions(decide{}, Options{ViewerResponse: true, Keys: [][]byte{newKey, newKey[:5], make([]byte, 32)}})
	require.EqualError(t, err, "lambdaedge: Keys[1]: has 5 bytes, want 32; make one with: openssl rand -base64 32\n"+
		"Keys[2]: is made up, and has to be 32 random bytes; make one with: openssl rand -base64 32")
}

func FuzzHandover(f *testing.F) {
	h := newHandoverHandler(f, decide(renewed), new(bytes.Buffer), newKey)
	f.Add("req-1", handedOver(f, h))
	f.Add("req-1", "")
	f.Add("", "AAAA")
	f.Fuzz(func(t *testing.T, requestID, value string) {
		if header, err := h.handover.open(requestID, value); err == nil {
			require.Equal(t, "req-1", requestID)
			require.Len(t, header["Set-Cookie"], 2)
		}
	})
}
