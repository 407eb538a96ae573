package e2e_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// namedMachineCommand returns `wtptui args...` for a person who has nothing on this machine but names of others.
func namedMachineCommand(m *peers.SSHMachine, w *peers.Wtptui, own string, args ...string) *exec.Cmd {
	far := w.Command()
	cmd := exec.Command(far.Path, append([]string{"--data-dir", own}, args...)...)
	cmd.Env = m.Env(far.Env)
	return cmd
}

// A machine's name works wherever its address does: lists are followed and folders watched on it, until the watching
// verb has ended. A read-only machine is not changed.
func TestNamedMachineWorksAsAnAddressDoes(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.OpenSSH)
	w := startWtptui(t, "--tracker", "none")
	m := peers.StartSSH(t)
	ended := filepath.Join(t.TempDir(), "ended")
	m.Install(t, "wtptui", peers.Quote(w.Command().Path)+` "$@"; code=$?; echo "$@" >>`+peers.Quote(ended)+"; exit $code")
	own := t.TempDir()
	table := func(name, more string) string {
		return "[fleet." + name + "]\naddress = \"" + m.URL + w.DataDir + "\"\n" + more
	}
	putFile(t, own, "config.toml", table("nas", "")+table("vault", "read-only = true\n"))
	run := func(args ...string) (string, error) {
		t.Helper()
		out, err := namedMachineCommand(m, w, own, args...).CombinedOutput()
		return string(out), err
	}

	if out, err := run("--on", "vault", "ls"); err != nil || !strings.Contains(out, "Welcome to wtp") {
		t.Errorf("ls: %v: %s", err, out)
	}
	for _, args := range [][]string{
		{"add", unseededHost}, {"remove", "Welcome to wtp"}, {"limits", "--up", "5K"}, {"publish", w.DataDir}, {
			"label", "x",
			"Welcome to wtp",
		},
	} {
		if out, err := run(append([]string{"--on", "vault"}, args...)...); err == nil ||
			!strings.Contains(out, "vault is read-only from here") {
			t.Errorf("%q on a machine that is read-only: %v: %s", args, err, out)
		}
	}

	list := filepath.Join(t.TempDir(), "list.txt")
	writeList(t, list, 0, 3, "")
	if out, err := run("--on", "nas", "pin", "--follow", "--from", list); err != nil || out != "pinned 3 of 3 sites\n" {
		t.Errorf("pin --from: %v: %s", err, out)
	}
	if out, err := run("--on", "vault", "pin", "--lists"); err != nil || !strings.Contains(out, "3/3") ||
		!strings.Contains(out, list) {
		t.Errorf("pin --lists: %v: %s", err, out)
	}
	if n := len(pinnedSites(t, w)); n != 4 { // with the welcome site
		t.Errorf("%d sites are pinned there", n)
	}
	if out, err := run("--on", "nas", "unpin", "--from", list); err != nil ||
		!strings.HasPrefix(out, "unpinned the sites of") {
		t.Errorf("unpin --from: %v: %s", err, out)
	}
	if out, err := run("--on", "nas", "pin", "--from", filepath.Join(own, "missing.txt")); err == nil || !isOneLine(out) ||
		!strings.HasPrefix(out, "wtptui: ") {
		t.Errorf("a list that is not there: %v: %s", err, out)
	}
	checkRemoteWatch(t, namedMachineCommand(m, w, own, "--on", "nas", "publish", "--watch", "--json", makePageFolder(t)))
	peers.Eventually(t, waitLong, "the watch to end over there", func() error {
		if told, err := os.ReadFile(ended); err != nil || !strings.Contains(string(told),
			"publish --json=true --watch=true") {
			return fmt.Errorf("%w: ended are\n%s", err, told)
		}
		return nil
	})
}

// makePageFolder makes a folder of one page.
func makePageFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "it's watched")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	putFile(t, dir, "index.html", "one")
	return dir
}

// checkRemoteWatch has a folder on another machine watched until there is a second version.
func checkRemoteWatch(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	dir := cmd.Args[len(cmd.Args)-1]
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	cmd.Stderr = &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	version := func() string {
		t.Helper()
		if !lines.Scan() {
			t.Fatalf("the watch has ended: %v, %v: %s", lines.Err(), cmd.Wait(), output.String())
		}
		var pub publication
		if err := json.Unmarshal(lines.Bytes(), &pub); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		return pub.Infohash
	}
	first := version()
	putFile(t, dir, "index.html", "two")
	if second := version(); second == first || second == "" {
		t.Errorf("versions %q and %q", first, second)
	}
	_ = cmd.Process.Signal(syscall.SIGINT)
	for lines.Scan() {
		continue
	}
	if err := cmd.Wait(); err != nil || output.String() != "" {
		t.Errorf("the watch ended with %v, and said %s", err, output.String())
	}
}
