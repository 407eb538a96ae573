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

// The demo works without a network: the pages of its sites, other versions of one, and publishing a folder.
func TestDemoShowsPagesVersionsAndPublishing(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t), "--demo")
	tm := openTerminal(t, w.DashboardCommand(), 120, 36)
	tm.waitShown("1 All 1,000", "docs.example")
	useMouse(tm)
	checkPages(tm)
	switchVersion(tm)
	publishFolder(tm)
	tm.press("q")
	tm.checkLeft(0)
}

// clickText clicks the first cell of a text, as a terminal reports it (SGR mouse mode, xterm).
func clickText(tm *terminal, text string) {
	tm.t.Helper()
	tm.waitShown(text)
	col, row, ok := tm.screen.Find(text)
	if !ok {
		tm.t.Fatalf("%q is gone again", text)
	}
	at := fmt.Sprintf("%d;%d", col, row)
	tm.press("\x1b[<0;" + at + "M\x1b[<0;" + at + "m")
}

// useMouse sorts with a menu, opens the help by the footer, and closes it by clicking beside it.
func useMouse(tm *terminal) {
	tm.t.Helper()
	tm.press("s")
	clickText(tm, "most first")
	tm.waitHidden("─ Sort by")
	tm.waitShown("sort: Peers ▼")
	clickText(tm, "help")
	tm.waitShown("─ Keys")
	clickText(tm, "wtptui")
	tm.waitHidden("─ Keys")
}

// openSite filters for a site and opens its page.
func openSite(tm *terminal, title string) {
	tm.t.Helper()
	tm.press("/")
	tm.waitShown("keep")
	tm.press(title + "\r")
	tm.waitShown("1 of 1,000")
	tm.press("\r")
	tm.waitShown("[Overview]")
}

func checkPages(tm *terminal) {
	tm.t.Helper()
	openSite(tm, "every show")
	tm.waitShown("wtp://radio.example.org/", "Next check", "DNS says")
	for key, texts := range map[string][]string{
		"2": {"[Peers 19]", "WebRTC", "U it wants"},
		"3": {"[Files 412]", "text/html"},
		"4": {"[Trackers 3]", "● working", "✗ failing", "no answer in 15s"},
		"5": {"[Pieces]", "here ", "missing ", "Peers that have each piece"},
		"6": {"[Requests", "The first byte took", "had to come from the swarm"},
		"7": {"[Log]", "does not match its hash"},
	} {
		tm.press(key)
		tm.waitShown(texts...)
	}
	tm.press("\x1b")
	tm.waitShown("1 of 1,000")
	tm.press("\x1b")
	tm.waitHidden("1 of 1,000")
}

func switchVersion(tm *terminal) {
	tm.t.Helper()
	openSite(tm, "Wiki mirror")
	tm.waitShown("↓ coming", "● served", "○ kept", "✗ gone", "resolvers disagree")
	tm.press("jjjj\r")
	tm.waitShown("─ Switch Wiki mirror", "▸ No")
	tm.press("y")
	tm.waitShown("‖ held", "→ follow its owner again")
	tm.press("G\r")
	tm.waitShown("▸ No", "Follow")
	tm.press("y")
	tm.waitShown("follows its owner again")
	tm.waitHidden("‖ held")
	tm.press("\x1b")
	tm.waitShown("1 of 1,000")
	tm.press("\x1b")
	tm.waitHidden("1 of 1,000")
}

// publishFolder completes the folder's name, decides about each finding, and checks the published site.
func publishFolder(tm *terminal) {
	tm.t.Helper()
	dir := tm.t.TempDir()
	for _, name := range []string{"secret-site", "other"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			tm.t.Fatal(err)
		}
	}
	tm.press("P")
	tm.waitShown("[Folder]")
	tm.paste(dir + "/")
	tm.press("\t")
	tm.waitShown("other/", "secret-site/")
	tm.press("s\t")
	tm.waitShown(filepath.Base(dir) + "/secret-site/")
	tm.press("\x1b[Bnew.example\r")
	tm.waitShown("[Check]", "deploy/id_ed25519", "✗ 2 to be decided")
	tm.press(" j \r")
	tm.waitShown("[Review]", "cannot be unpublished", "▸ Not yet")
	tm.press("y")
	tm.waitShown("[Live]", "wtp://new.example/", `www.new.example. TXT "wtpkey=`, "DNS does not have it yet")
	tm.waitShown("browsers and torrent clients can load it")
	tm.press("\x1b")
	tm.waitHidden("[Live]")
}

