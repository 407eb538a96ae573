package peers

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// SSHMachine is OpenSSH's server on a loopback port, with keys and settings of its own, for the user who runs the test.
type SSHMachine struct {
	// URL is ssh://user@127.0.0.1:port.
	URL string
	// Bin is in the PATH of the commands that are run there, with the system's own folders after it.
	Bin string
	// ClientPath is a folder with an ssh command in it that is let in; a test puts it in front of PATH.
	ClientPath string

	config string
	ln     net.Listener
	wg     sync.WaitGroup
	mu     sync.Mutex
	conns  map[net.Conn]*exec.Cmd
	down   bool
}

// StartSSH runs the server until the test ends.
func StartSSH(t testing.TB) *SSHMachine {
	t.Helper()
	Require(t, OpenSSH)
	return startSSH(t)
}

// trySSH runs a command on the machine.
func trySSH(t testing.TB) {
	m := startSSH(t)
	ssh := filepath.Join(m.ClientPath, "ssh")
	if said := runProgram(t, ssh, "-o", "BatchMode=yes", m.URL, "echo it works"); !strings.HasSuffix(said, "it works\n") {
		t.Fatalf("it said %q", said)
	}
}

func startSSH(t testing.TB) *SSHMachine {
	t.Helper()
	dir := PlainDir(t)
	m := &SSHMachine{
		Bin: filepath.Join(dir, "bin"), ClientPath: filepath.Join(dir, "client"), conns: map[net.Conn]*exec.Cmd{},
	}
	me, err := user.Current()
	if err == nil {
		err = m.writeConfig(t, dir, me)
	}
	if err != nil {
		t.Fatalf("peers: sshd: %v", err)
	}
	if m.ln, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	m.URL = fmt.Sprintf("ssh://%s@%s", me.Username, m.ln.Addr())
	m.wg.Go(m.accept)
	t.Cleanup(func() {
		m.ln.Close()
		m.Disconnect()
		m.wg.Wait()
	})
	return m
}

// writeConfig writes keys and settings. The server uses none of the machine's own.
func (m *SSHMachine) writeConfig(t testing.TB, dir string, me *user.User) error {
	if me.Uid == "0" {
		// Root's server insists on this folder, which its package's service makes at boot.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // As that service makes it.
			return err
		}
	}
	for _, key := range []string{"host", "user"} {
		runProgram(t, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", filepath.Join(dir, key))
	}
	m.config = filepath.Join(dir, "sshd_config")
	client, home := filepath.Join(dir, "ssh_config"), filepath.Join(dir, "home")
	ssh, err := exec.LookPath("ssh")
	if err != nil {
		return err
	}
	return errors.Join(
		os.Mkdir(m.Bin, 0o700), os.Mkdir(m.ClientPath, 0o700), os.Mkdir(home, 0o700),
		os.WriteFile(m.config, []byte(strings.Join([]string{
			"HostKey " + filepath.Join(dir, "host"), "AuthorizedKeysFile " + filepath.Join(dir, "user.pub"),
			"StrictModes no", "UsePAM no", "PasswordAuthentication no", "PermitRootLogin yes", "PidFile none", "PrintMotd no",
			"LogLevel ERROR", "KexAlgorithms curve25519-sha256", "UseDNS no",
			// What a person's shell does at its start, and writes there, is not to be heard here.
			"SetEnv PATH=" + m.Bin + ":/usr/local/bin:/usr/bin:/bin HOME=" + home, "",
		}, "\n")), 0o600),
		os.WriteFile(client, []byte(strings.Join([]string{
			"IdentityFile " + filepath.Join(dir, "user"), "IdentitiesOnly yes",
			"UserKnownHostsFile " + filepath.Join(dir, "known"),
			"GlobalKnownHostsFile none", "StrictHostKeyChecking accept-new", "",
		}, "\n")), 0o600),
		// ssh looks for its settings in the home of the person, whatever HOME says.
		writeShellScript(filepath.Join(m.ClientPath, "ssh"), "exec "+ssh+" -F "+client+` "$@"`),
	)
}

// Install makes a command of the given name on the machine. text is a shell script.
func (m *SSHMachine) Install(t testing.TB, name, text string) {
	t.Helper()
	if err := writeShellScript(filepath.Join(m.Bin, name), text); err != nil {
		t.Fatal(err)
	}
}

// Quote returns the text as one word of a shell.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func writeShellScript(path, text string) error {
	return os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700)
}

// Env returns an environment in which `ssh` has access to the machine.
func (m *SSHMachine) Env(env []string) []string {
	return append(env, "PATH="+m.ClientPath+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// Port returns the port on which the server listens.
func (m *SSHMachine) Port() int {
	_, port, _ := net.SplitHostPort(m.ln.Addr().String()) // It has this form.
	n, _ := strconv.Atoi(port)
	return n
}

// accept runs a server for every connection, which has its socket as standard input.
func (m *SSHMachine) accept() {
	for {
		conn, err := m.ln.Accept()
		if err != nil {
			return
		}
		m.wg.Go(func() { m.serve(conn) })
	}
}

func (m *SSHMachine) serve(conn net.Conn) {
	defer conn.Close()
	file, err := conn.(*net.TCPConn).File()
	if err != nil {
		return
	}
	cmd := exec.Command(findSystemProgram("sshd"), "-i", "-f", m.config)
	cmd.Stdin, cmd.Stdout = file, file
	m.mu.Lock()
	if m.down {
		err = net.ErrClosed
	} else if err = cmd.Start(); err == nil {
		m.conns[conn] = cmd
	}
	m.mu.Unlock()
	file.Close()
	conn.Close() // The server has its own copy.
	if err == nil {
		_ = cmd.Wait() // How it ends is the client's business.
	}
	m.mu.Lock()
	delete(m.conns, conn)
	m.mu.Unlock()
}

// Disconnect breaks all connections, and refuses new ones until Reconnect.
func (m *SSHMachine) Disconnect() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = true
	for _, cmd := range m.conns {
		_ = cmd.Process.Kill() // It may have ended by itself.
	}
}

// Reconnect accepts connections again.
func (m *SSHMachine) Reconnect() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = false
}
