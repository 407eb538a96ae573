package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// sandboxScript runs the program of its arguments in the sandbox that the unit makes by ProtectHome=tmpfs,
// PrivateTmp=yes and ProtectSystem=strict. The first three arguments are the folders that stand for /home, for /tmp and
// for all others.
const sandboxScript = `set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mount -t tmpfs tmpfs "$2"
mkdir "$2/site"
echo "not the same" >"$2/site/index.html"
mount --bind "$3" "$3"
mount -o remount,bind,ro "$3"
shift 3
exec "$@"`

// An engine in a sandbox does not see people's homes, or sees other folders in their place. What a person asks it to
// read or write there is refused with the reason, and nothing is written anywhere.
func TestSandboxedEngineRefusesHiddenFolders(t *testing.T) {
	t.Parallel()
	bin := binaryPath(t)
	if text, err := exec.Command("unshare", "--map-root-user", "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("needs a mount namespace of its own: %v: %s", err, text)
	}
	root := peers.PlainDir(t) // Long paths would be cut off in the messages.
	home, shadowed, open := filepath.Join(root, "home"), filepath.Join(root, "tmp"), filepath.Join(root, "srv")
	for _, dir := range []string{home, shadowed, open} {
		writePageFolder(t, filepath.Join(dir, "site"))
	}
	w := peers.NewWtptui(t, bin, "--tracker", "none")
	serve := w.ServeCommand()
	args := []string{"--map-root-user", "--mount", "sh", "-c", sandboxScript, "sh", home, shadowed, open}
	cmd := exec.Command("unshare", append(args, serve.Args...)...)
	cmd.Env = serve.Env
	stop := startEngine(t, w, cmd)

	checkHiddenFolder(t, w, home)
	checkHiddenFolder(t, w, shadowed)
	// What is bound into the sandbox, or was there all along, is the same folder for both.
	if stdout, stderr, code := w.RunCode(t, "publish", filepath.Join(open, "site")); code != 0 {
		t.Errorf("publish: %d, %s%s", code, stdout, stderr)
	}
	_, stderr, code := w.RunCode(t, "export", "Welcome to wtp", filepath.Join(open, "out"))
	if code != 1 || !isOneLine(stderr) ||
		!strings.Contains(stderr, "may only read "+open+", since a sandbox keeps it from writing") {
		t.Errorf("export to what may be read only: %d, %s", code, stderr)
	}
	exported := filepath.Join(w.DataDir, "exports", "welcome")
	if _, stderr, code := w.RunCode(t, "export", "Welcome to wtp", exported); code != 0 {
		t.Errorf("export: %d, %s", code, stderr)
	}
	if _, err := os.Stat(filepath.Join(exported, "index.html")); err != nil {
		t.Error(err)
	}
	stop()
}

// checkHiddenFolder checks that an engine which does not see a folder refuses to publish from it and to export to it.
func checkHiddenFolder(t *testing.T, w *peers.Wtptui, dir string) {
	t.Helper()
	site := filepath.Join(dir, "site")
	_, stderr, code := w.RunCode(t, "publish", site)
	if code != 1 || !isOneLine(stderr) ||
		!strings.Contains(stderr, "does not see "+site+", or sees another folder there") ||
		!strings.Contains(stderr, "`systemctl edit wtptui` with [Service] and BindReadOnlyPaths="+site) {
		t.Errorf("publish %s: %d, %s", site, code, stderr)
	}
	out := filepath.Join(dir, "new", "out")
	_, stderr, code = w.RunCode(t, "export", "Welcome to wtp", out)
	if code != 1 || !isOneLine(stderr) ||
		!strings.Contains(stderr, "does not see "+dir+", or sees another folder there") ||
		!strings.Contains(stderr, "below its data folder, "+w.DataDir) || !strings.Contains(stderr, "BindPaths="+out+")") {
		t.Errorf("export to %s: %d, %s", out, code, stderr)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%s has %v, %v", dir, entries, err)
	}
}

