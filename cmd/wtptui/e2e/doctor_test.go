package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// finding is a line of `wtptui doctor --json`.
type finding struct {
	Status, Check, Subject, Found, Do string
	Took                              int64
}

// The doctor checks its own engine, whose resolver does not answer, on a system that resolves no names below localhost,
// and then a data folder with a damaged database.
func TestDoctorFindsEachFault(t *testing.T) {
	t.Parallel()
	const deadResolver = "http://127.0.0.1:1/dns-query"
	w := startWtptui(t, "--tracker", "none", "--stun", "none", "--doh", deadResolver)
	// What a system without nss-myhostname has.
	bin := t.TempDir()
	getent := filepath.Join(bin, "getent")
	if err := os.WriteFile(getent, []byte("#!/bin/sh\nexit 2\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	examine := func(wantCode int, args ...string) map[string]finding {
		t.Helper()
		cmd := w.Command(append([]string{"doctor", "--json"}, args...)...)
		cmd.Env = append(cmd.Env, "PATH="+bin+":"+os.Getenv("PATH"))
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
	expect := func(found map[string]finding, check, status, text string) {
		t.Helper()
		if f := found[check]; f.Status != status || !strings.Contains(f.Found+": "+f.Do, text) {
			t.Errorf("%s: %+v, want %s with %q", check, f, status, text)
		}
	}

	found := examine(1)
	expect(found, "resolver", "fail", "it refuses the connection: if none works, check the network")
	expect(found, "localhost", "warn", "libnss-myhostname")
	expect(found, "pages", "ok", "answers")
	expect(found, "socket", "ok", "answers on it")
	expect(found, "database", "ok", "open in the wtptui that runs")
	expect(found, "folder", "ok", "is writable")
	expect(found, "WebRTC", "warn", "no WebTorrent tracker is configured")
	expect(found, "handler", "warn", "`wtptui register`")
	expect(found, "peer port", "warn", "has not been reached from outside")
	if found["pages"].Took <= 0 {
		t.Error("the pages answer in no time")
	}
	if f, there := found["settings"]; there {
		t.Errorf("nobody has asked for other settings: %+v", f)
	}
	// What an engine would be started with now is told, and not taken for what runs.
	found = examine(1, "--doh", "http://127.0.0.1:2/", "--peer-port", "1")
	expect(found, "settings", "warn", "peer-port is "+strconv.Itoa(w.PeerPort)+", and --peer-port says 1")
	expect(found, "resolver", "fail", "it refuses the connection")
	if got := found["resolver"].Subject; got != deadResolver {
		t.Errorf("the doctor asks %s, and not the engine's resolver", got)
	}

	w.Kill()
	database := filepath.Join(w.DataDir, "wtptui.db")
	const rest = 5000 // bytes
	if err := os.Truncate(database, rest); err != nil {
		t.Fatal(err)
	}
	found = examine(1, "--no-upnp", "--no-dht", "--tracker", "none", "--stun", "none", "--peer-host", "127.0.0.1",
		"--peer-port", "0",
		"--doh", deadResolver, "--listen", w.Root[len("http://"):len(w.Root)-1])
	expect(found, "engine", "ok", "none runs")
	expect(found, "database", "fail", "is damaged")
	expect(found, "socket", "ok", "left over")
	if after, err := os.Stat(database); err != nil || after.Size() != rest {
		t.Errorf("the doctor has changed the database: %v", err)
	}

	// For people it is a table, and nothing that is wrong with the settings is passed over.
	out, _, code := w.RunCode(t, "doctor", "--tracker", "none", "--stun", "none", "--no-upnp", "--doh",
		"http://127.0.0.1:1/")
	if code != 1 || !strings.HasPrefix(out, "STATUS  CHECK") || !strings.Contains(out, "\nfail    resolver") ||
		strings.Contains(out, "\x1b") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	_, stderr, code := w.RunCode(t, "doctor", "--listen", "nowhere")
	if code != 2 || !strings.Contains(stderr, "give one like") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}
