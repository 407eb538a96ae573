package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// finding is a line of `wtptui doctor --json`.
type finding struct {
	Status, Check, Subject, Found, Do string
	Took                              int64
}

// deadResolver is the URL of a DNS resolver that does not answer.
const deadResolver = "http://127.0.0.1:1/dns-query"

// doctorTest runs the doctor on a system that resolves no names below localhost.
type doctorTest struct {
	w    *peers.Wtptui
	path string // PATH, with a getent that finds nothing
}

func newDoctorTest(t *testing.T) doctorTest {
	t.Helper()
	w := startWtptui(t, "--tracker", "none", "--stun", "none", "--doh", deadResolver)
	// What a system without nss-myhostname has.
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "getent"), []byte("#!/bin/sh\nexit 2\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return doctorTest{w, bin + ":" + os.Getenv("PATH")}
}

// examine runs the doctor and returns its findings by the names of the checks.
func (d doctorTest) examine(t *testing.T, wantCode int, args ...string) map[string]finding {
	t.Helper()
	cmd := d.w.Command(append([]string{"doctor", "--json"}, args...)...)
	cmd.Env = append(cmd.Env, "PATH="+d.path)
	out, err := cmd.Output()
	if code := cmd.ProcessState.ExitCode(); code != wantCode {
		t.Fatalf("exit code %d, want %d: %v\n%s", code, wantCode, err, out)
	}
	var all []finding
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	found := map[string]finding{}
	for _, f := range all {
		found[f.Check] = f
	}
	return found
}

func checkFinding(t *testing.T, found map[string]finding, check, status, text string) {
	t.Helper()
	if f := found[check]; f.Status != status || !strings.Contains(f.Found+": "+f.Do, text) {
		t.Errorf("%s: %+v, want %s with %q", check, f, status, text)
	}
}

// The doctor checks its own engine, whose resolver does not answer, on a system that resolves no names below localhost,
// and then a data folder with a damaged database.
func TestDoctorFindsEachFault(t *testing.T) {
	t.Parallel()
	d := newDoctorTest(t)
	d.checkRunningEngine(t)
	d.checkOtherSettings(t)
	d.w.Kill()
	d.checkDamagedDatabase(t)
	d.checkOutputForPeople(t)
}

func (d doctorTest) checkRunningEngine(t *testing.T) {
	t.Helper()
	found := d.examine(t, 1)
	checkFinding(t, found, "resolver", "fail", "it refuses the connection: if none works, check the network")
	checkFinding(t, found, "localhost", "warn", "libnss-myhostname")
	checkFinding(t, found, "pages", "ok", "answers")
	checkFinding(t, found, "socket", "ok", "answers on it")
	checkFinding(t, found, "database", "ok", "open in the wtptui that runs")
	checkFinding(t, found, "folder", "ok", "is writable")
	checkFinding(t, found, "WebRTC", "warn", "no WebTorrent tracker is configured")
	checkFinding(t, found, "handler", "warn", "`wtptui register`")
	checkFinding(t, found, "peer port", "warn", "has not been reached from outside")
	if found["pages"].Took <= 0 {
		t.Error("the pages answer in no time")
	}
	if f, there := found["settings"]; there {
		t.Errorf("nobody has asked for other settings: %+v", f)
	}
}

// checkOtherSettings checks that settings which an engine would be started with now are shown, and not taken for those
// of the engine that runs.
func (d doctorTest) checkOtherSettings(t *testing.T) {
	t.Helper()
	found := d.examine(t, 1, "--doh", "http://127.0.0.1:2/", "--peer-port", "1")
	checkFinding(t, found, "settings", "warn", "peer-port is "+strconv.Itoa(d.w.PeerPort)+", and --peer-port says 1")
	checkFinding(t, found, "resolver", "fail", "it refuses the connection")
	if got := found["resolver"].Subject; got != deadResolver {
		t.Errorf("the doctor asks %s, and not the engine's resolver", got)
	}
}

// checkDamagedDatabase damages the database of an engine that does not run.
func (d doctorTest) checkDamagedDatabase(t *testing.T) {
	t.Helper()
	database := filepath.Join(d.w.DataDir, "wtptui.db")
	const size = 5000 // bytes
	if err := os.Truncate(database, size); err != nil {
		t.Fatal(err)
	}
	found := d.examine(t, 1, "--no-upnp", "--no-dht", "--tracker", "none", "--stun", "none",
		"--peer-host", "127.0.0.1", "--peer-port", "0",
		"--doh", deadResolver, "--listen", d.w.Root[len("http://"):len(d.w.Root)-1])
	checkFinding(t, found, "engine", "ok", "none runs")
	checkFinding(t, found, "database", "fail", "is damaged")
	checkFinding(t, found, "socket", "ok", "left over")
	if after, err := os.Stat(database); err != nil || after.Size() != size {
		t.Errorf("the doctor has changed the database: %v", err)
	}
}

// checkOutputForPeople checks that the output for people is a table, and that wrong settings are not passed over.
func (d doctorTest) checkOutputForPeople(t *testing.T) {
	t.Helper()
	out, _, code := d.w.RunCode(t, "doctor", "--tracker", "none", "--stun", "none", "--no-upnp",
		"--doh", "http://127.0.0.1:1/")
	if code != 1 || !strings.HasPrefix(out, "STATUS  CHECK") || !strings.Contains(out, "\nfail    resolver") ||
		strings.Contains(out, "\x1b") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	_, stderr, code := d.w.RunCode(t, "doctor", "--listen", "nowhere")
	if code != 2 || !strings.Contains(stderr, "give one like") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}
