package browser

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// setCookie is a Set-Cookie line as read (RFC 6265bis, 5.6), before a host has been asked.
type setCookie struct {
	name, value  string
	domain, path string
	expires      time.Time
	persistent   bool
	secure       bool
	httpOnly     bool
	sameSite     http.SameSite
}

const (
	maxPair      = 4096                 // octets of name and value together
	maxAttribute = 1024                 // octets of an attribute's value
	maxLife      = 400 * 24 * time.Hour // RFC 6265bis, 5.5
)

// parseSetCookie reads a line. It reports false where a browser drops it.
func parseSetCookie(line string, now time.Time) (setCookie, bool) {
	for i := range len(line) {
		if c := line[i]; (c < 0x20 && c != '\t') || c == 0x7f {
			return setCookie{}, false
		}
	}
	pair, attributes, _ := strings.Cut(line, ";")
	c := setCookie{sameSite: http.SameSiteLaxMode} // the default of today's browsers
	var ok bool
	if c.name, c.value, ok = strings.Cut(pair, "="); !ok {
		c.name, c.value = "", pair
	}
	c.name, c.value = strings.Trim(c.name, " \t"), strings.Trim(c.value, " \t")
	if c.name+c.value == "" || len(c.name)+len(c.value) > maxPair {
		return setCookie{}, false
	}
	byAge := false
	for _, attribute := range strings.Split(attributes, ";") {
		name, value, _ := strings.Cut(attribute, "=")
		name, value = strings.ToLower(strings.Trim(name, " \t")), strings.Trim(value, " \t")
		if len(value) > maxAttribute {
			continue
		}
		switch name {
		case "expires":
			if at, ok := parseExpires(value); ok && !byAge {
				c.expires, c.persistent = at, true
			}
		case "max-age":
			if at, ok := parseMaxAge(value, now); ok {
				c.expires, c.persistent, byAge = at, true, true
			}
		case "domain":
			c.domain = strings.ToLower(strings.TrimPrefix(value, "."))
		case "path":
			c.path = value
		case "secure":
			c.secure = true
		case "httponly":
			c.httpOnly = true
		case "samesite":
			c.sameSite = map[string]http.SameSite{
				"strict": http.SameSiteStrictMode, "none": http.SameSiteNoneMode,
			}[strings.ToLower(value)]
			if c.sameSite == 0 {
				c.sameSite = http.SameSiteLaxMode
			}
		}
	}
	if limit := now.Add(maxLife); c.persistent && c.expires.After(limit) {
		c.expires = limit
	}
	return c, true
}

func parseExpires(value string) (time.Time, bool) {
	for _, layout := range []string{http.TimeFormat, time.RFC850, time.ANSIC, "Mon, 02-Jan-2006 15:04:05 MST"} {
		if at, err := time.Parse(layout, value); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

func parseMaxAge(value string, now time.Time) (time.Time, bool) {
	digits := strings.TrimPrefix(value, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return time.Time{}, false
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	switch {
	case strings.HasPrefix(value, "-") || seconds == 0 && err == nil:
		return time.Unix(0, 0), true
	case err != nil || seconds > int64(maxLife/time.Second):
		return now.Add(maxLife), true
	}
	return now.Add(time.Duration(seconds) * time.Second), true
}
