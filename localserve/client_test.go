package localserve

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// reply is a complete response.
type reply struct {
	status int
	header http.Header
	body   string
}

// raw sends bytes, with PORT replaced, and reads one response.
func (s *testServer) raw(request string) reply {
	s.t.Helper()
	return exchange(s.t, dial(s.t, s.addr), s.fillPort(request))
}

// fillPort replaces PORT by the server's port.
func (s *testServer) fillPort(text string) string { return strings.ReplaceAll(text, "PORT", s.port) }

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func exchange(t testing.TB, conn net.Conn, request string) reply {
	t.Helper()
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	return readReply(t, bufio.NewReader(conn), method)
}

func readReply(t testing.TB, br *bufio.Reader, method string) reply {
	t.Helper()
	res, err := http.ReadResponse(br, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s: %v", method, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: body: %v", method, err)
	}
	return reply{res.StatusCode, res.Header, string(body)}
}

// request requests a target of a site, or of the bare host if label is empty. Headers are lines like "Range:
// bytes=0-1".
func (s *testServer) request(method, label, target string, headers ...string) reply {
	s.t.Helper()
	return s.raw(requestText(method, label, target, headers...))
}

func (s *testServer) get(target string, headers ...string) reply {
	s.t.Helper()
	return s.request("GET", label, target, headers...)
}

func requestText(method, label, target string, headers ...string) string {
	var b bytes.Buffer
	host := "localhost:PORT"
	if label != "" {
		host = label + "." + host
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n", method, target, host)
	for _, h := range headers {
		b.WriteString(h + "\r\n")
	}
	b.WriteString("\r\n")
	return b.String()
}

// startSite starts a server with one known site.
func startSite(t testing.TB, files map[string]string) (*testServer, *memorySite) {
	t.Helper()
	m := &memorySite{Files: files}
	return startServer(t, Config{Opener: &memoryOpener{Sites: map[string]engine.Content{domain: m}}}), m
}

// Headers as browsers send them.
var (
	typed = []string{
		"Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-User: ?1",
		"Accept: text/html",
	}
	followed = []string{
		"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-User: ?1",
		"Accept: text/html",
	}
	scripted = []string{
		"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Accept: text/html",
	}
	foreignImg = []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"}
	ownImg     = []string{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"}
)
