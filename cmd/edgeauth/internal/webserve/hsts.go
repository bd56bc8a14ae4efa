package webserve

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// HSTS tells browsers to come by https alone from now on (RFC 6797). Names of this machine are left out: other servers here
// may speak plain HTTP.
func HSTS(next http.Handler, life time.Duration) http.Handler {
	value := "max-age=" + strconv.FormatInt(int64(life/time.Second), 10)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if host != "localhost" && !strings.HasSuffix(host, ".localhost") {
			w.Header().Set("Strict-Transport-Security", value)
		}
		next.ServeHTTP(w, r)
	})
}