// An engine that runs as another user refuses folders that the person may use and it may not.
func TestEngineOfAnotherUserRefusesPrivateFolders(t *testing.T) {
	t.Parallel()
	bin := binaryPath(t)
	if os.Getuid() != 0 {
		t.Skip("needs root, to become somebody else")
	}
	data, mine := makeFoldersOfTwoUsers(t)
	w := peers.NewWtptui(t, bin, "--tracker", "none")
	w.DataDir = data
	serve := w.ServeCommand()
	cmd := exec.Command("setpriv", append([]string{"--reuid=65532", "--regid=65532", "--clear-groups"}, serve.Args...)...)
	cmd.Env = slices.Concat(serve.Env, []string{"HOME=/"})
	stop := startEngine(t, w, cmd)

	site := filepath.Join(mine, "site")
	if _, stderr, code := w.RunCode(t, "publish", site); code != 1 || !isOneLine(stderr) ||
		!strings.Contains(stderr, "may not read "+site+", since it is another user") {
		t.Errorf("publish: %d, %s", code, stderr)
	}
	secret := filepath.Join(mine, "secret")
	writePageFolder(t, filepath.Join(secret, "site"))
	if err := os.Chmod(secret, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := w.RunCode(t, "publish", filepath.Join(secret, "site")); code != 1 || !isOneLine(stderr) ||
		!strings.Contains(stderr, "enter those above it (chmod a+rX)") {
		t.Errorf("publish: %d, %s", code, stderr)
	}
	_, stderr, code := w.RunCode(t, "export", "Welcome to wtp", filepath.Join(mine, "out"))
	if code != 1 || !isOneLine(stderr) || !strings.Contains(stderr, "may not write to "+mine) ||
		!strings.Contains(stderr, "below its data folder, "+data) {
		t.Errorf("export: %d, %s", code, stderr)
	}
	stop()
}

// makeFoldersOfTwoUsers makes a data folder that belongs to another user, and a folder of the person, who alone may
// read the site in it.
func makeFoldersOfTwoUsers(t *testing.T) (data, mine string) {
	t.Helper()
	root := peers.PlainDir(t)
	if err := os.Chmod(root, 0o755); err != nil { // Somebody else has to come through.
		t.Fatal(err)
	}
	data, mine = filepath.Join(root, "data"), filepath.Join(root, "mine")
	writePageFolder(t, filepath.Join(mine, "site"))
	for dir, owner := range map[string]int{data: 65532, mine: 0} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(mine, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(mine, "site"), 0o700); err != nil {
		t.Fatal(err)
	}
	return data, mine
}

// startEngine starts an engine by a command and waits until it serves the welcome site. The function it returns
// interrupts the engine, which has to exit 0.
func startEngine(t *testing.T, w *peers.Wtptui, cmd *exec.Cmd) (stop func()) {
	t.Helper()
	ended := startInBackground(t, cmd)
	peers.Eventually(t, waitLong, "the welcome site", func() error {
		if stdout, stderr, code := w.RunCode(t, "ls"); code != 0 || !strings.Contains(stdout, "Welcome to wtp") {
			return fmt.Errorf("ls: %d, %s%s", code, stdout, stderr)
		}
		return nil
	})
	return func() {
		t.Helper()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err, _ := receive(t, ended, "the end of the program"); err != nil {
			t.Errorf("it ended with %v", err)
		}
	}
}

// writePageFolder makes a folder of one page.
func writePageFolder(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil { // For everybody, as what is published is.
		t.Fatal(err)
	}
	index := filepath.Join(dir, "index.html")
	if err := os.WriteFile(index, []byte("<title>Pages</title>"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// startInBackground starts a program, which is killed with the test if it has not ended by then. The channel gets the
// result.
func startInBackground(t *testing.T, cmd *exec.Cmd) (ended <-chan error) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exit := make(chan error, 1)
	go func() { exit <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return exit
}
