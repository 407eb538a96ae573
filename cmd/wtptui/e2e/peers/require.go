package peers

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Tool is a program or data set that tests need and this repository does not contain.
type Tool string

// The tools that tests ask for. .ci/run installs all of them.
const (
	BittorrentTracker Tool = "bittorrent-tracker"
	WebTorrentTool    Tool = "webtorrent"
	NPMSites          Tool = "the real sites"
	PkarrTool         Tool = "pkarr"
	AddonsLinter      Tool = "addons-linter"
	LibtorrentTool    Tool = "python3-libtorrent"
	TransmissionTool  Tool = "transmission-daemon"
	Aria2Tool         Tool = "aria2"
	RTorrentTool      Tool = "rtorrent"
	QBittorrentTool   Tool = "qbittorrent-nox"
	ChromiumTool      Tool = "chromium"
	FirefoxTool       Tool = "firefox-esr"
	NginxTool         Tool = "nginx-light"
	CaddyTool         Tool = "caddy"
	UnboundTool       Tool = "unbound"
	PebbleTool        Tool = "pebble"
	XDGUtils          Tool = "xdg-utils"
	OpenSSH           Tool = "openssh"
	Dpkg              Tool = "dpkg"
	Systemd           Tool = "systemd"
	TmuxTool          Tool = "tmux"
	IPRoute2          Tool = "iproute2"
	PrometheusTool    Tool = "prometheus"
	CurlTool          Tool = "curl"
	RPMTool           Tool = "rpm"
	PacmanTool        Tool = "pacman-package-manager"
	BusyboxTool       Tool = "busybox-static"
	ShellcheckTool    Tool = "shellcheck"
	MandocTool        Tool = "mandoc"
)

// Require ends the test unless every tool is there and works, which is tried once in a process. The test skips with one
// line that says what is missing and how to get it. With WTPTUI_E2E=require in the environment, as in CI, it fails
// instead. With -short it always skips.
func Require(t testing.TB, tools ...Tool) {
	t.Helper()
	if testing.Short() {
		t.Skip("end to end: skipped by -short")
	}
	for _, tool := range tools {
		missing := tool.skipMessage(tool.whyBroken())
		switch {
		case missing == "":
		case required():
			t.Fatal(missing)
		default:
			t.Skip(missing)
		}
	}
}

// skipMessage returns the line that says why the tool cannot be used and how to get it; empty if nothing is wrong.
func (tool Tool) skipMessage(why string) string {
	if why == "" {
		return ""
	}
	return fmt.Sprintf("end to end: needs %s: %s; to get it: %s, or run .ci/run once", tool, why, tool.installHint())
}

// required reports whether a missing tool is a failure.
func required() bool { return os.Getenv("WTPTUI_E2E") == "require" }

// installHint returns what a person does to get the tool.
func (tool Tool) installHint() string {
	switch tool {
	case BittorrentTracker, WebTorrentTool, NPMSites, PkarrTool, AddonsLinter:
		return "install node and npm, then (cd .ci/npm && npm ci --ignore-scripts)"
	case OpenSSH:
		return "apt-get install openssh-client openssh-server"
	case PebbleTool:
		return "install Go, then go -C .ci/tools tool -n pebble, which downloads and builds it"
	default:
		return "apt-get install " + string(tool)
	}
}

// shortenToOneLine joins the lines of the text and cuts it to a length that people read.
func shortenToOneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	const most = 500 // bytes
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " …"
	}
	return text
}
