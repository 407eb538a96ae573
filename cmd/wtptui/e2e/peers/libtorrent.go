package peers

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

//go:embed libtorrent_peer.py
var libtorrentScript string

// Stats are a libtorrent peer's own count. Sizes are bytes of content, without the protocol's overhead.
type Stats struct {
	Uploaded   int64  `json:"uploaded"`   // Sent to peers since the start.
	Downloaded int64  `json:"downloaded"` // Received from peers since the start.
	Completed  int64  `json:"completed"`  // On disk and verified.
	Size       int64  `json:"size"`       // Of the torrent; 0 before its metadata is known.
	Peers      int    `json:"peers"`      // Connected right now.
	State      string `json:"state"`      // libtorrent's name for what the torrent is doing.
}

type libtorrentReport struct {
	Stats

	Event    string  `json:"event"`
	ID       int     `json:"id"`
	InfoHash string  `json:"infohash"`
	V2       string  `json:"infohash_v2"`
	Port     int     `json:"port"`
	Seconds  float64 `json:"seconds"`
	Error    string  `json:"error"`
}

// Libtorrent is a running libtorrent session with one torrent, on loopback and TCP only.
type Libtorrent struct {
	InfoHash string // 40 lower-case hex digits; of a v2 torrent the shortened one.
	V2       string // Of a v2 or hybrid torrent (BEP 52), 64 lower-case hex digits; empty for others.
	Port     int    // Where it listens, on 127.0.0.1.
	Torrent  string // A seed's .torrent file.

	script  *scripted[libtorrentReport]
	lastCmd int
}

// SeedOptions say how a folder becomes a torrent and how it is shared.
type SeedOptions struct {
	PieceLength int64    // Bytes, a power of two. The default is 64 KiB.
	Version     string   // "v1", "v2" or "hybrid" (BEP 52). The default is v1.
	Trackers    []string // Announce URLs.
	UploadLimit int      // Bytes per second; 0 is no limit. See LimitUpload.
	// HoldAfter is how many bytes the seed sends before it nearly stops, at a few thousand bytes per second, until
	// LimitUpload: it holds a download half-way for as long as a test needs. It looks 50 times a second at what it has
	// sent, or on a machine that is busy every few seconds: UploadLimit should leave it ten for the rest. 0 is never.
	HoldAfter int64
}

// StartSeed makes a torrent of every file below dir and seeds it. It needs LibtorrentTool.
func StartSeed(t testing.TB, dir string, o SeedOptions) *Libtorrent {
	t.Helper()
	Require(t, LibtorrentTool)
	return startSeed(t, dir, o)
}

// MakeTorrent writes a v1 torrent of every file below dir, in pieces of 64 KiB, into a folder of its own, and returns
// its path and infohash. It needs LibtorrentTool.
func MakeTorrent(t testing.TB, dir string, trackers ...string) (path, infohash string) {
	t.Helper()
	Require(t, LibtorrentTool)
	made := startLibtorrent(t, libtorrentConfig{
		Mode: "make", Folder: filepath.Clean(dir), PieceLength: 64 << 10, Torrent: filepath.Join(t.TempDir(), "site.torrent"),
		Trackers: trackers,
	})
	return made.Torrent, made.InfoHash
}

func startSeed(t testing.TB, dir string, o SeedOptions) *Libtorrent {
	t.Helper()
	if o.PieceLength == 0 {
		o.PieceLength = 64 << 10
	}
	torrent := filepath.Join(t.TempDir(), "site.torrent")
	return startLibtorrent(t, libtorrentConfig{
		Mode: "seed", Folder: filepath.Clean(dir), PieceLength: o.PieceLength, Version: cmp.Or(o.Version, "v1"),
		Torrent: torrent, Trackers: o.Trackers, UploadLimit: o.UploadLimit, HoldAfter: o.HoldAfter,
	})
}

// LeechOptions say where a leech looks for peers.
type LeechOptions struct {
	Trackers []string // Announce URLs, besides those of the torrent.
	Peers    []int    // Ports on 127.0.0.1 to connect to.
}

// StartLeech downloads a torrent, named by the path of a .torrent file or by a magnet link, into dir. It needs
// LibtorrentTool.
func StartLeech(t testing.TB, torrent, dir string, o LeechOptions) *Libtorrent {
	t.Helper()
	Require(t, LibtorrentTool)
	return startLeech(t, torrent, dir, o)
}

// tryLibtorrent has one libtorrent download from another, by the infohash alone.
func tryLibtorrent(t testing.TB) {
	dir := filepath.Join(t.TempDir(), "site")
	index := filepath.Join(dir, "index.html")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(index, []byte("a page"), 0o600)); err != nil {
		t.Fatal(err)
	}
	seed := startSeed(t, dir, SeedOptions{})
	seed.LimitUpload(t, 1<<20)
	leech := startLeech(t, seed.Magnet(), t.TempDir(), LeechOptions{})
	leech.Connect(t, seed.Port)
	leech.WaitDone(t, time.Minute)
	leech.Stop(t)
	seed.Stop(t)
}

