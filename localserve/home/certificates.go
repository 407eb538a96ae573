package home

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Certificates provides the certificates of a server's names. Make one with LoadCertificates or ACME.
type Certificates struct {
	tls        *tls.Config
	challenges func(http.Handler) http.Handler
	names      []string // for which an authority issues certificates
}

func (c *Certificates) config() *tls.Config { return c.tls.Clone() }

// LoadCertificates returns the certificate of a file (PEM, with its chain) and its key, for all names. If the files
// change, the new ones are loaded within a minute; invalid or incomplete files are ignored then. The error names a
// file that is invalid now.
func LoadCertificates(certFile, keyFile string) (*Certificates, error) {
	f := &certificateFiles{certFile: certFile, keyFile: keyFile}
	if err := f.reload(time.Now()); err != nil {
		return nil, err
	}
	return &Certificates{
		tls:        &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: f.get},
		challenges: func(h http.Handler) http.Handler { return h },
	}, nil
}

// certificateFiles are a certificate and its key on the disk.
type certificateFiles struct {
	certFile, keyFile string

	mu       sync.Mutex
	cert     *tls.Certificate
	modified [2]time.Time // modification times of the files
	checked  time.Time
}

// checkInterval is how often the files are checked for changes.
const checkInterval = time.Minute

func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.Sub(f.checked) >= checkInterval {
		_ = f.reload(now) // After an error, the old certificate is still used.
	}
	return f.cert, nil
}

// reload reads the files if they have changed.
func (f *certificateFiles) reload(now time.Time) error {
	f.checked = now
	var written [2]time.Time
	for i, name := range []string{f.certFile, f.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		written[i] = info.ModTime()
	}
	if f.cert != nil && written == f.modified {
		return nil
	}
	cert, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", f.certFile, f.keyFile, err)
	}
	f.cert, f.modified = &cert, written
	return nil
}

// ACMEConfig is an ACME authority (RFC 8555), and the account data for it.
type ACMEConfig struct {
	// Directory is the authority's URL.
	Directory string
	// Email is the address for messages about certificates; empty for none.
	Email string
	// Folder is where keys and certificates are stored.
	Folder string
	// Names are the names to get certificates for.
	Names []string
}

// ACME gets certificates from an authority when they are first needed, and renews them. The caller has agreed to the
// authority's terms. The authority checks that the names lead here, by TLS on port 443 (RFC 8737) or by HTTP on port
// 80.
func ACME(a ACMEConfig) *Certificates {
	m := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(a.Folder),
		HostPolicy: autocert.HostWhitelist(a.Names...),
		Client:     &acme.Client{DirectoryURL: a.Directory, UserAgent: "wtptui"},
		Email:      a.Email,
	}
	config := m.TLSConfig()
	config.MinVersion = tls.VersionTLS12
	return &Certificates{tls: config, challenges: m.HTTPHandler, names: a.Names}
}

// retryInterval is the time between attempts after a failure: authorities count failures, and block clients with too
// many.
const retryInterval = 20 * time.Minute

// Obtain gets the authority's certificates in advance, before the first visitor comes, and calls report with the
// result for each name. It retries those that failed every 20 minutes until ctx ends. For LoadCertificates it does
// nothing.
func (c *Certificates) Obtain(ctx context.Context, report func(name string, err error)) {
	missing := c.names
	for len(missing) > 0 {
		var failed []string
		for _, name := range missing {
			got := make(chan error, 1)
			go func() { // GetCertificate takes no context: it is abandoned when ctx ends.
				_, err := c.tls.GetCertificate(clientHello(name))
				got <- err
			}()
			select {
			case <-ctx.Done():
				return
			case err := <-got:
				if report(name, err); err != nil {
					failed = append(failed, name)
				}
			}
		}
		if missing = failed; len(missing) == 0 {
			return
		}
		retry := time.NewTimer(retryInterval)
		select {
		case <-ctx.Done():
			retry.Stop()
			return
		case <-retry.C:
		}
	}
}

// clientHello returns the ClientHello of current browsers, for which there is a single certificate.
func clientHello(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{
		ServerName:       name,
		CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SupportedCurves:  []tls.CurveID{tls.CurveP256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
	}
}
