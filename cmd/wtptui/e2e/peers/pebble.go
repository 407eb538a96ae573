package peers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Pebble is a real ACME server (RFC 8555) on loopback: Let's Encrypt's own for tests. It validates challenges as that
// does, and refuses one valid nonce in twenty.
type Pebble struct {
	Directory string // The URL of the ACME directory.
	// CAFile is the certificate, in PEM, of the authority behind the server's own HTTPS: a program under test trusts it
	// when its SSL_CERT_FILE is this file. The certificates that the server issues have nothing to do with it.
	CAFile string

	args       []string // The command line.
	management string   // Where the interface that is not ACME listens.
	client     *http.Client
	process    *process
}

// PebbleOptions are where challenges are validated and what is issued.
type PebbleOptions struct {
	TLSPort  int // Where TLS-ALPN-01 (RFC 8737) is validated, in place of port 443.
	HTTPPort int // Where HTTP-01 is validated, in place of port 80.
	// Names are the domain names that exist, all of them at 127.0.0.1. Without any, every name does.
	Names []string
	// Validity is the lifetime of the certificates in whole seconds; 90 days if it is 0.
	Validity time.Duration
}

// StartPebble runs an ACME server, and the DNS server that it asks, until the test ends, and waits until it answers. It
// needs PebbleTool.
func StartPebble(t testing.TB, o PebbleOptions) *Pebble {
	t.Helper()
	Require(t, PebbleTool)
	return startPebble(t, o)
}

func startPebble(t testing.TB, o PebbleOptions) *Pebble {
	t.Helper()
	dir, address := PlainDir(t), fmt.Sprintf("127.0.0.1:%d", FreePort(t))
	p := &Pebble{
		Directory: "https://" + address + "/dir", CAFile: filepath.Join(dir, "cert.pem"),
		management: fmt.Sprintf("127.0.0.1:%d", FreePort(t)),
	}
	key, config := filepath.Join(dir, "key.pem"), filepath.Join(dir, "pebble.json")
	writeCertificate(t, p.CAFile, key)
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": address, "managementListenAddress": p.management, "certificate": p.CAFile, "privateKey": key,
		"tlsPort": o.TLSPort, "httpPort": o.HTTPPort, "keyAlgorithm": "ecdsa",
		"profiles": map[string]any{"default": map[string]any{"validityPeriod": o.Validity / time.Second}},
	}})
	if err == nil {
		err = os.WriteFile(config, settings, 0o600)
	}
	if err != nil {
		t.Fatalf("peers: pebble: %v", err)
	}
	p.args = []string{buildPebble(t), "-config", config, "-dnsserver", startNameServer(t, o.Names)}
	trust := &tls.Config{RootCAs: readRoots(t, p.CAFile), MinVersion: tls.VersionTLS12}
	p.client = &http.Client{Transport: &http.Transport{TLSClientConfig: trust}}
	t.Cleanup(p.client.CloseIdleConnections)
	p.Start(t)
	return p
}

// Start runs the server again after Kill, at the same addresses. It has forgotten every account and certificate, and
// has other roots.
func (p *Pebble) Start(t testing.TB) {
	t.Helper()
	cmd := exec.Command(p.args[0], p.args[1:]...)
	cmd.Env = append(slices.DeleteFunc(loopbackEnv(), func(variable string) bool {
		return strings.HasPrefix(variable, "PEBBLE_")
	}), "PEBBLE_VA_NOSLEEP=1")
	p.process = newProcess(cmd)
	cmd.Stdout = cmd.Stderr // It logs there.
	p.process.start(t)
	for _, url := range []string{p.Directory, p.rootURL()} {
		Eventually(t, time.Minute, "pebble to answer", func() error {
			if isClosed(p.process.exited) {
				t.Fatalf("pebble has ended: %v\n%s", p.process.err, p.process.stderr)
			}
			_, err := p.get(url)
			return err
		})
	}
}

// rootURL returns where the root certificate is.
func (p *Pebble) rootURL() string { return "https://" + p.management + "/roots/0" }

// buildPebble builds the server, which .ci/tools/go.mod pins, and returns its path: in Go's build cache, where the
// next test finds it again.
func buildPebble(t testing.TB) string {
	t.Helper()
	root, err := findModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	tools := filepath.Join(root, ".ci", "tools")
	// For go test, which takes a result from its cache unless a file that the test has looked at has changed.
	if _, err := os.Stat(filepath.Join(tools, "go.sum")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), remainingTime(t, 5*time.Minute))
	defer cancel()
	// The environment is the person's own: the modules may have to come through a proxy.
	cmd := exec.CommandContext(ctx, "go", "-C", tools, "tool", "-n", "pebble")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	path := strings.TrimSpace(string(out))
	if err == nil && path == "" {
		err = errors.New("go has named no program")
	}
	if err != nil {
		t.Fatalf("build it: %v", err)
	}
	return path
}

// startNameServer runs a DNS server until the test ends and returns its address. It has 127.0.0.1 for the given names,
// or for all if there are none; the others do not exist. It listens on TCP alone, by which pebble asks.
func startNameServer(t testing.TB, names []string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: ln, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, request *dns.Msg) {
		response := new(dns.Msg).SetReply(request)
		name, kind := request.Question[0].Name, request.Question[0].Qtype
		known := len(names) == 0 || slices.ContainsFunc(names, func(known string) bool {
			return strings.EqualFold(dns.Fqdn(known), name)
		})
		switch {
		case !known:
			response.Rcode = dns.RcodeNameError
		case kind == dns.TypeA:
			header := dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: 1}
			response.Answer = append(response.Answer, &dns.A{Hdr: header, A: net.IPv4(127, 0, 0, 1)})
		}
		_ = w.WriteMsg(response) // Whoever does not wait for the response has no use for it.
	})}
	started, ended := make(chan struct{}), make(chan error, 1)
	server.NotifyStartedFunc = func() { close(started) }
	go func() { ended <- server.ActivateAndServe() }()
	select {
	case <-started:
	case err := <-ended:
		t.Fatalf("peers: DNS server: %v", err)
	}
	t.Cleanup(func() {
		if err := errors.Join(server.Shutdown(), <-ended); err != nil {
			t.Errorf("peers: DNS server: %v", err)
		}
	})
	return ln.Addr().String()
}

// Client returns an HTTP client that trusts the server's own HTTPS, for an ACME client within the test.
func (p *Pebble) Client() *http.Client { return p.client }

// Roots returns the roots that the issued certificates chain to. The server makes them anew whenever it starts.
func (p *Pebble) Roots(t testing.TB) *x509.CertPool {
	t.Helper()
	text, err := p.get(p.rootURL())
	if err != nil {
		t.Fatalf("peers: pebble: %v", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatalf("peers: pebble: its root is %q", text)
	}
	return roots
}

// Kill ends the server. Nobody answers at its addresses any more.
func (p *Pebble) Kill() { p.process.kill() }

// Log returns the last 64 KiB of what the server has logged.
func (p *Pebble) Log() string { return p.process.stderr.String() }

func (p *Pebble) get(url string) ([]byte, error) {
	res, err := p.client.Get(url)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, res.Status)
	}
	return io.ReadAll(res.Body)
}
