package cloudfront

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// visit is one request of a viewer, as events describe it: CloudFront Developer Guide, "Lambda@Edge event structure".
type visit struct {
	config  config
	request request
}

type config struct {
	Distribution   string `json:"distributionDomainName"`
	DistributionID string `json:"distributionId"`
	EventType      string `json:"eventType"`
	RequestID      string `json:"requestId"`
}

type request struct {
	ClientIP    string  `json:"clientIp"`
	Headers     headers `json:"headers"`
	Method      string  `json:"method"`
	Querystring string  `json:"querystring"`
	URI         string  `json:"uri"`
	Body        *body   `json:"body,omitempty"`
}

// body is that of a request, where the function is registered with IncludeBody.
type body struct {
	Action    string `json:"action"`
	Data      string `json:"data"`
	Encoding  string `json:"encoding"`
	Truncated bool   `json:"inputTruncated"`
}

// includeBody reads the body, and leaves the request as it was (page "Restrictions on edge functions", request body).
func (v *visit) includeBody(r *http.Request) error {
	content, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return err
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(content), r.Body), r.Body}
	cut := len(content) > maxBody
	v.request.Body = &body{"read-only", base64.StdEncoding.EncodeToString(content[:min(len(content), maxBody)]), "base64", cut}
	return nil
}

// headers maps names in lower case to entries.
type headers map[string][]entry

type entry struct {
	Key   string `json:"key,omitempty"`
	Value string `json:"value"`
}

type response struct {
	Status            string  `json:"status"`
	StatusDescription string  `json:"statusDescription"`
	Headers           headers `json:"headers"`
}

func newVisit(r *http.Request) *visit {
	id := make([]byte, 40)
	rand.Read(id)
	client, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		client = r.RemoteAddr
	}
	v := &visit{
		// The distribution's name is the host that was asked for, so that sites with the host "cloudfront" work here.
		config: config{Distribution: r.Host, DistributionID: "ELOCALDISTRIB", RequestID: base64.URLEncoding.EncodeToString(id)},
		request: request{
			ClientIP: client, Method: r.Method, URI: r.URL.EscapedPath(), Querystring: r.URL.RawQuery,
			Headers: headers{"host": {{"Host", r.Host}}},
		},
	}
	if path, _, _ := strings.Cut(r.RequestURI, "?"); strings.HasPrefix(path, "/") {
		v.request.URI = path // unchanged
	}
	for name, values := range r.Header {
		if lower := strings.ToLower(name); !hidden(lower) {
			for _, value := range values {
				v.request.Headers[lower] = append(v.request.Headers[lower], entry{name, value})
			}
		}
	}
	return v
}

type record struct {
	CF struct {
		Config   config    `json:"config"`
		Request  request   `json:"request"`
		Response *response `json:"response,omitempty"`
	} `json:"cf"`
}

// event is the payload of an event; origin is nil at viewer-request.
func (v *visit) event(origin *response) []byte {
	var r record
	r.CF.Config, r.CF.Request, r.CF.Response = v.config, v.request, origin
	payload, _ := json.Marshal(map[string][]record{"Records": {r}}) // strings always marshal
	return payload
}

// refused is the status that CloudFront answers before any function runs, and why; 0 if the function runs.
func (v *visit) refused(r *http.Request) (status int, why string) {
	size := len(v.request.URI) + len(v.request.Querystring)
	if size > maxURL {
		return http.StatusRequestURITooLong, fmt.Sprintf("the URL has %d bytes, and CloudFront takes %d", size, maxURL)
	}
	for name, values := range v.request.Headers {
		for _, value := range values {
			size += len(name) + len(value.Value) + len(": \r\n")
		}
	}
	switch {
	case size > maxRequest:
		return 494, fmt.Sprintf("the request has %d bytes, and CloudFront takes %d", size, maxRequest)
	case (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.ContentLength != 0:
		return http.StatusForbidden, r.Method + " with a body"
	}
	return 0, ""
}

// onward is r as the origin receives it.
func (q *request) onward(r *http.Request) (*http.Request, error) {
	target := q.URI
	if q.Querystring != "" {
		target += "?" + q.Querystring
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, fmt.Errorf("uri: %q is no path of a URL", q.URI)
	}
	out := r.Clone(r.Context())
	out.URL, out.RequestURI, out.Header = u, target, make(http.Header)
	for name, values := range q.Headers {
		for _, value := range values {
			if name != "host" {
				out.Header.Add(name, value.Value)
			}
		}
	}
	// Functions see neither of these, and CloudFront carries them: page "Use WebSockets with CloudFront distributions".
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		out.Header.Set("Connection", "Upgrade")
		out.Header.Set("Upgrade", "websocket")
	}
	return out, nil
}
