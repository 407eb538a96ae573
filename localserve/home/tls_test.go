package home

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

func TestTLS(t *testing.T) {
	s := startTLS(t, map[string]string{"index.html": "home", "a b": "x"}, nil)
	if got := s.get("https://" + mine + "/"); got.status != 200 || got.body != "home" || got.proto != "HTTP/2.0" {
		t.Errorf("%+v", got)
	}
	s.address = s.listen(s.srv.ServePlain)
	tests := []struct {
		request, location string
		status            int
	}{
		{"GET /a%20b?c=%2F HTTP/1.1\r\nHost: MINE.example:80\r\n\r\n", "https://mine.example/a%20b?c=%2F", 301},
		{"GET / HTTP/1.1\r\nHost: secret.example\r\n\r\n", "", 421},
		{"POST / HTTP/1.1\r\nHost: mine.example\r\n\r\n", "", 405},
		{"POST / HTTP/1.1\r\nHost: mine.example\r\nContent-Length: 10\r\n\r\n", "", 405}, // and the rest never comes
		{"POST / HTTP/1.1\r\nHost: secret.example\r\nContent-Length: 10\r\n\r\n", "", 421},
		{"GET //evil.example/.. HTTP/1.1\r\nHost: mine.example\r\n\r\n", "", 400},
	}
	for _, tt := range tests {
		if got := s.requestRaw(tt.request); got.status != tt.status || got.header.Get("Location") != tt.location {
			t.Errorf("%q: %d to %q", tt.request, got.status, got.header.Get("Location"))
		}
	}
}

// TestRenewedCertificateIsLoaded promises that a renewed certificate is loaded without a restart, and an incomplete
// one is not.
func TestRenewedCertificateIsLoaded(t *testing.T) {
	dir := t.TempDir()
	before, certFile, keyFile := writeCertificate(t, dir, mine)
	f := &certificateFiles{certFile: certFile, keyFile: keyFile}
	now := time.Now()
	if err := f.reload(now); err != nil {
		t.Fatal(err)
	}
	serves := func(at time.Time) string {
		f.checked = at.Add(-checkInterval) // As if a minute had gone by.
		cert, err := f.get(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		return cert.Leaf.SerialNumber.String()
	}
	if got := serves(now); got != before.SerialNumber.String() {
		t.Errorf("serves %s", got)
	}
	if err := os.WriteFile(certFile, []byte("-----BEGIN"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := now.Add(time.Hour)
	if err := os.Chtimes(certFile, later, later); err != nil {
		t.Fatal(err)
	}
	if got := serves(now); got != before.SerialNumber.String() {
		t.Errorf("with a file half written it serves %s", got)
	}
	after, _, _ := writeCertificate(t, dir, mine)
	later = later.Add(time.Hour)
	if err := os.Chtimes(certFile, later, later); err != nil {
		t.Fatal(err)
	}
	if got := serves(now); got != after.SerialNumber.String() {
		t.Errorf("after the renewal it serves %s", got)
	}
	if _, err := LoadCertificates(certFile, certFile); err == nil {
		t.Error("a key that is none was taken")
	}
	if _, err := LoadCertificates(certFile+".no", keyFile); err == nil {
		t.Error("a file that is not there was taken")
	}
}

// TestConnectionsAreLimited promises that the connections of one address are limited, and that another address can
// still connect.
func TestConnectionsAreLimited(t *testing.T) {
	s := startTLS(t, map[string]string{"index.html": "home"}, func(c *Config) { c.MaxConnections, c.MaxPerAddress = 6, 4 })
	var held []net.Conn
	dial := func(from string) net.Conn {
		t.Helper()
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		conn, err := d.DialContext(t.Context(), "tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	// in reports whether a connection is taken: it is answered with an error of TLS, and not closed at once.
	in := func(conn net.Conn) bool {
		t.Helper()
		if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: mine.example\r\n\r\n")); err != nil {
			return false
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusBadRequest
	}
	for range 4 {
		held = append(held, dial("127.0.0.1"))
	}
	if in(dial("127.0.0.1")) {
		t.Error("a fifth connection of one address was taken")
	}
	if !in(dial("127.0.0.2")) {
		t.Error("a first connection of another address was not taken")
	}
	// It counts until the server has closed it.
	for s.srv.connLimiter.InUse() > len(held) {
		time.Sleep(time.Millisecond)
	}
	for range 2 {
		held = append(held, dial("127.0.0.2"))
	}
	if in(dial("127.0.0.3")) {
		t.Error("a seventh connection was taken")
	}
	for _, conn := range held {
		conn.Close()
	}
	// The server notices that they are gone when it reads.
	for !in(dial("127.0.0.3")) {
	}
}

// TestObtainStopsWithItsContext promises that an authority that does not respond does not delay the end of the
// program.
func TestObtainStopsWithItsContext(t *testing.T) {
	asked, free := make(chan struct{}, 8), make(chan struct{})
	authority := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-free
	}))
	c := ACME(ACMEConfig{Directory: authority.URL, Folder: t.TempDir(), Names: []string{mine}})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.Obtain(ctx, func(string, error) { t.Error("something was obtained") })
	}()
	enginetest.Receive(t, asked, "the authority to be asked")
	cancel()
	<-ended
	close(free)
	authority.Close()
}
