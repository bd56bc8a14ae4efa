package cloudfront

import (
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"time"
)

// Bucket serves a folder as a private bucket does whose policy allows only GetObject: a missing key gets the same
// answer as a forbidden one, and there are no folders.
type Bucket struct {
	Files fs.FS
	// Root is the distribution's default root object: the key for "/", and for "/" alone.
	Root string
}

const accessDenied = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"

func (b Bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key := strings.TrimPrefix(r.URL.Path, "/")
	if key == "" {
		key = b.Root
	}
	content, info := b.open(r.Method, key)
	if content == nil {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, accessDenied)
		return
	}
	defer content.Close()
	// Tools that upload set the type by the name's extension.
	kind := mime.TypeByExtension(path.Ext(key))
	if kind == "" {
		kind = "binary/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, "", info.ModTime(), content)
}

type object interface {
	fs.File
	io.Seeker
}

func (b Bucket) open(method, key string) (object, fs.FileInfo) {
	if method != http.MethodGet && method != http.MethodHead {
		return nil, nil
	}
	if info, err := fs.Stat(b.Files, key); err != nil || !info.Mode().IsRegular() {
		return nil, nil // opening anything else may block for ever
	}
	file, err := b.Files.Open(key)
	if err != nil {
		return nil, nil
	}
	info, err := file.Stat()
	if found, ok := file.(object); ok && err == nil && info.Mode().IsRegular() {
		return found, info
	}
	file.Close()
	return nil, nil
}

// originTimeout is how long CloudFront waits for an origin to begin its answer, by default.
const originTimeout = 30 * time.Second

// NewUpstream returns the origin at target, with the managed policies CachingDisabled and AllViewerExceptHostHeader: it
// gets the request unchanged, except for its own host name.
func NewUpstream(target *url.URL, log *slog.Logger) http.Handler {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = originTimeout
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
			r.Out.Header.Del("X-Forwarded-Proto")
			r.Out.Header.Del("X-Forwarded-Host")
			if host := r.In.Header["X-Forwarded-Host"]; host != nil {
				r.Out.Header["X-Forwarded-Host"] = host
			}
			r.Out.Header.Add("Via", "1.1 local.cloudfront.net (CloudFront)")
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			log.LogAttrs(r.Context(), slog.LevelError, "cloudfront: the origin failed", slog.String("origin", target.Host), slog.Any("error", err))
			w.Header().Set("X-Cache", "Error from cloudfront")
			w.WriteHeader(http.StatusBadGateway)
		},
	}
}