func startLeech(t testing.TB, torrent, dir string, o LeechOptions) *Libtorrent {
	t.Helper()
	return startLibtorrent(t, libtorrentConfig{
		Mode: "leech", Folder: dir, Torrent: torrent, Trackers: o.Trackers, Peers: o.Peers,
	})
}

// libtorrentConfig is the one argument of the script.
type libtorrentConfig struct {
	Mode        string   `json:"mode"`
	Folder      string   `json:"folder"`
	Torrent     string   `json:"torrent"`
	PieceLength int64    `json:"piece_length"`
	Version     string   `json:"version"`
	Trackers    []string `json:"trackers"`
	Peers       []int    `json:"peers"`
	UploadLimit int      `json:"upload_limit"`
	HoldAfter   int64    `json:"hold_after"`
	Host        string   `json:"host"`
	Port        int      `json:"port"` // Any if it is 0.
	Obfuscated  bool     `json:"obfuscated"`
	UTP         bool     `json:"utp"`
}

func startLibtorrent(t testing.TB, c libtorrentConfig) *Libtorrent {
	t.Helper()
	c.Host = "127.0.0.1"
	config, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	script := writeScript(t, "libtorrent_peer.py", libtorrentScript)
	lt := &Libtorrent{
		Torrent: c.Torrent,
		script:  startScripted[libtorrentReport](t, exec.Command(findLibtorrentPython(t), script, string(config))),
	}
	ready := lt.script.waitReport(t, time.Minute, "ready", func(r libtorrentReport) bool { return r.Event == "ready" })
	lt.InfoHash, lt.V2, lt.Port = ready.InfoHash, ready.V2, ready.Port
	return lt
}

// findLibtorrentPython returns a Python interpreter that has libtorrent: the first one on the path, or Debian's own.
func findLibtorrentPython(t testing.TB) string {
	const debian = "/usr/bin/python3"
	if exec.CommandContext(t.Context(), debian, "-c", "import libtorrent").Run() == nil {
		return debian
	}
	runProgram(t, "python3", "-c", "import libtorrent")
	return "python3"
}

// Magnet returns the torrent's magnet link with the given trackers.
func (lt *Libtorrent) Magnet(trackers ...string) string { return magnetLink(lt.InfoHash, trackers) }

// Stats returns the peer's current counts.
func (lt *Libtorrent) Stats(t testing.TB) Stats {
	t.Helper()
	return lt.command(t, "stats", nil)
}

// LimitUpload sets the most that the peer sends, in bytes per second; 0 is no limit. libtorrent averages over a second
// or so, and sends whole blocks of 16 KiB.
func (lt *Libtorrent) LimitUpload(t testing.TB, bytesPerSecond int) {
	t.Helper()
	lt.command(t, "limit", map[string]any{"bytes_per_second": bytesPerSecond})
}

// Connect has the peer connect to another on 127.0.0.1.
func (lt *Libtorrent) Connect(t testing.TB, port int) {
	t.Helper()
	lt.command(t, "connect", map[string]any{"port": port})
}

// Stop ends the peer in the orderly way, its trackers told, and returns its last count.
func (lt *Libtorrent) Stop(t testing.TB) Stats {
	t.Helper()
	last := lt.command(t, "stop", nil)
	if err := lt.script.waitExit(t, time.Minute); err != nil {
		t.Fatalf("peers: libtorrent: stop: %v", err)
	}
	return last
}

// Download is a finished download.
type Download struct {
	Elapsed time.Duration // From adding the torrent to having it verified; writing the last of it takes a little longer.
	Bytes   int64
}

// BytesPerSecond is the mean rate over the whole download.
func (d Download) BytesPerSecond() float64 { return float64(d.Bytes) / d.Elapsed.Seconds() }

// WaitDone waits until a leech has everything, verified and in its files.
func (lt *Libtorrent) WaitDone(t testing.TB, limit time.Duration) Download {
	t.Helper()
	done := lt.script.waitReport(t, limit, "the download", func(r libtorrentReport) bool { return r.Event == "done" })
	return Download{Elapsed: time.Duration(done.Seconds * float64(time.Second)), Bytes: done.Size}
}

// command sends a command and waits for its answer.
func (lt *Libtorrent) command(t testing.TB, name string, args map[string]any) Stats {
	t.Helper()
	lt.lastCmd++
	id := lt.lastCmd
	command := map[string]any{"id": id, "cmd": name}
	for k, v := range args {
		command[k] = v
	}
	lt.script.send(t, command)
	answers := func(r libtorrentReport) bool { return r.ID == id }
	answer := lt.script.waitReport(t, time.Minute, fmt.Sprint(command), answers)
	if answer.Error != "" {
		t.Fatalf("peers: libtorrent: %s: %s", name, answer.Error)
	}
	return answer.Stats
}
