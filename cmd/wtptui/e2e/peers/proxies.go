package peers

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// NginxProxyExample is the documentation's example of nginx in front of a public listener: a file for
// /etc/nginx/conf.d. With buffering, nginx would hold back a few KiB of a response, and write large files to its disk
// for slow visitors. A WebSocket needs the last three lines: the header Connection, which nginx would replace, and a
// timeout for silence of minutes, which the upstream ends earlier. From version 1.25.1 on nginx prefers "http2 on;" on
// a line of its own, which older ones do not know.
const NginxProxyExample = `server {
	listen 443 ssl http2;
	server_name site.example;
	ssl_certificate /etc/ssl/site.example.pem;
	ssl_certificate_key /etc/ssl/site.example.key;

	location / {
		proxy_pass http://127.0.0.1:8080;
		proxy_http_version 1.1;
		proxy_buffering off;
		proxy_set_header Host $host;
		proxy_set_header X-Forwarded-For $remote_addr;
		proxy_set_header X-Forwarded-Proto $scheme;
		proxy_set_header Upgrade $http_upgrade;
		proxy_set_header Connection $http_connection;
		proxy_read_timeout 10m;
	}
}
`

// CaddyProxyExample is the same for Caddy, a whole /etc/caddy/Caddyfile. Caddy gets the certificate by itself, keeps
// the Host header, and knows WebSockets. Without a flush interval it would hold back less than 4 KiB until more comes;
// with -1, it would not notify the upstream when a visitor has gone.
const CaddyProxyExample = `site.example {
	reverse_proxy 127.0.0.1:8080 {
		flush_interval 100ms
	}
}
`

// TLSFiles are a certificate and its key, both in PEM.
type TLSFiles struct{ Cert, Key string }

// NewTLSFiles makes a certificate for a domain name and for 127.0.0.1, good for a day, that nobody but the test trusts.
func NewTLSFiles(t testing.TB, name string) TLSFiles {
	t.Helper()
	dir := PlainDir(t)
	files := TLSFiles{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	writeCertificate(t, files.Cert, files.Key, name)
	return files
}

// Roots returns a pool with only the certificate.
func (f TLSFiles) Roots(t testing.TB) *x509.CertPool {
	t.Helper()
	return readRoots(t, f.Cert)
}

// StartNginxProxy has nginx forward requests for https://NAME/ to an upstream, HOST:PORT, as NginxProxyExample does,
// until the test ends. It returns the address, HOST:PORT, at which NAME is served. It needs NginxTool.
func StartNginxProxy(t testing.TB, name, upstream string, files TLSFiles) (address string) {
	t.Helper()
	Require(t, NginxTool)
	address = fmt.Sprintf("127.0.0.1:%d", FreePort(t))
	server := fillExample(t, NginxProxyExample, map[string]string{
		"443 ssl": address + " ssl", "server_name site.example": "server_name " + name, "127.0.0.1:8080": upstream,
		"/etc/ssl/site.example.pem": files.Cert, "/etc/ssl/site.example.key": files.Key,
	})
	// Debian's nginx.conf has gzip on.
	roots := files.Roots(t)
	runNginx(t, "gzip on;\n"+server, func() error { return checkServed(address, name, roots) })
	return address
}

// StartCaddyProxy is StartNginxProxy with Caddy, as in CaddyProxyExample except for the certificate. It needs
// CaddyTool.
func StartCaddyProxy(t testing.TB, name, upstream string, files TLSFiles) (address string) {
	t.Helper()
	Require(t, CaddyTool)
	return startCaddyProxy(t, name, upstream, files)
}

// caddyOptions has Caddy keep to loopback and to one port.
const caddyOptions = `{
	admin off
	auto_https disable_redirects
	default_bind 127.0.0.1
	https_port %d
}
`

func startCaddyProxy(t testing.TB, name, upstream string, files TLSFiles) (address string) {
	t.Helper()
	dir, port := PlainDir(t), FreePort(t)
	config := filepath.Join(dir, "Caddyfile")
	site := fillExample(t, CaddyProxyExample, map[string]string{
		"site.example {": name + " {\n\ttls " + files.Cert + " " + files.Key, "127.0.0.1:8080": upstream,
	})
	if err := os.WriteFile(config, fmt.Appendf(nil, caddyOptions+site, port), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("caddy", "run", "--config", config, "--adapter", "caddyfile")
	cmd.Env = append(loopbackEnv(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)
	p := newProcess(cmd)
	p.start(t)
	address = fmt.Sprintf("127.0.0.1:%d", port)
	roots := files.Roots(t)
	Eventually(t, time.Minute, "caddy to answer", func() error {
		if isClosed(p.exited) {
			t.Fatalf("caddy ended: %v: %s", p.err, p.stderr)
		}
		return checkServed(address, name, roots)
	})
	return address
}

// tryCaddy has Caddy serve a name, without an upstream.
func tryCaddy(t testing.TB) {
	startCaddyProxy(t, "site.test", "127.0.0.1:1", NewTLSFiles(t, "site.test"))
}

// fillExample returns an example with each of the keys, which it must contain, replaced.
func fillExample(t testing.TB, example string, replace map[string]string) string {
	t.Helper()
	for text, by := range replace {
		if !strings.Contains(example, text) {
			t.Fatalf("peers: the example has no %q:\n%s", text, example)
		}
		example = strings.ReplaceAll(example, text, by)
	}
	return example
}

// checkServed returns an error unless a name is served at an address with a certificate that one of the roots has
// issued.
func checkServed(address, name string, roots *x509.CertPool) error {
	conn, err := tls.Dial("tcp", address, &tls.Config{ServerName: name, RootCAs: roots, MinVersion: tls.VersionTLS12})
	if err != nil {
		return err
	}
	return conn.Close()
}
