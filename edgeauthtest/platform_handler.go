package edgeauthtest

import (
	"net/http"
	"net/http/httptest"

	"github.com/edgeauth/edgeauth"
)

// HandlerPlatform is the [Platform] of middleware for net/http.
func HandlerPlatform(protect func(checker edgeauth.Checker, next http.Handler) http.Handler) Platform {
	return Platform{
		CookiesOnAllow: true,
		Carry: func(checker edgeauth.Checker, in PlatformRequest) (PlatformResult, error) {
			target := in.Path
			if in.RawQuery != "" {
				target += "?" + in.RawQuery
			}
			r := httptest.NewRequest(in.Method, target, nil)
			r.Host = in.Host
			for _, line := range in.Header {
				r.Header.Add(line.Name, line.Value) // a server makes names canonical too
			}
			var passed *PlatformRequest
			w := httptest.NewRecorder()
			protect(checker, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				passed = &PlatformRequest{Method: r.Method, Host: r.Host, Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery}
				for name, values := range r.Header {
					for _, value := range values {
						passed.Header = append(passed.Header, HeaderLine{name, value})
					}
				}
				PlatformApplication(w, r)
			})).ServeHTTP(w, r)
			return PlatformResult{Passed: passed, Status: w.Code, Header: w.Result().Header, Body: w.Body.String()}, nil
		},
	}
}
