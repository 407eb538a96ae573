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

// Certificates gives the certificates of a server's names. Make one with CertificateFiles or ACME.
type Certificates struct {
	tls        *tls.Config
	challenges func(http.Handler) http.Handler
	names      []string // that an authority gives certificates for
}

func (c *Certificates) config() *tls.Config { return c.tls.Clone() }

// CertificateFiles returns the certificate of a file (PEM, with its chain) and its key, for all names. When the files
// change, as they do when something else renews them, the new ones are taken within a minute; files that are wrong
// then, or half written, change nothing. The error says which file is wrong now.
func CertificateFiles(certFile, keyFile string) (*Certificates, error) {
	f := &certificateFiles{certFile: certFile, keyFile: keyFile}
	if err := f.read(time.Now()); err != nil {
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

	mu      sync.Mutex
	cert    *tls.Certificate
	written [2]time.Time // when the files were
	looked  time.Time
}

// lookEvery is how often the files are looked at.
const lookEvery = time.Minute

func (f *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.Sub(f.looked) >= lookEvery {
		_ = f.read(now) // What there was is still right.
	}
	return f.cert, nil
}

// read reads the files if they have changed.
func (f *certificateFiles) read(now time.Time) error {
	f.looked = now
	var written [2]time.Time
	for i, name := range []string{f.certFile, f.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		written[i] = info.ModTime()
	}
	if f.cert != nil && written == f.written {
		return nil
	}
	cert, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
	if err != nil {
		return fmt.Errorf("%s and %s: %w", f.certFile, f.keyFile, err)
	}
	f.cert, f.written = &cert, written
	return nil
}

// Authority is an ACME authority (RFC 8555), and what it is told.
type Authority struct {
	// Directory is the authority's URL.
	Directory string
	// Email is whom the authority writes to about certificates; empty for nobody.
	Email string
	// Folder is where keys and certificates are kept.
	Folder string
	// Names are those that there are certificates for.
	Names []string
}

// ACME gets certificates from an authority by itself, when they are first needed, and anew before they run out. Whoever
// calls it has agreed to the authority's terms. The authority makes sure that the names lead here, by TLS on port 443
// (RFC 8737) or by HTTP on port 80.
func ACME(a Authority) *Certificates {
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

// askAgain is how long an authority that gave no certificate is left alone: they count failures, and refuse who has too
// many of them.
const askAgain = 20 * time.Minute

// Obtain gets the certificates that an authority has to give, now and not when the first visitor comes, and tells tell
// of each name whether that went well. Those that it does not get it asks for again every 20 minutes until ctx ends.
// There is nothing to obtain where they are files.
func (c *Certificates) Obtain(ctx context.Context, tell func(name string, err error)) {
	missing := c.names
	for len(missing) > 0 {
		var still []string
		for _, name := range missing {
			got := make(chan error, 1)
			go func() { // It knows no context, and an authority may take minutes: at the end of ctx it is left alone.
				_, err := c.tls.GetCertificate(modernHello(name))
				got <- err
			}()
			select {
			case <-ctx.Done():
				return
			case err := <-got:
				if tell(name, err); err != nil {
					still = append(still, name)
				}
			}
		}
		if missing = still; len(missing) == 0 {
			return
		}
		again := time.NewTimer(askAgain)
		select {
		case <-ctx.Done():
			again.Stop()
			return
		case <-again.C:
		}
	}
}

// modernHello is what browsers of today say, for which there is one certificate.
func modernHello(name string) *tls.ClientHelloInfo {
	return &tls.ClientHelloInfo{
		ServerName:       name,
		CipherSuites:     []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		SupportedCurves:  []tls.CurveID{tls.CurveP256},
		SignatureSchemes: []tls.SignatureScheme{tls.ECDSAWithP256AndSHA256},
	}
}
