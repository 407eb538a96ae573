package e2e_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// swarmMode is how a client and wtptui connect.
type swarmMode struct {
	name    string
	flags   []string // of wtptui
	options peers.ClientOptions
	// obfuscated is set if every connection has to be.
	obfuscated bool
	// refuses is set if wtptui refuses what some clients try first, and try in another way after a minute.
	refuses bool
}

// swarmModes returns the modes that a client can be restricted to.
func swarmModes(kind peers.ClientKind) []swarmMode {
	modes := []swarmMode{
		{name: "plain"},
		{name: "theirs obfuscated", options: peers.ClientOptions{Obfuscated: true}, obfuscated: true},
		{name: "ours obfuscated", flags: []string{"--encryption", "require"}, obfuscated: true, refuses: true},
	}
	if kind.Tool == peers.LibtorrentTool {
		modes = append(modes,
			swarmMode{name: "uTP", options: peers.ClientOptions{UTP: true}},
			swarmMode{name: "IPv6", options: peers.ClientOptions{IPv6: true}, flags: []string{"--peer-host", "::1"}})
	}
	return modes
}

// restartTimeout is how long the rest of a download may take after a client was killed and started again. Most need 0.2
// s to 3 s: they verify what they have, and are called every second or so. Transmission takes 13 s, since it decides
// every 10 s whom to serve and what to request. The rest is for machines that are busy. A client that waits for the
// next announce, or for the next attempt with a failed peer, waits for minutes.
const restartTimeout = 45 * time.Second

// Every client that people use gives wtptui a site, and gets one from it, in each mode that it can be restricted to. In
// the middle of a download the client is killed and started again, and the rest follows soon.
func TestEveryClientExchangesSitesWithWtptui(t *testing.T) {
	t.Parallel()
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	tracker6 := peers.StartTracker(t, peers.TrackerOptions{IPv6: true})
	for _, kind := range peers.Clients() {
		for _, mode := range swarmModes(kind) {
			c := interopCase{kind: kind, mode: mode, tracker: tracker.HTTP}
			if mode.options.IPv6 {
				c.tracker = tracker6.HTTP
			}
			t.Run(kind.Name+"/"+mode.name+"/seeds", func(t *testing.T) { t.Parallel(); c.checkFetchFromClient(t) })
			t.Run(kind.Name+"/"+mode.name+"/leeches", func(t *testing.T) { t.Parallel(); c.checkGiveToClient(t) })
		}
	}
}

// interopRate is the upload limit of the seed, in bytes per second, until it or the leech is killed: the whole site
// would take 6 s.
const interopRate = 500_000

// interopKillShare is the share of a site that is downloaded before the client is killed. Transmission reports its
// progress once a second or less: a half would be too much to wait for.
const interopKillShare = 0.25

// interopCase is a client in a mode, and the tracker by which it meets wtptui.
type interopCase struct {
	kind    peers.ClientKind
	mode    swarmMode
	tracker string
}

// killsClient reports whether the client is killed during the download. A passive client, which takes long after each
// start, is not killed in obfuscated modes.
func (c interopCase) killsClient() bool { return !c.kind.Passive || !c.mode.obfuscated }

// makeSite makes a folder whose torrent no other case has.
func (c interopCase) makeSite(t *testing.T) string {
	t.Helper()
	dir := peers.SmallSiteFolder(t)
	putFile(t, dir, "case.txt", t.Name())
	return dir
}

func (c interopCase) startWtptui(t *testing.T, flags ...string) *peers.Wtptui {
	t.Helper()
	w := startWtptui(t, append(append([]string{"--tracker", c.tracker}, c.mode.flags...), flags...)...)
	for _, s := range w.List(t) { // The guide, which every wtptui seeds: those of other cases would come for it.
		w.Run(t, "remove", s.Host)
	}
	return w
}

// checkFetchFromClient has the client seed a site and wtptui download it.
func (c interopCase) checkFetchFromClient(t *testing.T) {
	dir := c.makeSite(t)
	o := c.mode.options
	o.Dir, o.UploadLimit = filepath.Dir(dir), interopRate
	var host string
	o.Torrent, host = peers.MakeTorrent(t, dir, c.tracker)
	seed := peers.StartClient(t, c.kind, o)
	w := c.startWtptui(t)
	w.Run(t, "add", "wtp://"+host)
	page := fetchFile(t, w, waitLong, waitLocalURL(t, w, host), "index.html")
	if want, err := os.ReadFile(filepath.Join(dir, "index.html")); err != nil || string(page) != string(want) {
		t.Errorf("the first page differs: %d bytes, %v", len(page), err)
	}
	w.WaitSite(t, waitLong, host, "to be there in part", func(s peers.Site) error {
		if err := seed.Ended(); err != nil {
			t.Fatal(err)
		}
		if s.Size <= 0 || float64(s.Completed) < interopKillShare*float64(s.Size) {
			return fmt.Errorf("%s: %d of %d bytes", s.State, s.Completed, s.Size)
		}
		return nil
	})
	c.checkPeer(t, w, host)
	if c.killsClient() {
		seed.Kill()
		if s, _ := w.Find(t, host); s.Completed >= s.Size {
			t.Fatalf("all of it was there before the client was killed: %+v", s)
		}
		seed.UploadLimit = 0
		seed.Start(t)
	}
	begin := time.Now()
	s := w.WaitSeeding(t, restartTimeout, host)
	t.Logf("whole after %v more", time.Since(begin).Round(10*time.Millisecond))
	checkSameSite(t, w, waitLong, s.LocalURL, dir)
}

