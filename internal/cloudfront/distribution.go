// Package cloudfront answers HTTP on this machine as a CloudFront distribution with a function at viewer-request does,
// and as strictly: what CloudFront would answer with a 502 is a 502 here, with its reason in the log. Rules without a
// source named beside them are in the CloudFront Developer Guide, "Restrictions on edge functions".
package cloudfront

import (
	"fmt"
	"log/slog"
	"net/http"
)

const (
	maxURL     = 8192      // bytes; page "Quotas"
	maxRequest = 32_768    // bytes of URL and headers; page "Quotas", April 2026
	maxBody    = 40 * 1024 // bytes of a body that a viewer-request function is shown
	maxMade    = 40 * 1024 // bytes of headers and body of a response that a viewer-request function makes
)

// Distribution answers for one function and one origin. Both are required.
type Distribution struct {
	// Function answers an event with a result, both as payloads of Lambda's Runtime API.
	Function interface {
		Invoke(event []byte) ([]byte, error)
	}
	// Origin gets the requests that the function lets pass.
	Origin http.Handler
	// ViewerResponse runs the function at viewer-response too.
	ViewerResponse bool
	// IncludeBody shows the function the bodies of requests.
	IncludeBody bool
	// Log gets the reason of each failure. Default slog.Default().
	Log *slog.Logger
}

func (d *Distribution) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := newVisit(r)
	w.Header().Set("X-Amz-Cf-Id", v.config.RequestID)
	w.Header().Set("Via", "1.1 "+v.config.Distribution+" (CloudFront)")
	if status, why := v.refused(r); status != 0 {
		d.fail(w, v, status, "Error", why)
		return
	}
	if d.IncludeBody {
		if err := v.includeBody(r); err != nil {
			d.fail(w, v, http.StatusBadRequest, "Error", err.Error())
			return
		}
	}
	v.config.EventType = "viewer-request"
	result, err := d.Function.Invoke(v.event(nil))
	if err != nil {
		d.fail(w, v, http.StatusServiceUnavailable, "LambdaExecutionError", err.Error())
		return
	}
	made, passed, err := readRequestResult(result, &v.request)
	if err == nil && made == nil {
		var onward *http.Request
		if onward, err = passed.onward(r); err == nil {
			v.request = *passed
			d.Origin.ServeHTTP(&originResponse{ResponseWriter: w, distribution: d, visit: v}, onward)
			return
		}
	}
	if err != nil {
		d.fail(w, v, http.StatusBadGateway, "LambdaValidationError", err.Error())
		return
	}
	made.write(w)
}

// fail answers as CloudFront does. Why is for the log only.
func (d *Distribution) fail(w http.ResponseWriter, v *visit, status int, class, why string) {
	log := d.Log
	if log == nil {
		log = slog.Default()
	}
	log.Error("cloudfront: "+class, slog.Int("status", status), slog.String("reason", why), slog.String("event", v.config.EventType),
		slog.String("method", v.request.Method), slog.String("uri", v.request.URI), slog.String("request_id", v.config.RequestID))
	h := w.Header()
	h.Set("X-Cache", class+" from cloudfront")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Length")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html><title>%d</title><h1>%d ERROR</h1><p>The request could not be satisfied. The reason is in the terminal, with request id %s.\n",
		status, status, v.config.RequestID)
}
