package e2e_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// acmeSite is a domain name and its home, which gets its certificate by itself from a real ACME server.
type acmeSite struct {
	name              string
	tlsPort, httpPort int // Where the home listens.
	w                 *peers.Wtptui
	pebble            *peers.Pebble
	roots             *x509.CertPool
}

// acmePorts are the ports at which pebble validates challenges.
type acmePorts struct{ tls, http int }

func startACME(t *testing.T, validity time.Duration, validated func(*acmeSite) acmePorts) *acmeSite {
	t.Helper()
	s := &acmeSite{name: "site.wtp.test", tlsPort: peers.FreePort(t), httpPort: peers.FreePort(t)}
	ports := validated(s)
	s.pebble = peers.StartPebble(t, peers.PebbleOptions{
		TLSPort: ports.tls, HTTPPort: ports.http, Names: []string{s.name}, Validity: validity,
	})
	s.roots = s.pebble.Roots(t)
	return s
}

// start starts the home under a name.
func (s *acmeSite) start(t *testing.T, name string) {
	t.Helper()
	w, site := publishAndStop(t, map[string]string{"index.html": "home"})
	w.Setenv("SSL_CERT_FILE="+s.pebble.CAFile, "SSL_CERT_DIR=/nowhere")
	w.AddFlags("--home", name+"="+site.Host, "--home-acme", s.pebble.Directory,
		"--home-listen", fmt.Sprintf("127.0.0.1:%d", s.tlsPort),
		"--home-listen-http", fmt.Sprintf("127.0.0.1:%d", s.httpPort))
	w.Start(t)
	s.w = w
}

// getCertificate connects to the home as a browser does that trusts the roots of pebble, and returns its certificate.
func (s *acmeSite) getCertificate(name string) (*x509.Certificate, error) {
	conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.tlsPort), &tls.Config{
		ServerName: name, RootCAs: s.roots, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0], nil
}

// getStartPage returns the start page over HTTPS.
func (s *acmeSite) getStartPage() (string, error) {
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
	return res.Proto + " " + string(text), err
}

// A home gets its certificate from a real ACME server, by whichever challenge reaches it, and still has it after a
// restart, when none could be issued.
func TestHomeGetsItsCertificateFromACME(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.PebbleTool)
	for challenge, validated := range map[string]func(*acmeSite) acmePorts{
		"TLS-ALPN-01": func(s *acmeSite) acmePorts { return acmePorts{tls: s.tlsPort, http: peers.FreePort(t)} },
		"HTTP-01":     func(s *acmeSite) acmePorts { return acmePorts{tls: peers.FreePort(t), http: s.httpPort} },
	} {
		t.Run(challenge, func(t *testing.T) {
			t.Parallel()
			s := startACME(t, 0, validated)
			s.start(t, s.name)
			first, err := s.getCertificate(s.name)
			if err != nil {
				t.Fatal(err)
			}
			if page, err := s.getStartPage(); page != "HTTP/2.0 home" {
				t.Errorf("the page is %q: %v", page, err)
			}
			if _, err := s.getCertificate("another.test"); err == nil {
				t.Error("it has a certificate for a name that is not its own")
			}
			// A visitor has the certificate a moment before it is on the disk.
			peers.Eventually(t, waitLong, "the certificate to be kept", func() error {
				_, err := os.Stat(filepath.Join(s.w.DataDir, "acme", s.name))
				return err
			})
			s.w.Terminate(t)
			s.pebble.Kill()
			s.w.Start(t)
			again, err := s.getCertificate(s.name)
			if err != nil {
				t.Fatal(err)
			}
			if !again.Equal(first) {
				t.Errorf("after a restart it has another certificate: %v, not %v", again.SerialNumber, first.SerialNumber)
			}
		})
	}
}

// A home renews its certificate after two thirds of its lifetime, without a restart.
func TestHomeRenewsItsCertificate(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.PebbleTool)
	const validity = 12 * time.Second
	s := startACME(t, validity, func(s *acmeSite) acmePorts { return acmePorts{tls: s.tlsPort, http: s.httpPort} })
	s.start(t, s.name)
	first, err := s.getCertificate(s.name)
	if err != nil {
		t.Fatal(err)
	}
	peers.Eventually(t, waitLong, "another certificate", func() error {
		next, err := s.getCertificate(s.name)
		if err == nil && next.Equal(first) {
			err = fmt.Errorf("it still has %v, good until %v", first.SerialNumber, first.NotAfter)
		}
		return err
	})
}

// A name that does not exist gets no certificate, and the ACME server's reason is reported.
func TestACMEServersReasonIsReported(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.PebbleTool)
	s := startACME(t, 0, func(s *acmeSite) acmePorts { return acmePorts{tls: s.tlsPort, http: s.httpPort} })
	const other = "other.wtp.test"
	s.start(t, other)
	if _, err := s.getCertificate(other); err == nil {
		t.Error("it has one")
	}
	peers.Eventually(t, waitLong, "the log to say so", func() error {
		if text := s.w.Log(); !strings.Contains(text, `msg="home certificate" name=other.wtp.test error=`) {
			return errors.New(text)
		}
		return nil
	})
	if text := s.pebble.Log(); !strings.Contains(text, "set INVALID") {
		t.Errorf("pebble has logged\n%s", text)
	}
}
