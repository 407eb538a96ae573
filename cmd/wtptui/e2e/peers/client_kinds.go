package peers

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// Clients returns the programs that people use. They are at 127.0.0.2, unless they are given another address: most keep
// one address of each host, and a tracker returns them their own.
func Clients() []ClientKind {
	return []ClientKind{
		{Name: "transmission", Tool: TransmissionTool, Passive: true, command: transmissionClient},
		{Name: "libtorrent", Tool: LibtorrentTool, command: libtorrentClient},
		{Name: "aria2", Tool: Aria2Tool, command: aria2Client},
		{Name: "rtorrent", Tool: RTorrentTool, FailsSomeHandshakes: true, command: rtorrentClient},
		{Name: "qbittorrent", Tool: QBittorrentTool, command: qbittorrentClient},
	}
}

// libtorrentClient runs the script, which ends when its standard input does.
func libtorrentClient(t testing.TB, c *Client) *exec.Cmd {
	t.Helper()
	host := c.host()
	if c.IPv6 {
		host = "[::1]"
	}
	config, err := json.Marshal(libtorrentConfig{
		Mode: "join", Folder: c.Dir, Torrent: c.Torrent, UploadLimit: c.UploadLimit, Port: c.Port,
		Host: host, Obfuscated: c.Obfuscated, UTP: c.UTP,
	})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(findLibtorrentPython(t), c.configure(t, "libtorrent_peer.py", libtorrentScript), string(config))
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// transmissionClient watches a folder with the torrent in it. It verifies the data of a torrent that is new to it, and
// trusts its own record of any other, which after a crash may be empty: so the torrent is new to it at every start. It
// takes up to 10 s to serve a new peer.
func transmissionClient(t testing.TB, c *Client) *exec.Cmd {
	t.Helper()
	settings := map[string]any{
		"bind-address-ipv4": c.host(), "peer-port": c.Port, "download-dir": c.Dir, "rpc-enabled": false,
		"dht-enabled": false, "lpd-enabled": false, "pex-enabled": false, "utp-enabled": false,
		"port-forwarding-enabled": false,
		"encryption":              0, "rename-partial-files": false, "cache-size-mb": 0,
		"speed-limit-up": c.uploadKBps(), "speed-limit-up-enabled": c.UploadLimit > 0,
	}
	if c.Obfuscated {
		settings["encryption"] = 2
	}
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	torrent, err := os.ReadFile(c.Torrent)
	if err != nil {
		t.Fatal(err)
	}
	for _, memory := range []string{"torrents", "resume"} {
		if err := os.RemoveAll(filepath.Join(c.home, memory)); err != nil {
			t.Fatal(err)
		}
	}
	c.configure(t, "settings.json", string(text))
	watch := filepath.Dir(c.configure(t, "watch/site.torrent", string(torrent)))
	return exec.Command("transmission-daemon", "--foreground", "--config-dir", c.home, "--watch-dir", watch)
}

// aria2Client is configured by its arguments.
func aria2Client(_ testing.TB, c *Client) *exec.Cmd {
	trust := "--check-certificate=true"
	if c.Roots != "" {
		trust = "--ca-certificate=" + c.Roots
	}
	// Without DHT it asks no tracker over UDP, whatever its manual says.
	dht := []string{
		"--enable-dht6=false", fmt.Sprintf("--enable-dht=%t", c.UDPTracker),
		"--dht-listen-port=" + strconv.Itoa(c.Port), "--dht-file-path=" + filepath.Join(c.home, "dht"),
	}
	return exec.Command("aria2c", append(dht, "--no-conf", "--dir="+c.Dir, "--listen-port="+strconv.Itoa(c.Port),
		"--interface="+c.host(), "--disable-ipv6", trust, "--file-allocation=none", "--enable-peer-exchange=false",
		"--seed-ratio=0.0", "--check-integrity", "--max-overall-upload-limit="+strconv.Itoa(c.UploadLimit),
		fmt.Sprintf("--bt-force-encryption=%t", c.Obfuscated),
		"--show-console-readout=false", "--summary-interval=0", c.Torrent)...)
}

// rtorrentClient keeps no session: it verifies what is in the files, and goes on.
func rtorrentClient(t testing.TB, c *Client) *exec.Cmd {
	t.Helper()
	encryption := "allow_incoming,try_outgoing,enable_retry"
	if c.Obfuscated {
		encryption = "allow_incoming,try_outgoing,require,require_RC4"
	}
	return exec.Command("rtorrent", "-n", "-o", "import="+c.configure(t, "rtorrent.rc", fmt.Sprintf(`
system.daemon.set = true
network.bind_address.set = %s
network.port_range.set = %d-%d
network.port_random.set = no
directory.default.set = %s
dht.mode.set = disable
protocol.pex.set = no
protocol.encryption.set = %s
throttle.global_up.max_rate.set_kb = %d
load.start = %s
`, c.host(), c.Port, c.Port, c.Dir, encryption, c.uploadKBps(), c.Torrent)))
}

// qbittorrentClient has accepted its legal notice. It needs a port for its web interface, which is not used.
func qbittorrentClient(t testing.TB, c *Client) *exec.Cmd {
	t.Helper()
	encryption := 0
	if c.Obfuscated {
		encryption = 1
	}
	c.configure(t, "qBittorrent/config/qBittorrent.conf", fmt.Sprintf(`[LegalNotice]
Accepted=true

[BitTorrent]
Session\DefaultSavePath=%s
Session\Port=%d
Session\Interface=lo
Session\InterfaceAddress=%s
Session\Encryption=%d
Session\GlobalUPSpeedLimit=%d
Session\IgnoreLimitsOnLAN=false
Session\DHTEnabled=false
Session\LSDEnabled=false
Session\PeXEnabled=false
Session\BTProtocol=TCP
Session\QueueingSystemEnabled=false

[Network]
PortForwardingEnabled=false

[Preferences]
WebUI\Enabled=false
WebUI\Address=127.0.0.1
`, c.Dir, c.Port, c.host(), encryption, c.uploadKBps()))
	return exec.Command("qbittorrent-nox", "--profile="+c.home, "--webui-port="+strconv.Itoa(FreePort(t)),
		"--save-path="+c.Dir, "--skip-dialog=true", c.Torrent)
}
