//go:build linux

package e2e_test

import (
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// systemd finds no fault in the units, and the exposure of the one for the machine is at most 1.5 of 10.
func TestSystemdUnitsAreValidAndConfined(t *testing.T) {
	t.Parallel()
	bin := binaryPath(t)
	peers.Require(t, peers.Systemd)
	for unit, args := range map[string][]string{
		"system": {"verify", "--man=no"},
		"user":   {"verify", "--man=no", "--user"},
	} {
		text, err := os.ReadFile(filepath.Join("..", "packaging", "systemd", unit, "wtptui.service"))
		if err != nil {
			t.Fatal(err)
		}
		// It looks whether the program is there.
		dir := peers.PlainDir(t)
		path := filepath.Join(dir, "wtptui.service")
		unit := strings.ReplaceAll(string(text), "=/usr/bin/wtptui ", "="+bin+" ")
		if err := os.WriteFile(path, []byte(unit), 0o600); err != nil {
			t.Fatal(err)
		}
		analyze := func(args ...string) {
			t.Helper()
			cmd := exec.Command("systemd-analyze", append(args, path)...)
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR="+dir)
			if output, err := cmd.CombinedOutput(); err != nil || len(output) > 0 && args[0] == "verify" {
				t.Errorf("%s: systemd-analyze %q: %v\n%s", unit, args, err, output)
			}
		}
		analyze(args...)
		if unit == "system" {
			analyze("security", "--no-pager", "--offline=true", "--threshold=15")
			dropIn, err := os.ReadFile(filepath.Join("..", "packaging", "systemd", "folders.conf"))
			if err == nil {
				err = os.Mkdir(path+".d", 0o700)
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(path+".d", "folders.conf"), dropIn, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			analyze(args...)
			analyze("security", "--no-pager", "--offline=true", "--threshold=15")
		}
	}
}

// containedScript runs the program of its arguments as in a container: as a user without a name, without capabilities,
// on a file system of which only the volume, the first argument, can be written to.
const containedScript = `set -e
mount --make-rprivate /
mount --bind "$1" "$1"
for m in $(awk '{print $5}' /proc/self/mountinfo | sort -r); do
	case $m in "$1"|/proc*|/sys*|/dev*) ;; *) mount -o remount,bind,ro "$m" 2>/dev/null || true ;; esac
done
! touch /root-is-not-read-only 2>/dev/null
shift
exec setpriv --reuid=65532 --regid=65532 --clear-groups --bounding-set=-all --no-new-privs "$@"`

// The static binary works as it runs in a container: as a user without a name, without capabilities, on a root file
// system that it cannot write to.
func TestBinaryRunsWithTheRightsOfAContainer(t *testing.T) {
	t.Parallel()
	bin := binaryPath(t)
	requireContainment(t)
	data := t.TempDir()
	volume := makeVolume(t, data)
	w := peers.NewWtptui(t, bin, "--tracker", "none")
	args := []string{"--mount", "sh", "-c", containedScript, "sh", volume, bin, "serve"}
	args = append(args, w.DashboardCommand().Args[3:]...)
	cmd := exec.Command("unshare", args...)
	cmd.Env = slices.Concat(w.Command().Env, []string{"WTPTUI_DATA_DIR=" + volume, "HOME=/"})
	log, err := os.Create(filepath.Join(data, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd.Stderr = log
	exited := startInBackground(t, cmd)
	w.DataDir = volume
	peers.Eventually(t, waitLong, "the welcome site", func() error {
		if stdout, stderr, code := w.RunCode(t, "ls"); code != 0 || !strings.Contains(stdout, "Welcome to wtp") {
			output, _ := os.ReadFile(log.Name())
			return fmt.Errorf("ls: %d, %s%s\n%s", code, stdout, stderr, output)
		}
		return nil
	})
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil || !strings.Contains(string(status), "Uid:\t65532\t65532\t65532\t65532") ||
		!strings.Contains(string(status), "CapBnd:\t0000000000000000") {
		t.Errorf("it runs as %v\n%s", err, status)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err, _ := receive(t, exited, "the end of the contained program"); err != nil {
		output, _ := os.ReadFile(log.Name())
		t.Errorf("it ended with %v\n%s", err, output)
	}
}

// requireContainment skips the test where containedScript cannot run.
func requireContainment(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to become somebody else")
	}
	for _, tool := range []string{"unshare", "setpriv"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs util-linux: %v", err)
		}
	}
	if text, err := exec.Command("unshare", "--mount", "true").CombinedOutput(); err != nil {
		t.Skipf("needs a mount namespace of its own: %v: %s", err, text)
	}
}

// makeVolume makes a folder below a temporary one that belongs to the user of the container, and returns its path.
func makeVolume(t *testing.T, data string) string {
	t.Helper()
	for dir := data; strings.HasPrefix(dir, os.TempDir()+"/"); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // Somebody else has to come through.
			t.Fatal(err)
		}
	}
	volume := filepath.Join(data, "volume")
	if err := os.Mkdir(volume, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(volume, 65532, 65532); err != nil {
		t.Fatal(err)
	}
	return volume
}

// What launchd starts on macOS is the program itself, which logs where Console looks, and exits 0 when it is asked to.
func TestLaunchAgentRunsTheProgram(t *testing.T) {
	t.Parallel()
	bin := binaryPath(t)
	file, err := os.Open(filepath.Join("..", "packaging", "launchd", "wtptui.plist"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var plist struct {
		Keys  []string `xml:"dict>key"`
		Words []string `xml:"dict>array>string"` // of ProgramArguments, the only array
	}
	if err := xml.NewDecoder(file).Decode(&plist); err != nil {
		t.Fatal(err)
	}
	const installed = "/usr/local/bin/wtptui "
	if len(plist.Words) != 3 || !strings.Contains(plist.Words[2], installed) || !slices.Contains(plist.Keys, "KeepAlive") {
		t.Fatalf("it starts %q, with %q", plist.Words, plist.Keys)
	}
	w := peers.NewWtptui(t, bin, "--tracker", "none")
	cmd := exec.Command(plist.Words[0], plist.Words[1], strings.ReplaceAll(plist.Words[2], installed, bin+" "))
	home := t.TempDir()
	cmd.Env = slices.Concat(w.Command().Env, []string{
		"HOME=" + home, "WTPTUI_DATA_DIR=" + w.DataDir, "WTPTUI_LISTEN=127.0.0.1:0", "WTPTUI_PEER_HOST=127.0.0.1",
		"WTPTUI_PEER_PORT=0", "WTPTUI_TRACKER=none", "WTPTUI_NO_DHT=1", "WTPTUI_NO_UPNP=1", "WTPTUI_NO_LSD=1",
	})
	ended := startInBackground(t, cmd)
	log := filepath.Join(home, "Library", "Logs", "wtptui.log")
	peers.Eventually(t, waitLong, "its log", func() error {
		text, err := os.ReadFile(log)
		if err == nil && !strings.Contains(string(text), "msg=serving") {
			err = fmt.Errorf("it has\n%s", text)
		}
		return err
	})
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err, _ := receive(t, ended, "the end of what launchd has started"); err != nil {
		t.Errorf("it ended with %v", err)
	}
}
