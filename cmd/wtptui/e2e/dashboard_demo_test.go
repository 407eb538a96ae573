//go:build !windows

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

// Somebody tries the program without a network: the pages of its sites, other versions of one, and publishing a folder.
func TestDemoTour(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binary(t), "--demo")
	tm := openTerminal(t, w.Dashboard(), 120, 36)
	tm.shows("1 All 1,000", "docs.example")
	useMouse(tm)
	lookAtPages(tm)
	turnToAnotherVersion(tm)
	publishFolder(tm)
	tm.press("q")
	tm.isLeft(0)
}

// click clicks at the first cell of a text, as a terminal reports it (SGR mouse mode, xterm).
func click(tm *terminal, text string) {
	tm.t.Helper()
	tm.shows(text)
	col, row, ok := tm.screen.Find(text)
	if !ok {
		tm.t.Fatalf("%q is gone again", text)
	}
	at := fmt.Sprintf("%d;%d", col, row)
	tm.press("\x1b[<0;" + at + "M\x1b[<0;" + at + "m")
}

// useMouse sorts with a menu, opens the help with the footer, and closes it with a click beside it.
func useMouse(tm *terminal) {
	tm.t.Helper()
	tm.press("s")
	click(tm, "most first")
	tm.hides("─ Sort by")
	tm.shows("sort: Peers ▼")
	click(tm, "help")
	tm.shows("─ Keys")
	click(tm, "wtptui")
	tm.hides("─ Keys")
}

// open filters for a site and opens its page.
func open(tm *terminal, title string) {
	tm.t.Helper()
	tm.press("/")
	tm.shows("keep")
	tm.press(title + "\r")
	tm.shows("1 of 1,000")
	tm.press("\r")
	tm.shows("[Overview]")
}

func lookAtPages(tm *terminal) {
	tm.t.Helper()
	open(tm, "every show")
	tm.shows("wtp://radio.example.org/", "Next check", "DNS says")
	for key, texts := range map[string][]string{
		"2": {"[Peers 19]", "WebRTC", "U it asks"}, "3": {"[Files 412]", "text/html"}, "4": {"[Trackers 3]", "● working", "✗ failing", "no answer in 15s"},
		"5": {"[Pieces]", "here ", "missing ", "Peers that have each piece"}, "6": {"[Requests", "Its first byte waited", "had to come from the swarm"},
		"7": {"[Log]", "does not match its hash"},
	} {
		tm.press(key)
		tm.shows(texts...)
	}
	tm.press("\x1b")
	tm.shows("1 of 1,000")
	tm.press("\x1b")
	tm.hides("1 of 1,000")
}

func turnToAnotherVersion(tm *terminal) {
	tm.t.Helper()
	open(tm, "Wiki mirror")
	tm.shows("↓ coming", "● served", "○ kept", "✗ gone", "resolvers disagree")
	tm.press("jjjj\r")
	tm.shows("─ Switch Wiki mirror", "▸ No")
	tm.press("y")
	tm.shows("‖ held", "→ follow its owner again")
	tm.press("G\r")
	tm.shows("▸ No", "Follow")
	tm.press("y")
	tm.shows("follows its owner again")
	tm.hides("‖ held")
	tm.press("\x1b")
	tm.shows("1 of 1,000")
	tm.press("\x1b")
	tm.hides("1 of 1,000")
}

// publishFolder completes the folder's name, decides what the check found, and looks at what came of it.
func publishFolder(tm *terminal) {
	tm.t.Helper()
	dir := tm.t.TempDir()
	for _, name := range []string{"secret-site", "other"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			tm.t.Fatal(err)
		}
	}
	tm.press("P")
	tm.shows("[Folder]")
	tm.paste(dir + "/")
	tm.press("\t")
	tm.shows("other/", "secret-site/")
	tm.press("s\t")
	tm.shows(filepath.Base(dir) + "/secret-site/")
	tm.press("\x1b[Bnew.example\r")
	tm.shows("[Check]", "deploy/id_ed25519", "✗ 2 to be decided")
	tm.press(" j \r")
	tm.shows("[Review]", "cannot be unpublished", "▸ Not yet")
	tm.press("y")
	tm.shows("[Live]", "wtp://new.example/", `www.new.example. TXT "wtpkey=`, "DNS does not name it yet")
	tm.shows("browsers and torrent clients can load it")
	tm.press("\x1b")
	tm.hides("[Live]")
}

// The same program in tmux, which passes on less than other terminals do, and is resized under it.
func TestDemoInTmux(t *testing.T) {
	t.Parallel()
	bin := binary(t)
	peers.Require(t, peers.TmuxTool)
	x := startTmux(t, peers.NewWtptui(t, bin, "--demo").Dashboard(), 120, 36)
	x.shows("1 All 1,000", "docs.example", "v hide")
	x.send("j", "j", "space", "Enter")
	x.shows("[Overview]", "esc back")
	for n, tab := range []string{"[Overview]", "[Peers", "[Files", "[Trackers", "[Pieces", "[Requests", "[Log"} {
		x.send(fmt.Sprint(n + 1))
		x.shows(tab)
	}
	x.tmux("resize-window", "-x", "80", "-y", "24")
	x.shows("[Log]", "esc back")
	x.send("Escape")
	x.shows("1 All 1,000")
	x.send("?")
	x.shows("Keys")
	x.send("Escape") // Until it has been taken, the next key would be one with Alt.
	x.hides("Keys")
	x.send("P")
	x.shows("[Folder]")
	x.send("Escape")
	x.hides("[Folder]")
	x.tmux("resize-window", "-x", "40", "-y", "10")
	x.shows("needs more room")
	x.tmux("resize-window", "-x", "200", "-y", "60")
	x.shows("1 All 1,000", "v hide")
	x.send("q")
	x.shows("exit code 0")
}

// tmux is a server of its own with one window.
type tmux struct {
	t      *testing.T
	socket string
}

func startTmux(t *testing.T, cmd *exec.Cmd, cols, rows int) *tmux {
	t.Helper()
	x := &tmux{t: t, socket: filepath.Join(peers.PlainDir(t), "s")}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", x.socket, "kill-server").Run()
	})
	shell := `"$0" "$@"; echo "exit code $?"; read -r _`
	args := append([]string{"-S", x.socket, "-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows), "sh", "-c", shell}, cmd.Args...)
	start := exec.Command("tmux", args...)
	start.Env = slices.Concat(cmd.Env, []string{"TERM=xterm-256color", "LC_ALL=C.UTF-8"})
	if out, err := start.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	x.tmux("set", "-g", "status", "off")
	return x
}

func (x *tmux) tmux(args ...string) string {
	x.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// send presses keys, by tmux's names for them.
func (x *tmux) send(keys ...string) {
	x.t.Helper()
	for _, key := range keys {
		x.tmux("send-keys", key)
	}
}

// shows waits until all the texts are in the window at once.
func (x *tmux) shows(texts ...string) {
	x.t.Helper()
	peers.Eventually(x.t, patience, fmt.Sprintf("%q", texts), func() error {
		screen := x.tmux("capture-pane", "-p")
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return fmt.Errorf("no %q in\n%s", text, screen)
			}
		}
		return nil
	})
}

// hides waits until the text is gone from the window.
func (x *tmux) hides(text string) {
	x.t.Helper()
	peers.Eventually(x.t, patience, "no "+text, func() error {
		if screen := x.tmux("capture-pane", "-p"); strings.Contains(screen, text) {
			return fmt.Errorf("it is in\n%s", screen)
		}
		return nil
	})
}
