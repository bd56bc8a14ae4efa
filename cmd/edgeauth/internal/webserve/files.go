package webserve

import (
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Files serves a folder as a private bucket would: files, and index.html for a folder, but no listings and nothing
// whose name starts with a dot. http.FileServerFS sends /index.html away to /, which a single-page app's rewriting
// sends back again.
type Files struct{ FS fs.FS }

func (f Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This site only has files.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.Trim(r.URL.Path, "/")
	folder := name == "" || strings.HasSuffix(r.URL.Path, "/")
	if folder {
		name = path.Join(name, "index.html")
	}
	if !fs.ValidPath(name) || strings.HasPrefix(name, ".") || strings.Contains(name, "/.") {
		http.NotFound(w, r)
		return
	}
	// Opening what is neither, such as a pipe, may never end.
	if info, err := fs.Stat(f.FS, name); err != nil || !info.IsDir() && !info.Mode().IsRegular() {
		http.NotFound(w, r)
		return
	}
	file, err := f.FS.Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	switch content, ok := file.(io.ReadSeeker); {
	case err == nil && info.IsDir() && !folder:
		to := url.URL{Path: "./" + path.Base(name) + "/", RawQuery: r.URL.RawQuery}
		w.Header().Set("Location", to.String())
		w.WriteHeader(http.StatusMovedPermanently)
	case err != nil || !ok || !info.Mode().IsRegular():
		http.NotFound(w, r)
	default:
		// What one person may see is for no shared cache, and nobody sees it from their own after signing out.
		w.Header().Set("Cache-Control", "private, no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeContent(w, r, name, info.ModTime(), content)
	}
}