// The demo works in tmux, which passes on less than other terminals do, and when its window is resized.
func TestDemoWorksInTmux(t *testing.T) {
	t.Parallel()
	bin := binaryPath(t)
	peers.Require(t, peers.TmuxTool)
	x := startTmux(t, peers.NewWtptui(t, bin, "--demo").DashboardCommand(), 120, 36)
	x.waitShown("1 All 1,000", "docs.example", "v hide")
	x.sendKeys("j", "j", "space", "Enter")
	x.waitShown("[Overview]", "esc back")
	for n, tab := range []string{"[Overview]", "[Peers", "[Files", "[Trackers", "[Pieces", "[Requests", "[Log"} {
		x.sendKeys(fmt.Sprint(n + 1))
		x.waitShown(tab)
	}
	x.run("resize-window", "-x", "80", "-y", "24")
	x.waitShown("[Log]", "esc back")
	x.sendKeys("Escape")
	x.waitShown("1 All 1,000")
	x.sendKeys("?")
	x.waitShown("Keys")
	x.sendKeys("Escape") // Until it has been taken, the next key would be one with Alt.
	x.waitHidden("Keys")
	x.sendKeys("P")
	x.waitShown("[Folder]")
	x.sendKeys("Escape")
	x.waitHidden("[Folder]")
	x.run("resize-window", "-x", "40", "-y", "10")
	x.waitShown("needs more room")
	x.run("resize-window", "-x", "200", "-y", "60")
	x.waitShown("1 All 1,000", "v hide")
	x.sendKeys("q")
	x.waitShown("exit code 0")
}

// tmuxServer is a tmux server of its own with one window.
type tmuxServer struct {
	t      *testing.T
	socket string
}

func startTmux(t *testing.T, cmd *exec.Cmd, cols, rows int) *tmuxServer {
	t.Helper()
	x := &tmuxServer{t: t, socket: filepath.Join(peers.PlainDir(t), "s")}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", x.socket, "kill-server").Run()
	})
	shell := `"$0" "$@"; echo "exit code $?"; read -r _`
	args := append([]string{
		"-S", x.socket, "-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows),
		"sh", "-c", shell,
	}, cmd.Args...)
	start := exec.Command("tmux", args...)
	start.Env = slices.Concat(cmd.Env, []string{"TERM=xterm-256color", "LC_ALL=C.UTF-8"})
	if out, err := start.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	x.run("set", "-g", "status", "off")
	return x
}

func (x *tmuxServer) run(args ...string) string {
	x.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %q: %v: %s", args, err, out)
	}
	return string(out)
}

// sendKeys presses keys, by tmux's names for them.
func (x *tmuxServer) sendKeys(keys ...string) {
	x.t.Helper()
	for _, key := range keys {
		x.run("send-keys", key)
	}
}

// waitShown waits until the window shows all the texts at once.
func (x *tmuxServer) waitShown(texts ...string) {
	x.t.Helper()
	peers.Eventually(x.t, screenTimeout, fmt.Sprintf("%q", texts), func() error {
		screen := x.run("capture-pane", "-p")
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				return fmt.Errorf("no %q in\n%s", text, screen)
			}
		}
		return nil
	})
}

// waitHidden waits until the window does not show the text any more.
func (x *tmuxServer) waitHidden(text string) {
	x.t.Helper()
	peers.Eventually(x.t, screenTimeout, "no "+text, func() error {
		if screen := x.run("capture-pane", "-p"); strings.Contains(screen, text) {
			return fmt.Errorf("it is in\n%s", screen)
		}
		return nil
	})
}
