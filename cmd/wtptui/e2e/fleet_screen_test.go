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

// unnamedMachine is what an address without a name in the configuration is called: its host.
const unnamedMachine = "127.0.0.1"

// fleetTest has three machines that each have a site without a seed.
type fleetTest struct {
	own             string // data folder of the dashboard; its config names nas, and vault as read-only
	nas, vault, vps remoteMachine
}

func newFleetTest(t *testing.T) fleetTest {
	t.Helper()
	f := fleetTest{nas: startRemoteMachine(t), vault: startRemoteMachine(t), vps: startRemoteMachine(t), own: t.TempDir()}
	const tables = "[fleet.nas]\naddress = %q\ncolor = \"green\"\n[fleet.vault]\naddress = %q\nread-only = true\n"
	putFile(t, f.own, "config.toml", fmt.Sprintf(tables, f.nas.address(), f.vault.address()))
	for _, m := range f.machines() {
		m.w.Run(t, "add", unseededHost)
	}
	return f
}

func (f fleetTest) machines() []remoteMachine { return []remoteMachine{f.nas, f.vault, f.vps} }

// openScreen opens the dashboard of some of the machines.
func (f fleetTest) openScreen(t *testing.T, args ...string) *terminal {
	t.Helper()
	far := f.nas.w.Command()
	cmd := exec.Command(far.Path, append([]string{"--data-dir", f.own, "attach"}, args...)...)
	cmd.Env = sshEnv(t, far.Env, "", f.machines()...)
	return openTerminal(t, cmd, 120, 36)
}

// filterFleet filters the six sites of three machines.
func filterFleet(tm *terminal, text string) {
	tm.press("/")
	tm.press("\x15" + text + "\r")
	tm.waitRow("/"+text, " of 6")
}

// pressPin presses the key that pins the site without a seed on a machine.
func pressPin(tm *terminal, machine string) {
	filterFleet(tm, "machine="+machine+" "+unseededHost[:6])
	tm.press("p")
}

// One dashboard shows three machines: verbs go to the right one, a read-only one is not changed, and a lost one
// disturbs no other and comes back.
func TestDashboardShowsThreeMachines(t *testing.T) {
	t.Parallel()
	peers.Require(t, peers.OpenSSH)
	f := newFleetTest(t)
	tm := f.openScreen(t, "nas", "vault", f.vps.address())
	tm.waitShown("wtptui on 3 machines", "[1 All 6]")
	tm.waitRow(unseededHost[:6], unnamedMachine)
	f.checkPins(t, tm)
	f.checkLostMachine(t, tm)
	tm.press("q")
	tm.checkLeft(0)

	f.checkMachineThatComesLater(t)
	f.checkWholeFleet(t)
	nasTwice := exec.Command(f.nas.w.Command().Path, "--data-dir", f.own, "attach", "nas", "nas")
	if out, err := nasTwice.CombinedOutput(); err == nil || !strings.Contains(string(out), "nas is given twice") {
		t.Errorf("one machine twice: %v: %s", err, out)
	}
}

// checkPins checks that a site is pinned on the machine that is selected, and not on one that is read-only.
func (f fleetTest) checkPins(t *testing.T, tm *terminal) {
	t.Helper()
	pressPin(tm, unnamedMachine)
	tm.waitRow("951ead31", unnamedMachine, "never")
	if pinnedSites(t, f.nas.w)[unseededHost] || pinnedSites(t, f.vault.w)[unseededHost] ||
		!pinnedSites(t, f.vps.w)[unseededHost] {
		t.Error("it was pinned on the wrong machine")
	}
	pressPin(tm, "vault")
	tm.waitShown("vault is read-only from here")
	if pinnedSites(t, f.vault.w)[unseededHost] {
		t.Error("it was pinned on a machine that is read-only")
	}
}

// checkLostMachine disconnects one of the three machines, and checks that the others still work and that it returns.
func (f fleetTest) checkLostMachine(t *testing.T, tm *terminal) {
	t.Helper()
	f.vps.ssh.Disconnect()
	tm.waitShown("wtptui on 2 of 3 machines", unnamedMachine+" is away: ")
	filterFleet(tm, "machine="+unnamedMachine)
	tm.waitRow("AWAY", unnamedMachine)
	pressPin(tm, "nas")
	tm.waitRow("951ead31", "nas", "never")
	if !pinnedSites(t, f.nas.w)[unseededHost] {
		t.Error("it was not pinned while another machine is away")
	}
	f.vps.ssh.Reconnect()
	tm.waitShown("wtptui on 3 machines")
	tm.waitHidden("is away")
	filterFleet(tm, "machine="+unnamedMachine)
	tm.press("g")
	tm.press("o")
	tm.waitShown("is taken on this machine") // All of them are the same one.
}

// checkMachineThatComesLater checks that a machine which is away when the dashboard starts is waited for.
func (f fleetTest) checkMachineThatComesLater(t *testing.T) {
	t.Helper()
	f.vps.ssh.Disconnect()
	tm := f.openScreen(t, "nas", f.vps.address())
	tm.waitShown("wtptui on 1 of 2 machines", unnamedMachine+" is away: ", "[1 All 2]")
	f.vps.ssh.Reconnect()
	tm.waitShown("wtptui on 2 machines", "[1 All 4]")
	tm.press("q")
	tm.checkLeft(0)
	if _, err := os.Stat(filepath.Join(f.own, "screen@_fleet.json")); err != nil {
		t.Errorf("how the screen is set up: %v", err)
	}
}

// checkWholeFleet shows all machines of the configuration. After it each machine still has its two sites.
func (f fleetTest) checkWholeFleet(t *testing.T) {
	t.Helper()
	tm := f.openScreen(t, "--fleet")
	tm.waitShown("wtptui on 2 machines", "vault")
	tm.press("q")
	tm.checkLeft(0)
	for _, m := range f.machines() {
		if sites := m.w.List(t); len(sites) != 2 {
			t.Errorf("after the dashboard there are %+v", sites)
		}
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
