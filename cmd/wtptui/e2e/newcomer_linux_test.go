package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// The README's commands work one after the other, on a machine that has nothing but the program: the dashboard opens
// the site that comes with it, and a folder becomes a site that a browser shows.
func TestReadmeCommandsWorkOnABareMachine(t *testing.T) {
	t.Parallel()
	n := startNewcomer(t)
	blocks := readmeCommands(t)
	if want := []string{"go run ./cmd/wtptui", "go test ./..."}; !slices.Equal(blocks[0], want) {
		t.Fatalf("the README begins with %q, want %q", blocks[0], want)
	}
	if want := []string{"wtptui"}; !slices.Equal(blocks[1], want) { // It stands for go run.
		t.Fatalf("then the README has %q, want %q", blocks[1], want)
	}
	tm := openTerminal(t, n.shell("exec wtptui"), 120, 36)
	tm.waitShown("[1 All 1]", "Welcome to wtp", "100%")
	tm.press("o")
	n.checkOpenedPage("Websites that their readers carry.")
	opened := false
	for _, line := range slices.Concat(blocks[2:]...) {
		n.runCommand(line)
		if strings.HasPrefix(line, "wtptui open ") {
			n.checkOpenedPage("Hello from a swarm")
			opened = true
		}
	}
	if !opened {
		t.Error("the README opens no site that was published")
	}
	tm.waitShown("Hello", "5 Mine ")
	tm.press("q")
	tm.checkLeft(0)
}

// readmeCommands returns the commands of the README's blocks in "sh", in their order.
func readmeCommands(t *testing.T) (blocks [][]string) {
	t.Helper()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)\n```sh\n(.*?)\n```\n").FindAllStringSubmatch(string(text), -1) {
		var lines []string
		for line := range strings.Lines(block[1]) {
			line, _, _ = strings.Cut(line, "# ")
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
		blocks = append(blocks, lines)
	}
	if len(blocks) < 4 {
		t.Fatalf("the README has only the commands %q", blocks)
	}
	return blocks
}

// newcomer is a person whose machine has no folder but an empty home, and no file but the program and what opens the
// system's browser. The shell is outside.
type newcomer struct {
	t       *testing.T
	home    string
	env     []string
	browser context.Context // It is how chromedp names a browser
	visited string          // The file in which what opens the browser notes the address.
	address string          // Of the site that was published last.
}

func startNewcomer(t *testing.T) *newcomer {
	t.Helper()
	peers.Require(t, peers.ChromiumTool)
	bin := binaryPath(t)
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		t.Skipf("needs util-linux: %v", err)
	}
	if text, err := exec.Command(unshare, "--map-root-user", "--root=/", "true").CombinedOutput(); err != nil {
		t.Skipf("needs a user namespace, to have a root folder of its own: %v: %s", err, text)
	}
	root := peers.PlainDir(t)
	n := &newcomer{t: t, home: filepath.Join(root, "home", "me"), visited: filepath.Join(root, "visited")}
	for _, dir := range []string{n.home, filepath.Join(root, "bin"), filepath.Join(root, "dev")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	// No program starts another one without /dev/null, and only the system's own root can make the device.
	if err := os.WriteFile(filepath.Join(root, "dev", "null"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "bin", "wtptui"), program, 0o700); err != nil {
		t.Fatal(err)
	}
	buildOpener(t, filepath.Join(root, "bin", "xdg-open"))

	// What the shell finds as wtptui runs the program where there is nothing else. Without a network of its own it could
	// meet the other tests, so this part of its environment is not a newcomer's.
	tools := t.TempDir()
	wrapper := fmt.Sprintf(`#!/bin/sh
exec env -i HOME=/home/me PATH=/bin TERM="$TERM" WTPTUI_LISTEN=127.0.0.1:0 \
  WTPTUI_PEER_HOST=127.0.0.1 WTPTUI_PEER_PORT=0 \
	WTPTUI_NO_DHT=1 WTPTUI_NO_LSD=1 WTPTUI_NO_UPNP=1 WTPTUI_TRACKER=none WTPTUI_STUN=none WTPTUI_DOH=http://127.0.0.1:9/ \
	'%s' --map-root-user --root='%s' --wd=/home/me /bin/wtptui "$@"
`, unshare, root)
	if err := os.WriteFile(filepath.Join(tools, "wtptui"), []byte(wrapper), 0o700); err != nil {
		t.Fatal(err)
	}
	n.browser = startBrowser(t)
	n.env = []string{"HOME=" + n.home, "PATH=" + tools + ":" + os.Getenv("PATH")}
	return n
}

// buildOpener builds a program that records the address that it should open.
func buildOpener(t *testing.T, file string) {
	t.Helper()
	source := filepath.Join(t.TempDir(), "open.go")
	const program = `package main

import "os"

func main() {
	if os.WriteFile("/new", []byte(os.Args[1]), 0o600) != nil || os.Rename("/new", "/visited") != nil {
		os.Exit(1)
	}
}
`
	if err := os.WriteFile(source, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-o", file, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v: %s", err, text)
	}
}

// shell returns a shell in the newcomer's home.
func (n *newcomer) shell(line string) *exec.Cmd {
	cmd := exec.CommandContext(n.t.Context(), "sh", "-euc", "cd "+n.home+"\n"+line)
	cmd.Env = n.env
	return cmd
}

var publishedAt = regexp.MustCompile(`(?m)^url +(wtp://\S+)$`)

// runCommand runs a command of the README. ADDRESS stands for the address that was published last.
func (n *newcomer) runCommand(line string) {
	n.t.Helper()
	if strings.Contains(line, "ADDRESS") && n.address == "" {
		n.t.Fatalf("%s: nothing was published before", line)
	}
	line = strings.ReplaceAll(line, "ADDRESS", n.address)
	output, err := n.shell(line).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		n.t.Fatalf("%s: %v\n%s%s", line, err, output, exit.Stderr)
	}
	if err != nil {
		n.t.Fatalf("%s: %v", line, err)
	}
	if m := publishedAt.FindSubmatch(output); m != nil {
		n.address = string(m[1])
	}
}

// checkOpenedPage waits until an address is opened, and checks that a browser shows a page with the text there.
func (n *newcomer) checkOpenedPage(text string) {
	n.t.Helper()
	var page string
	peers.Eventually(n.t, waitLong, "an address to be opened", func() error {
		data, err := os.ReadFile(n.visited)
		page = string(data)
		return err
	})
	if err := os.Remove(n.visited); err != nil {
		n.t.Fatal(err)
	}
	browser := openTabIn(n.t, n.browser)
	browser.navigate(n.t, page)
	browser.waitTrue(n.t, fmt.Sprintf("%q at %s", text, page), fmt.Sprintf("document.body.innerText.includes(%q)", text))
}
