package home

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/localserve/files/filestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	mine   = "mine.example"   // a name for a site of the same domain
	second = "second.example" // a name for the site of an infohash
	hash   = "0123456789abcdef0123456789abcdef01234567"
)

// homes is an Opener of two homes, whose sites can be taken off.
type homes struct {
	*filestest.Opener

	mu  sync.Mutex
	off map[string]bool
}

func (h *homes) HomeSite(name string) (host string, on, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	host, ok = map[string]string{mine: mine, second: hash}[name]
	return host, ok && !h.off[name], ok
}

func (h *homes) takeOff(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.off = map[string]bool{name: true}
}

// testServer is a server on a real port, with methods to make requests.
type testServer struct {
	t       testing.TB
	srv     *Server
	opener  *homes
	address string
	client  *http.Client
	roots   *x509.CertPool
	served  []chan error // by listener
}

// startServer starts a server of two sites. It is closed when the test ends.
func startServer(t testing.TB, mineFiles, secondFiles map[string]string, change func(*Config)) *testServer {
	t.Helper()
	opener := &homes{Opener: &filestest.Opener{Sites: map[string]engine.Content{
		mine: &filestest.Site{Files: mineFiles}, hash: &filestest.Site{Files: secondFiles},
		"secret.example": &filestest.Site{Files: map[string]string{"index.html": "secret"}},
	}}}
	cfg := Config{Opener: opener, Names: []Name{
		{mine, "https://" + mine + "/", mine}, {second, "https://" + second + "/", hash},
	}}
	if change != nil {
		change(&cfg)
	}
	s := &testServer{t: t, srv: New(cfg), opener: opener}
	s.address = s.listen(s.srv.Serve)
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", s.address)
		},
		DisableCompression: true, ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12},
	}
	s.roots = transport.TLSClientConfig.RootCAs
	s.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.srv.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		for _, served := range s.served {
			if err := enginetest.Receive(t, served, "the server to end"); err != nil {
				t.Errorf("serve: %v", err)
			}
		}
	})
	return s
}

// listen runs a server on a port of its own, and returns its address.
func (s *testServer) listen(serve func(net.Listener) error) string {
	s.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- serve(ln) }()
	s.served = append(s.served, served)
	return ln.Addr().String()
}

type reply struct {
	status int
	header http.Header
	body   string
	proto  string
}

// request requests a URL; headers are "Name: value".
func (s *testServer) request(method, url string, headers ...string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, url, http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := bytes.Cut([]byte(h), []byte(": "))
		req.Header.Set(string(name), string(value))
		if string(name) == "Host" {
			req.Host = string(value)
		}
	}
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(body), res.Proto}
}

func (s *testServer) get(url string, headers ...string) reply {
	s.t.Helper()
	return s.request(http.MethodGet, url, headers...)
}

// writeCertificate writes a self-signed certificate for names, and its key.
func writeCertificate(t testing.TB, dir string, names ...string) (cert *x509.Certificate, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, DNSNames: names, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, certFile, keyFile
}

// startTLS is startServer with a certificate for the names.
func startTLS(t testing.TB, mineFiles map[string]string, change func(*Config)) *testServer {
	t.Helper()
	cert, certFile, keyFile := writeCertificate(t, t.TempDir(), mine, second)
	s := startServer(t, mineFiles, nil, func(c *Config) {
		var err error
		if c.Certificates, err = LoadCertificates(certFile, keyFile); err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(c)
		}
	})
	s.roots.AddCert(cert)
	return s
}

// logBuffer is a log in memory.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns what was logged.
func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logBuffer) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
