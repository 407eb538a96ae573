package e2e_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"wtptui/cmd/wtptui/e2e/peers"
)

// acmeSite is a domain name and the server behind it, which gets its certificate by itself from a real ACME server.
type acmeSite struct {
	name              string
	tlsPort, httpPort int    // Where the server listens.
	cache             string // The folder in which it keeps its account and its certificates.
	pebble            *peers.Pebble
	roots             *x509.CertPool
}

// acmePorts are the ports at which pebble validates challenges.
type acmePorts struct{ tls, http int }

func startACME(t *testing.T, validity time.Duration, validated func(*acmeSite) acmePorts) *acmeSite {
	t.Helper()
	s := &acmeSite{name: "site.wtp.test", tlsPort: peers.FreePort(t), httpPort: peers.FreePort(t), cache: t.TempDir()}
	ports := validated(s)
	s.pebble = peers.StartPebble(t, peers.PebbleOptions{
		TLSPort: ports.tls, HTTPPort: ports.http, Names: []string{s.name}, Validity: validity,
	})
	s.roots = s.pebble.Roots(t)
	return s
}

// start runs the server until the test ends, or until stop is called.
func (s *acmeSite) start(t *testing.T) (stop func()) {
	t.Helper()
	ours := autocert.HostWhitelist(s.name)
	manager := &autocert.Manager{
		Prompt: autocert.AcceptTOS,
		Cache:  autocert.DirCache(s.cache),
		Client: &acme.Client{DirectoryURL: s.pebble.Directory, HTTPClient: s.pebble.Client()},
		HostPolicy: func(ctx context.Context, host string) error {
			// In an HTTP-01 request the port comes along, unless it is 80.
			if name, _, err := net.SplitHostPort(host); err == nil {
				host = name
			}
			return ours(ctx, host)
		},
	}
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto+" "+r.Host) })
	silent := log.New(io.Discard, "", 0) // Handshakes that fail are what some tests are about.
	secure := &http.Server{Handler: page, TLSConfig: manager.TLSConfig(), ErrorLog: silent}
	plain := &http.Server{Handler: manager.HTTPHandler(nil)}
	var served sync.WaitGroup
	serve := func(port int, serve func(net.Listener) error) {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Fatal(err)
		}
		served.Go(func() { _ = serve(ln) }) // It returns no error but that it was closed.
	}
	stop = sync.OnceFunc(func() {
		_, _ = secure.Close(), plain.Close()
		served.Wait()
	})
	t.Cleanup(stop)
	serve(s.tlsPort, func(ln net.Listener) error { return secure.ServeTLS(ln, "", "") })
	serve(s.httpPort, plain.Serve)
	return stop
}

// certificate connects to the server as a browser does that trusts the roots of pebble, and returns its certificate.
func (s *acmeSite) certificate(name string) (*x509.Certificate, error) {
	conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.tlsPort), &tls.Config{
		ServerName: name, RootCAs: s.roots, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0], nil
}

// page returns the start page over HTTPS.
func (s *acmeSite) page() (string, error) {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, fmt.Sprintf("127.0.0.1:%d", s.tlsPort))
		},
		TLSClientConfig: &tls.Config{RootCAs: s.roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get("https://" + s.name + "/")
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

// A server gets its certificate from a real ACME server, by whichever challenge reaches it, and has it again after a
// restart, when nobody could issue another one.
func TestCertificateFromACME(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.PebbleTool)
	for challenge, validated := range map[string]func(*acmeSite) acmePorts{
		"TLS-ALPN-01": func(s *acmeSite) acmePorts { return acmePorts{tls: s.tlsPort, http: peers.FreePort(t)} },
		"HTTP-01":     func(s *acmeSite) acmePorts { return acmePorts{tls: peers.FreePort(t), http: s.httpPort} },
	} {
		t.Run(challenge, func(t *testing.T) {
			t.Parallel()
			s := startACME(t, 0, validated)
			stop := s.start(t)
			first, err := s.certificate(s.name)
			if err != nil {
				t.Fatal(err)
			}
			if page, err := s.page(); page != "HTTP/2.0 "+s.name {
				t.Errorf("the page is %q: %v", page, err)
			}
			if _, err := s.certificate("another.test"); err == nil {
				t.Error("it has a certificate for a name that is not its own")
			}
			stop()
			s.pebble.Kill()
			s.start(t)
			again, err := s.certificate(s.name)
			if err != nil {
				t.Fatal(err)
			}
			if !again.Equal(first) {
				t.Errorf("after a restart it has another certificate: %v, not %v", again.SerialNumber, first.SerialNumber)
			}
		})
	}
}

// A certificate is renewed when two thirds of its time are over, while the server runs.
func TestCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.PebbleTool)
	const validity = 12 * time.Second
	s := startACME(t, validity, func(s *acmeSite) acmePorts { return acmePorts{tls: s.tlsPort, http: s.httpPort} })
	s.start(t)
	first, err := s.certificate(s.name)
	if err != nil {
		t.Fatal(err)
	}
	peers.Eventually(t, waitLong, "another certificate", func() error {
		next, err := s.certificate(s.name)
		if err == nil && next.Equal(first) {
			err = fmt.Errorf("it still has %v, good until %v", first.SerialNumber, first.NotAfter)
		}
		return err
	})
}

// What does not exist gets no certificate, and the ACME server says why.
func TestNoCertificateForANameThatDoesNotExist(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.PebbleTool)
	s := startACME(t, 0, func(s *acmeSite) acmePorts { return acmePorts{tls: s.tlsPort, http: s.httpPort} })
	s.name = "other.wtp.test"
	s.start(t)
	if _, err := s.certificate(s.name); err == nil {
		t.Error("it has one")
	}
	if text := s.pebble.Log(); !strings.Contains(text, "set INVALID") {
		t.Errorf("pebble has logged\n%s", text)
	}
}
