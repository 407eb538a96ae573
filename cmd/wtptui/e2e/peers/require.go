package peers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Tool is a part that a test needs and this repository does not contain.
type Tool string

// The tools that tests ask for. .ci/run installs all of them.
const (
	BittorrentTracker Tool = "bittorrent-tracker"
	WebTorrentTool    Tool = "webtorrent"
	LibtorrentTool    Tool = "python3-libtorrent"
	TransmissionTool  Tool = "transmission-daemon"
	ChromiumTool      Tool = "chromium"
	UnboundTool       Tool = "unbound"
	SQLiteDoc         Tool = "sqlite3-doc"
	GitDoc            Tool = "git-doc"
	DebianHandbook    Tool = "debian-handbook"
	XDGUtils          Tool = "xdg-utils"
	SSHClient         Tool = "openssh-client"
	SSHServer         Tool = "openssh-server"
	Dpkg              Tool = "dpkg"
	Systemd           Tool = "systemd"
	TmuxTool          Tool = "tmux"
)

// debianPython is Debian's own interpreter: its libtorrent is invisible to any other python3 on the path.
const debianPython = "/usr/bin/python3"

// Require ends the test unless every tool is there. The test skips and says what is missing and how to get it; with
// WTPTUI_E2E=require in the environment, as in CI, it fails instead. With -short it always skips.
func Require(t testing.TB, tools ...Tool) {
	t.Helper()
	if testing.Short() {
		t.Skip("end to end: skipped by -short")
	}
	for _, tool := range tools {
		err := tool.check()
		if err == nil {
			continue
		}
		msg := fmt.Sprintf("end to end: needs %s: %v; to get it: %s, or run .ci/run once", tool, err, tool.install())
		if os.Getenv("WTPTUI_E2E") == "require" {
			t.Fatal(msg)
		}
		t.Skip(msg)
	}
}

func (tool Tool) check() error {
	switch tool {
	case BittorrentTracker:
		if _, err := exec.LookPath("node"); err != nil {
			return err
		}
		_, err := nodeModules()
		return err
	case WebTorrentTool:
		modules, err := nodeModules()
		if err == nil {
			_, err = os.Stat(filepath.Join(modules, "webtorrent", "dist", "webtorrent.min.js"))
		}
		return err
	case LibtorrentTool:
		return exec.Command(debianPython, "-c", "import libtorrent").Run()
	case SQLiteDoc:
		_, err := sqliteDoc()
		return err
	case GitDoc, DebianHandbook:
		_, err := tool.folder()
		return err
	case XDGUtils:
		_, err := exec.LookPath("xdg-open")
		return err
	case SSHClient:
		_, err := exec.LookPath("ssh")
		return err
	case Systemd:
		_, err := exec.LookPath("systemd-analyze")
		return err
	case SSHServer:
		_, err := os.Stat(debianSSHD)
		return err
	case UnboundTool:
		_, err := os.Stat(debianTool(tool))
		return err
	default:
		_, err := exec.LookPath(string(tool))
		return err
	}
}

func (tool Tool) install() string {
	switch tool {
	case BittorrentTracker, WebTorrentTool:
		return "install node and npm, then (cd .ci/npm && npm ci --ignore-scripts)"
	case SQLiteDoc:
		return "unpack Debian's sqlite3-doc and name the folder with its index.html in WTPTUI_SQLITE_DOC"
	case GitDoc, DebianHandbook:
		return "unpack Debian's " + string(tool) + " below ~/.cache/wtptui-ci"
	default:
		return "apt-get install " + string(tool)
	}
}

// nodeModules finds the packages that .ci/npm/package-lock.json names.
func nodeModules() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, ".ci", "npm", "node_modules")
	if _, err := os.Stat(filepath.Join(dir, "bittorrent-tracker", "server.js")); err != nil {
		return "", err
	}
	return dir, nil
}

// moduleRoot is the folder of go.mod. A test runs in the folder of its package, somewhere below it.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("peers: no go.mod above the working directory")
		}
		dir = parent
	}
}
