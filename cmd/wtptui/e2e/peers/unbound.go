package peers

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Unbound is a real DNS over HTTPS server (RFC 8484) on loopback: Debian's unbound, with the authority for the zone
// wtp.test and a certificate that nobody but the test trusts.
type Unbound struct {
	URL  string // What --doh takes.
	Cert string // The certificate's file, for SSL_CERT_FILE.

	dir     string
	address string // Where it listens.
	process *process
}

// unboundZone is the zone that an Unbound knows.
const unboundZone = "wtp.test"

// StartUnbound runs an unbound until the test ends. It needs UnboundTool.
func StartUnbound(t testing.TB) *Unbound {
	t.Helper()
	Require(t, UnboundTool)
	return startUnbound(t)
}

func startUnbound(t testing.TB) *Unbound {
	t.Helper()
	dir := PlainDir(t)
	port := FreePort(t)
	u := &Unbound{Cert: filepath.Join(dir, "cert.pem"), dir: dir, address: fmt.Sprintf("127.0.0.1:%d", port)}
	u.URL = "https://" + u.address + "/dns-query"
	writeCertificate(t, u.Cert, filepath.Join(dir, "key.pem"))
	u.writeFile(t, "unbound.conf",
		strings.NewReplacer("DIR", dir, "PORT", fmt.Sprint(port), "ZONE", unboundZone).Replace(unboundConf))
	u.writeZone(t, nil)
	u.Start(t)
	return u
}

const unboundConf = `server:
  interface: 127.0.0.1@PORT
  https-port: PORT
  http-endpoint: "/dns-query"
  tls-service-key: "DIR/key.pem"
  tls-service-pem: "DIR/cert.pem"
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "DIR"
  pidfile: ""
  num-threads: 1
  module-config: "iterator"
  local-zone: "test." transparent
auth-zone:
  name: "ZONE"
  zonefile: "DIR/zone"
  for-downstream: yes
  for-upstream: no
remote-control:
  control-enable: yes
  control-interface: "DIR/control"
  control-use-cert: no
`

// Start runs the process again after Kill, at the same address.
func (u *Unbound) Start(t testing.TB) {
	t.Helper()
	u.process = newProcess(exec.Command(findSystemProgram("unbound"), "-d", "-c", filepath.Join(u.dir, "unbound.conf")))
	u.process.start(t)
	Eventually(t, time.Minute, "unbound", func() error {
		if isClosed(u.process.exited) {
			t.Fatalf("unbound has ended:\n%s", u.process.stderr)
		}
		// Its control may answer before its port does.
		conn, err := net.Dial("tcp", u.address)
		if err == nil {
			err = cmp.Or(u.runControl(t, "status"), conn.Close())
		}
		return err
	})
}

// Kill ends the process; the zone stays for Start.
func (u *Unbound) Kill() { u.process.kill() }

// SetRecords sets the TXT records of the zone wtp.test, which replace all others at once. Each is a line of a zone file
// with a relative name: site 5 IN TXT "wtpkey=...".
func (u *Unbound) SetRecords(t testing.TB, records ...string) {
	t.Helper()
	u.writeZone(t, records)
	if err := u.runControl(t, "auth_zone_reload", unboundZone); err != nil {
		t.Fatal(err)
	}
}

func (u *Unbound) writeZone(t testing.TB, records []string) {
	lines := append([]string{
		"$ORIGIN " + unboundZone + ".", "@ 60 IN SOA ns hostmaster 1 60 60 60 60", "@ 60 IN NS ns", "ns 60 IN A 127.0.0.1",
	}, records...)
	u.writeFile(t, "zone", strings.Join(lines, "\n")+"\n")
}

func (u *Unbound) writeFile(t testing.TB, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(u.dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (u *Unbound) runControl(t testing.TB, args ...string) error {
	cmd := exec.CommandContext(t.Context(), findSystemProgram("unbound-control"),
		append([]string{"-c", filepath.Join(u.dir, "unbound.conf")}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("peers: unbound-control %q: %w\n%s", args, err, out)
	}
	return nil
}

// findSystemProgram returns the full path of a system program, which need not be on everybody's path. sshd insists on
// being run by its full path.
func findSystemProgram(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	return "/usr/sbin/" + name
}

// writeCertificate makes a self-signed certificate for 127.0.0.1 and the given names, valid for a day.
func writeCertificate(t testing.TB, certFile, keyFile string, names ...string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "wtptui test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: names, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// readRoots returns a pool with only the certificates in a file.
func readRoots(t testing.TB, file string) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		t.Fatalf("peers: there is no certificate in %s", file)
	}
	return roots
}
