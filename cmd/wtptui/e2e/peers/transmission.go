package peers

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Transmission is a running transmission-daemon with a configuration of its own.
//
// It refuses to connect to a peer on 127.0.0.1, as to any "martian" address, and only takes connections from one: the
// other peer has to learn of it, from the tracker they share, and call first.
type Transmission struct {
	Dir      string // Where downloads go.
	PeerPort int    // Where it listens for peers.

	process *process
	rpc     string // URL.
	session string // The X-Transmission-Session-Id that the daemon wants back.
}

// StartTransmission starts a daemon without torrents: no DHT, LPD, PEX, UPnP or uTP. It needs TransmissionTool.
func StartTransmission(t testing.TB) *Transmission {
	t.Helper()
	Require(t, TransmissionTool)
	return startTransmission(t)
}

// tryTransmission starts the daemon and calls what tests call.
func tryTransmission(t testing.TB) {
	tm := startTransmission(t)
	tm.LimitUpload(t, 100)
	if err := tm.Complete(); !errors.Is(err, errNoTorrents) {
		t.Fatal(err)
	}
}

func startTransmission(t testing.TB) *Transmission {
	t.Helper()
	config := t.TempDir()
	rpcPort := FreePort(t)
	tm := &Transmission{
		Dir: t.TempDir(), PeerPort: FreePort(t),
		rpc: "http://127.0.0.1:" + strconv.Itoa(rpcPort) + "/transmission/rpc",
	}
	settings, err := json.Marshal(map[string]any{
		"bind-address-ipv4": "127.0.0.1",
		"bind-address-ipv6": "::1",
		"peer-port":         tm.PeerPort,
		"download-dir":      tm.Dir,
		"rpc-bind-address":  "127.0.0.1",
		"rpc-port":          rpcPort,
		"rpc-whitelist":     "127.0.0.1",
		"dht-enabled":       false, "lpd-enabled": false, "pex-enabled": false, "utp-enabled": false,
		"port-forwarding-enabled": false,
		// 0 is in the clear if the other side likes that: nothing is gained by encrypting loopback.
		"encryption": 0,
		// Files that are not complete keep their name only when this is off.
		"rename-partial-files": false,
		// What it calls complete is in its files.
		"cache-size-mb": 0,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "settings.json"), settings, 0o600); err != nil {
		t.Fatal(err)
	}
	tm.process = newProcess(exec.Command("transmission-daemon", "--foreground", "--config-dir", config))
	tm.process.start(t)
	tm.awaitRPC(t, config)
	return tm
}

// awaitRPC waits until the daemon answers, and makes sure that it is this daemon that does.
func (tm *Transmission) awaitRPC(t testing.TB, config string) {
	t.Helper()
	Eventually(t, time.Minute, "an answer of transmission-daemon", func() error {
		if isClosed(tm.process.exited) {
			t.Fatalf("peers: transmission-daemon ended: %v", tm.process.err)
		}
		var session struct {
			ConfigDir string `json:"config-dir"`
		}
		if err := tm.call("session-get", nil, &session); err != nil {
			return err
		}
		if session.ConfigDir != config {
			t.Fatalf("peers: another transmission-daemon took the port %s", tm.rpc)
		}
		return nil
	})
}

// Add starts the download of a torrent, named by the path of a .torrent file or by a magnet link.
func (tm *Transmission) Add(t testing.TB, torrent string) {
	t.Helper()
	args := map[string]any{"filename": torrent}
	if !strings.HasPrefix(torrent, "magnet:") {
		content, err := os.ReadFile(torrent)
		if err != nil {
			t.Fatal(err)
		}
		args = map[string]any{"metainfo": base64.StdEncoding.EncodeToString(content)}
	}
	if err := tm.call("torrent-add", args, nil); err != nil {
		t.Fatal(err)
	}
}

// LimitUpload sets the most that the daemon sends, in kB/s; 0 is no limit.
func (tm *Transmission) LimitUpload(t testing.TB, kBps int) {
	t.Helper()
	limits := map[string]any{"speed-limit-up": kBps, "speed-limit-up-enabled": kBps > 0}
	if err := tm.call("session-set", limits, nil); err != nil {
		t.Fatal(err)
	}
}

// transmissionTorrent is what the daemon tells of a torrent.
type transmissionTorrent struct {
	Name        string  `json:"name"`
	PercentDone float64 `json:"percentDone"` // 0 to 1, of the verified content.
	Metadata    float64 `json:"metadataPercentComplete"`
	Peers       int     `json:"peersConnected"`
	Error       string  `json:"errorString"`
}

// WaitComplete waits until every torrent of the daemon, at least one, is complete and verified.
func (tm *Transmission) WaitComplete(t testing.TB, limit time.Duration) {
	t.Helper()
	Eventually(t, limit, "transmission-daemon to complete", tm.Complete)
}

var errNoTorrents = errors.New("no torrents")

// Complete returns nil when every torrent of the daemon, at least one, is complete and verified.
func (tm *Transmission) Complete() error {
	var got struct {
		Torrents []transmissionTorrent `json:"torrents"`
	}
	fields := []string{"name", "percentDone", "metadataPercentComplete", "peersConnected", "errorString"}
	if err := tm.call("torrent-get", map[string]any{"fields": fields}, &got); err != nil {
		return err
	}
	for _, torrent := range got.Torrents {
		if torrent.Metadata < 1 || torrent.PercentDone < 1 {
			return fmt.Errorf("%+v", torrent)
		}
	}
	if len(got.Torrents) == 0 {
		return errNoTorrents
	}
	return nil
}

// call does one request of Transmission's RPC, and a second when the daemon hands out a new session id first.
func (tm *Transmission) call(method string, args, result any) error {
	body, err := json.Marshal(map[string]any{"method": method, "arguments": args})
	if err != nil {
		return err
	}
	status, answer, err := tm.post(body)
	if err == nil && status == http.StatusConflict {
		status, answer, err = tm.post(body)
	}
	if err != nil {
		return fmt.Errorf("peers: transmission: %s: %w", method, err)
	}
	var reply struct {
		Result    string          `json:"result"`
		Arguments json.RawMessage `json:"arguments"`
	}
	if err := json.Unmarshal(answer, &reply); err != nil || reply.Result != "success" {
		return fmt.Errorf("peers: transmission: %s: status %d: %s", method, status, answer)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(reply.Arguments, result)
}

func (tm *Transmission) post(body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequest(http.MethodPost, tm.rpc, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("X-Transmission-Session-Id", tm.session)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	if id := res.Header.Get("X-Transmission-Session-Id"); id != "" {
		tm.session = id
	}
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}
