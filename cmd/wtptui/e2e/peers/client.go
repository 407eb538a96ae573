package peers

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// ClientKind is a program that takes part in swarms.
type ClientKind struct {
	Name string
	Tool Tool
	// Passive is set if it calls no peer on loopback, and so has to be called.
	Passive bool
	// FailsSomeHandshakes is set if about every 256th of its obfuscated handshakes (MSE) fails, whoever is at the other
	// side, and is not tried again for minutes: it leaves out the zeros with which a shared secret may begin.
	FailsSomeHandshakes bool
	// command returns what runs it, having written its configuration below c.home if there is none yet.
	command func(t testing.TB, c *Client) *exec.Cmd
}

// ClientOptions are how a client takes part in a swarm.
type ClientOptions struct {
	// Torrent is the path of the .torrent file, or a magnet link, which Transmission does not take. Peers are found by its
	// tracker and in no other way.
	Torrent string
	// Dir holds the torrent's folder: all of it for a seed, nothing for a leech.
	Dir string
	// UploadLimit is in bytes per second; 0 is no limit.
	UploadLimit int
	// Obfuscated has connections to peers encrypted with RC4 (MSE) or not made.
	Obfuscated bool
	// UTP is uTP (BEP 29) and no TCP, IPv6 is [::1] and not 127.0.0.1. Only libtorrent can do without the others.
	UTP, IPv6 bool
	// UDPTracker reports whether the tracker is asked over UDP, for which aria2 has its DHT on.
	UDPTracker bool
	// Host is the address at which it is, 127.0.0.2 if it is empty. libtorrent takes one of IPv6, too, in brackets.
	Host string
	// Roots is the file (PEM) of the authority that it trusts besides those of the system.
	Roots string
}

// Client is an independent client in one swarm, with a home and a port of its own.
type Client struct {
	ClientOptions

	Port int // Where it listens for peers, also after a restart.

	kind    ClientKind
	home    string
	process *process
}

// StartClient runs a client until the test ends. It needs the kind's Tool.
func StartClient(t testing.TB, kind ClientKind, o ClientOptions) *Client {
	t.Helper()
	Require(t, kind.Tool)
	c := &Client{ClientOptions: o, Port: FreePort(t), kind: kind, home: PlainDir(t)}
	c.Start(t)
	return c
}

// Start runs the client again after Kill, with the options that it has now.
func (c *Client) Start(t testing.TB) {
	t.Helper()
	cmd := c.kind.command(t, c)
	cmd.Env = append(loopbackEnv(), "HOME="+c.home, "XDG_CONFIG_HOME="+c.home, "XDG_DATA_HOME="+c.home)
	if c.Roots != "" {
		cmd.Env = append(cmd.Env, "SSL_CERT_FILE="+c.Roots, "CURL_CA_BUNDLE="+c.Roots)
	}
	c.process = newProcess(cmd)
	if cmd.Stdout == nil {
		cmd.Stdout = c.process.stderr // Most say there what is wrong.
	}
	c.process.start(t)
}

// Kill ends the client as kill -9 or a crash does.
func (c *Client) Kill() { c.process.kill() }

// Ended returns an error if the client has ended by itself.
func (c *Client) Ended() error {
	if isClosed(c.process.exited) {
		return fmt.Errorf("%s has ended: %w", c.process, errors.Join(errExited, c.process.err))
	}
	return nil
}

// host returns the client's address, unless that is IPv6 of loopback.
func (c *Client) host() string { return cmp.Or(c.Host, "127.0.0.2") }

// uploadKBps returns the upload limit in thousands of bytes per second.
func (c *Client) uploadKBps() int { return (c.UploadLimit + 999) / 1000 }

// configure writes a file below the client's home.
func (c *Client) configure(t testing.TB, name, text string) (path string) {
	t.Helper()
	path = filepath.Join(c.home, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}
