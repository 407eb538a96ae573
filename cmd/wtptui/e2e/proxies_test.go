package e2e_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// proxyClient is a client of a reverse proxy.
type proxyClient struct {
	name    string
	address string // where the proxy is
	client  *http.Client
}

// startProxied puts a real reverse proxy, configured as the documentation shows, in front of an upstream.
func startProxied(t *testing.T, start proxyStarter, upstream http.Handler) *proxyClient {
	t.Helper()
	server := httptest.NewServer(upstream)
	t.Cleanup(server.Close)
	return startProxyTo(t, start, server.Listener.Addr().String())
}

// startProxyTo is startProxied with an upstream that already runs at an address HOST:PORT.
func startProxyTo(t *testing.T, start proxyStarter, upstream string) *proxyClient {
	t.Helper()
	const name = "site.wtp.test"
	files := peers.NewTLSFiles(t, name)
	address := start(t, name, upstream, files)
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
		TLSClientConfig:    &tls.Config{RootCAs: files.Roots(t), MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:  true,
		DisableCompression: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &proxyClient{name: name, address: address, client: &http.Client{Transport: transport}}
}

// proxyStarter is the type of peers.StartNginxProxy and its like.
type proxyStarter func(t testing.TB, name, upstream string, files peers.TLSFiles) (address string)

var proxies = map[string]proxyStarter{"nginx": peers.StartNginxProxy, "Caddy": peers.StartCaddyProxy}

// request makes one request and returns the response, without its body, and the body.
func (p *proxyClient) request(t *testing.T, method, path string, header http.Header) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "https://"+p.name+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(request.Header, header)
	response, err := p.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: after %d bytes: %v", method, path, len(body), err)
	}
	return response, body
}

// A reverse proxy that is configured as the documentation shows passes on what a file server says: a part of a file, an
// unchanged file, a large file. The server gets the requested host.
func TestReverseProxiesPassResponsesOn(t *testing.T) {
	t.Parallel()
	dir, tag := t.TempDir(), `"of-this-version"`
	page, big := []byte("<!doctype html><p>"+strings.Repeat("text ", 1000)), make([]byte, 20<<20)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(big) // It never fails.
	writeFile(t, filepath.Join(dir, "page.html"), string(page))
	writeFile(t, filepath.Join(dir, "big"), string(big))
	fileServer := http.FileServer(http.Dir(dir))
	files := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", tag)
		seen := []string{r.Host, r.Header.Get("X-Forwarded-Proto"), r.Header.Get("X-Forwarded-For")}
		w.Header().Set("X-Seen", strings.Join(seen, " "))
		fileServer.ServeHTTP(w, r)
	})
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startProxied(t, start, files)
			for _, ask := range []struct {
				method, path string
				header       http.Header
				status       int
				body         []byte
			}{
				{"GET", "/page.html", nil, 200, page},
				{"HEAD", "/page.html", nil, 200, nil},
				{"GET", "/nothing", nil, 404, []byte("404 page not found\n")},
				{"GET", "/big", nil, 200, big},
				{"HEAD", "/big", nil, 200, nil},
				{"GET", "/big", http.Header{"Range": {"bytes=1000000-1999999"}}, 206, big[1_000_000:2_000_000]},
				{"GET", "/big", http.Header{"Range": {"bytes=-5"}, "If-Range": {tag}}, 206, big[len(big)-5:]},
				{"GET", "/page.html", http.Header{"Range": {"bytes=0-4"}, "If-Range": {`"of-another"`}}, 200, page},
				{"GET", "/big", http.Header{"Range": {"bytes=99999999-"}}, 416, []byte("invalid range: failed to overlap\n")},
				{"GET", "/page.html", http.Header{"If-None-Match": {tag}}, 304, nil},
				{"GET", "/page.html", http.Header{"If-None-Match": {`"of-another"`}}, 200, page},
			} {
				what := fmt.Sprint(ask.method, " ", ask.path, " ", ask.header)
				res, body := p.request(t, ask.method, ask.path, ask.header)
				if res.StatusCode != ask.status || !bytes.Equal(body, ask.body) || res.ProtoMajor != 2 {
					t.Errorf("%s: %s %s with %d bytes, want %d with %d",
						what, res.Proto, res.Status, len(body), ask.status, len(ask.body))
				}
				if got, want := res.Header.Get("X-Seen"), p.name+" https 127.0.0.1"; got != want {
					t.Errorf("%s: the upstream has seen %q, want %q", what, got, want)
				}
				if got := res.Header.Get("Etag"); got != tag && ask.status < 400 {
					t.Errorf("%s: the tag is %q", what, got)
				}
				whole := ask.path == "/big" && ask.status == http.StatusOK
				if size := res.Header.Get("Content-Length"); whole && size != strconv.Itoa(len(big)) {
					t.Errorf("%s: the size is %q", what, size)
				}
			}
		})
	}
}

// A proxy may compress a page for a browser and change its ETag. With that ETag, the browser still learns that the page
// has not changed.
func TestReverseProxiesKeepConditionalRequests(t *testing.T) {
	t.Parallel()
	page := "<!doctype html><p>" + strings.Repeat("text ", 1000)
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := startProxied(t, start, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Etag", `"of-this-version"`)
				http.ServeContent(w, r, "page.html", time.Time{}, strings.NewReader(page))
			}))
			compressed := http.Header{"Accept-Encoding": {"gzip"}}
			got, _ := p.request(t, http.MethodGet, "/", compressed)
			if got.StatusCode != http.StatusOK {
				t.Fatal(got.Status)
			}
			compressed.Set("If-None-Match", got.Header.Get("Etag"))
			if again, _ := p.request(t, http.MethodGet, "/", compressed); again.StatusCode != http.StatusNotModified {
				t.Errorf("asked again with %q, it answers %s", got.Header.Get("Etag"), again.Status)
			}
		})
	}
}

// A reverse proxy passes on the first part of a file while the rest is not there yet.
func TestReverseProxiesStreamResponses(t *testing.T) {
	t.Parallel()
	for name, start := range proxies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const first, rest = 1000, 100 // Bytes: less than what a proxy would like to collect.
			arrived := make(chan struct{})
			p := startProxied(t, start, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(first+rest))
				_, _ = w.Write(slices.Repeat([]byte("a"), first))
				_ = http.NewResponseController(w).Flush()
				select {
				case <-arrived:
					_, _ = w.Write(slices.Repeat([]byte("b"), rest))
				case <-r.Context().Done():
				}
			}))
			ctx, cancel := context.WithTimeout(t.Context(), waitLong)
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+p.name+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := p.client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if _, err := io.ReadFull(response.Body, make([]byte, first)); err != nil {
				t.Fatalf("the first %d bytes: %v", first, err)
			}
			close(arrived)
			if body, err := io.ReadAll(response.Body); err != nil || len(body) != rest {
				t.Errorf("then come %d bytes, want %d: %v", len(body), rest, err)
			}
		})
	}
}
