package platformtest

import (
	"net/http"
	"net/http/httptest"

	"github.com/edgeauth/edgeauth"
)

// NetHTTP is the [Platform] of a middleware for net/http, such as nethttp.Protect.
func NetHTTP(protect func(checker edgeauth.Checker, next http.Handler) http.Handler) Platform {
	return Platform{
		CookiesOnAllow: true,
		Carry: func(checker edgeauth.Checker, in Request) (Result, error) {
			target := in.Path
			if in.RawQuery != "" {
				target += "?" + in.RawQuery
			}
			r := httptest.NewRequest(in.Method, target, nil)
			r.Host = in.Host
			for _, line := range in.Header {
				r.Header.Add(line.Name, line.Value) // a server makes names canonical too
			}
			var passed *Request
			w := httptest.NewRecorder()
			protect(checker, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				passed = &Request{Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery}
				for name, values := range r.Header {
					for _, value := range values {
						passed.Header = append(passed.Header, HeaderLine{name, value})
					}
				}
				Application(w, r)
			})).ServeHTTP(w, r)
			return Result{Passed: passed, Status: w.Code, Header: w.Result().Header, Body: w.Body.String()}, nil
		},
	}
}
