package cloudfront

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// originResponse is what the origin writes to. The function sees its headers first where the distribution runs it at
// viewer-response.
type originResponse struct {
	http.ResponseWriter
	distribution *Distribution
	visit        *visit
	begun        bool
	failed       bool // what the origin writes is dropped
}

// Unwrap is for http.ResponseController: what an origin flushes reaches the viewer.
func (o *originResponse) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func (o *originResponse) WriteHeader(status int) {
	if o.begun || status < 200 {
		if !o.failed {
			o.ResponseWriter.WriteHeader(status)
		}
		return
	}
	o.begun = true
	if o.Header().Get("X-Cache") == "" {
		o.Header().Set("X-Cache", "Miss from cloudfront")
	}
	// Where the origin answers with an error, CloudFront does not run the function: page "Restrictions on edge
	// functions", HTTP status codes.
	if d := o.distribution; d.ViewerResponse && status < 400 {
		failure, class, err := o.viewerResponse(status)
		if err != nil {
			o.failed = true
			clear(o.Header())
			d.fail(o.ResponseWriter, o.visit, failure, class, err.Error())
			return
		}
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *originResponse) Write(p []byte) (int, error) {
	if !o.begun {
		o.WriteHeader(http.StatusOK)
	}
	if o.failed {
		return len(p), nil
	}
	return o.ResponseWriter.Write(p)
}

// viewerResponse lets the function change the headers.
func (o *originResponse) viewerResponse(status int) (failure int, class string, err error) {
	sent := &response{Status: strconv.Itoa(status), StatusDescription: http.StatusText(status), Headers: make(headers)}
	for name, values := range o.Header() {
		if lower := strings.ToLower(name); !hidden(lower) {
			for _, value := range values {
				sent.Headers[lower] = append(sent.Headers[lower], entry{name, value})
			}
		}
	}
	o.visit.config.EventType = "viewer-response"
	result, err := o.distribution.Function.Invoke(o.visit.event(sent))
	if err != nil {
		return http.StatusServiceUnavailable, "LambdaExecutionError", err
	}
	h, err := readResponseResult(result, sent)
	if err != nil {
		return http.StatusBadGateway, "LambdaValidationError", err
	}
	for name := range sent.Headers {
		o.Header().Del(name)
	}
	for name, values := range h {
		for _, value := range values {
			o.Header().Add(name, value.Value)
		}
	}
	return 0, "", nil
}

// readResponseResult reads the headers that a viewer-response function returns.
func readResponseResult(result []byte, sent *response) (headers, error) {
	members, err := readObject(result)
	if err != nil {
		return nil, err
	}
	if _, ok := members["status"]; !ok {
		return nil, errors.New("the function returned no response: it has no status")
	}
	var status string
	h, err := readHeaders(members)
	if err = errors.Join(err, read(members, "status", &status, "a string")); err != nil {
		return nil, err
	}
	for _, name := range []string{"body", "bodyEncoding"} {
		if _, ok := members[name]; ok {
			return nil, errors.New(name + ": viewer-response cannot set it")
		}
	}
	if status != sent.Status {
		return nil, errors.New("status: viewer-response cannot change it from " + sent.Status)
	}
	return h, h.check(sent.Headers, readOnlyAtResponse)
}