// waitLocalURL waits until the site is in the list, and returns its local URL.
func waitLocalURL(t *testing.T, w *peers.Wtptui, host string) string {
	t.Helper()
	return w.WaitSite(t, waitLong, host, "to appear", func(peers.Site) error { return nil }).LocalURL
}

// checkPeer checks how the only peer of a site is connected.
func (c interopCase) checkPeer(t *testing.T, w *peers.Wtptui, host string) {
	t.Helper()
	list := c.listPeers(t, w, host)
	if len(list) == 0 {
		t.Error("no peers")
	}
	for _, p := range list {
		if c.mode.obfuscated && !p.Encrypted || (p.Via == "uTP") != c.mode.options.UTP ||
			strings.HasPrefix(p.Address, "[::1]:") != c.mode.options.IPv6 {
			t.Errorf("the connection is %+v", p)
		}
	}
}

func (c interopCase) listPeers(t *testing.T, w *peers.Wtptui, host string) []interopPeer {
	t.Helper()
	var list []interopPeer
	runJSON(t, w, &list, "peers", host)
	return list
}

// interopPeer is one peer of `wtptui peers --json`.
type interopPeer struct {
	Address   string  `json:"address"`
	Client    string  `json:"client"`
	Via       string  `json:"via"`
	Encrypted bool    `json:"encrypted"`
	Done      float64 `json:"done"`
}

// checkGiveToClient publishes a site and has the client download it.
func (c interopCase) checkGiveToClient(t *testing.T) {
	dir := c.makeSite(t)
	w := c.startWtptui(t)
	applyConfig(t, w, fmt.Sprintf("up-limit = \"%d\"\n", interopRate))
	p := publish(t, w, dir)
	o := c.mode.options
	o.Dir = t.TempDir()
	o.Torrent = filepath.Join(t.TempDir(), "site.torrent")
	putFile(t, filepath.Dir(o.Torrent), filepath.Base(o.Torrent), w.Run(t, "export", "--torrent", p.Host))
	leech := peers.StartClient(t, c.kind, o)
	announce := c.newAnnouncer(t, w, p.Host)
	peers.Eventually(t, waitLong, "the client to have a part", func() error {
		if err := leech.Ended(); err != nil {
			t.Fatal(err)
		}
		announce()
		list := c.listPeers(t, w, p.Host)
		for _, peer := range list {
			if peer.Done >= interopKillShare {
				return nil
			}
		}
		return fmt.Errorf("%+v", list)
	})
	c.checkPeer(t, w, p.Host)
	got := filepath.Join(o.Dir, filepath.Base(dir))
	if c.killsClient() {
		leech.Kill()
		if compareFolders(got, dir) == nil {
			t.Fatal("the client had everything before it was killed")
		}
		applyConfig(t, w, "up-limit = \"none\"\n")
		leech.Start(t)
	}
	begin := time.Now()
	defer func() {
		if t.Failed() {
			t.Logf("the site's peers are %+v", c.listPeers(t, w, p.Host))
		}
	}()
	peers.Eventually(t, restartTimeout, "the client to have everything", func() error {
		if c.kind.FailsSomeHandshakes {
			announce()
		}
		return errors.Join(leech.Ended(), compareFolders(got, dir))
	})
	t.Logf("whole after %v more", time.Since(begin).Round(10*time.Millisecond))
}

// newAnnouncer returns a function that announces, once a second at most. It is for clients that do not connect, are
// refused or fail to make themselves understood. A person can do the same.
func (c interopCase) newAnnouncer(t *testing.T, w *peers.Wtptui, host string) func() {
	var asked time.Time
	return func() {
		if (c.kind.Passive || c.kind.FailsSomeHandshakes || c.mode.refuses) && time.Since(asked) > time.Second {
			asked = time.Now()
			w.Run(t, "announce", host)
		}
	}
}

// compareFolders returns an error unless got contains every file of want, byte for byte.
func compareFolders(got, want string) error {
	return filepath.WalkDir(want, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(want, path)
		if err != nil {
			return err
		}
		theirs, err := os.ReadFile(filepath.Join(got, name))
		if err != nil {
			return err
		}
		ours, err := os.ReadFile(path)
		if err == nil && !bytes.Equal(ours, theirs) {
			err = fmt.Errorf("%s differs: %d of %d bytes", name, len(theirs), len(ours))
		}
		return err
	})
}
