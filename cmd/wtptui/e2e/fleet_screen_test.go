//go:build !windows

package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// remoteMachine is a machine with an ssh server and an engine.
type remoteMachine struct {
	ssh *peers.SSHMachine
	w   *peers.Wtptui
}

func startRemoteMachine(t *testing.T) remoteMachine {
	t.Helper()
	far := remoteMachine{peers.StartSSH(t), startWtptui(t, "--tracker", "none")}
	far.ssh.Install(t, "wtptui", "exec "+peers.Quote(far.w.Command().Path)+` "$@"`)
	return far
}

func (f remoteMachine) address() string { return f.ssh.URL + f.w.DataDir }

// sshEnv returns the environment of a person who has access to all the machines: each has an ssh command of its own,
// which gets additional options.
func sshEnv(t *testing.T, env []string, options string, all ...remoteMachine) []string {
	t.Helper()
	dir := peers.PlainDir(t)
	text := "#!/bin/sh\ncase \" $* \" in\n"
	for _, f := range all {
		text += fmt.Sprintf("*\" -p %d \"*) exec %s %s \"$@\" ;;\n",
			f.ssh.Port(), peers.Quote(filepath.Join(f.ssh.ClientPath, "ssh")), options)
	}
	if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte(text+"esac\nexit 255\n"),
		0o700); err != nil {
		t.Fatal(err)
	}
	return append(env, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// One dashboard shows three machines: verbs go to the right one, a read-only one is not changed, and a lost one
// disturbs no other and comes back.
func TestDashboardShowsThreeMachines(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.OpenSSH)
	nas, vault, vps := startRemoteMachine(t), startRemoteMachine(t), startRemoteMachine(t)
	own := t.TempDir()
	const tables = "[fleet.nas]\naddress = %q\ncolor = \"green\"\n[fleet.vault]\naddress = %q\nread-only = true\n"
	putFile(t, own, "config.toml", fmt.Sprintf(tables, nas.address(), vault.address()))
	for _, f := range []remoteMachine{nas, vault, vps} {
		f.w.Run(t, "add", unseededHost)
	}
	screen := func(args ...string) *terminal {
		t.Helper()
		far := nas.w.Command()
		cmd := exec.Command(far.Path, append([]string{"--data-dir", own, "attach"}, args...)...)
		cmd.Env = sshEnv(t, far.Env, "", nas, vault, vps)
		return openTerminal(t, cmd, 120, 36)
	}
	const third = "127.0.0.1" // An address is called by its host.

	tm := screen("nas", "vault", vps.address())
	tm.waitShown("wtptui on 3 machines", "[1 All 6]")
	tm.waitRow(unseededHost[:6], third)
	filter := func(text string) {
		tm.press("/")
		tm.press("\x15" + text + "\r")
		tm.waitRow("/"+text, " of 6")
	}
	pin := func(machine string) {
		filter("machine=" + machine + " " + unseededHost[:6])
		tm.press("p")
	}
	pin(third)
	tm.waitRow("951ead31", third, "never")
	if pinnedSites(t, nas.w)[unseededHost] || pinnedSites(t, vault.w)[unseededHost] ||
		!pinnedSites(t, vps.w)[unseededHost] {
		t.Error("it was pinned on the wrong machine")
	}
	pin("vault")
	tm.waitShown("vault is read-only from here")
	if pinnedSites(t, vault.w)[unseededHost] {
		t.Error("it was pinned on a machine that is read-only")
	}

	vps.ssh.Disconnect()
	tm.waitShown("wtptui on 2 of 3 machines", third+" is away: ")
	filter("machine=" + third)
	tm.waitRow("AWAY", third)
	pin("nas")
	tm.waitRow("951ead31", "nas", "never")
	if !pinnedSites(t, nas.w)[unseededHost] {
		t.Error("it was not pinned while another machine is away")
	}
	vps.ssh.Reconnect()
	tm.waitShown("wtptui on 3 machines")
	tm.waitHidden("is away")
	filter("machine=" + third)
	tm.press("g")
	tm.press("o")
	tm.waitShown("is taken on this machine") // All of them are the same one.
	tm.press("q")
	tm.checkLeft(0)

	// One that is not there when it begins is waited for.
	vps.ssh.Disconnect()
	tm = screen("nas", vps.address())
	tm.waitShown("wtptui on 1 of 2 machines", third+" is away: ", "[1 All 2]")
	vps.ssh.Reconnect()
	tm.waitShown("wtptui on 2 machines", "[1 All 4]")
	tm.press("q")
	tm.checkLeft(0)
	if _, err := os.Stat(filepath.Join(own, "screen@_fleet.json")); err != nil {
		t.Errorf("how the screen is set up: %v", err)
	}

	tm = screen("--fleet")
	tm.waitShown("wtptui on 2 machines", "vault")
	tm.press("q")
	tm.checkLeft(0)
	for _, f := range []remoteMachine{nas, vault, vps} {
		if sites := f.w.List(t); len(sites) != 2 {
			t.Errorf("after the dashboard there are %+v", sites)
		}
	}
	if out, err := exec.Command(nas.w.Command().Path, "--data-dir", own, "attach", "nas",
		"nas").CombinedOutput(); err == nil ||
		!strings.Contains(string(out), "nas is given twice") {
		t.Errorf("one machine twice: %v: %s", err, out)
	}
}

// If ssh has to ask the person something, it does so before the dashboard takes over the terminal, and for each
// machine.
func TestFleetAsksBeforeTheDashboardStarts(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.OpenSSH)
	nas, vps := startRemoteMachine(t), startRemoteMachine(t)
	far := nas.w.Command()
	cmd := exec.Command(far.Path, "--data-dir", t.TempDir(), "attach", nas.address(), vps.address())
	cmd.Env = sshEnv(t, far.Env, "-o StrictHostKeyChecking=ask", nas, vps)
	tm := openTerminal(t, cmd, 120, 36)
	for _, f := range []remoteMachine{nas, vps} {
		tm.waitShown(fmt.Sprintf("[127.0.0.1]:%d", f.ssh.Port()), "(yes/no/[fingerprint])?")
		tm.press("yes\r")
	}
	tm.waitShown("wtptui on 2 machines", "[1 All 2]")
	tm.press("q")
	tm.checkLeft(0)
}
