package peers

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

//go:embed testdata/page.html
var pageHTML []byte

// startPageServer serves, until the test ends, the page, its job and the files below dir, and passes on its reports. It
// returns the page's address, on loopback: without TLS, a browser lets only such a page store files or compute digests.
func startPageServer(t testing.TB, dir string, job pageJob, heard func(pageReport)) (url string) {
	t.Helper()
	script := npmPath(t, "webtorrent", "dist", "webtorrent.min.js")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page.html", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "page.html", time.Time{}, bytes.NewReader(pageHTML))
	})
	mux.HandleFunc("GET /webtorrent.min.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, script)
	})
	mux.HandleFunc("GET /job", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(job)
	})
	mux.HandleFunc("GET /files/{path...}", func(w http.ResponseWriter, r *http.Request) {
		// Not http.ServeFile, which redirects any index.html to its folder.
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(r.PathValue("path"))))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_, _ = w.Write(content)
	})
	mux.HandleFunc("POST /report", func(w http.ResponseWriter, r *http.Request) {
		var report pageReport
		if err := json.NewDecoder(r.Body).Decode(&report); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		heard(report)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/page.html"
}
