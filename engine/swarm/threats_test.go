package swarm

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

func itoa(n int) string { return strconv.Itoa(n) }

type dict = map[string]any

// TestForgedInfo: peers that send a wrong info dictionary for an infohash are disconnected, and the first right one is
// used.
func TestForgedInfo(t *testing.T) {
	s := newSite(t, 16<<10, 50_000)
	forged := newSite(t, 16<<10, 50_000, 1)
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash})
	for range 3 {
		liar := &badPeer{t: t, hash: rawHash(t, s.hash), info: forged.info, block: siteBlock(forged, 16<<10)}
		liar.connectTo(c)
		enginetest.Receive(t, liar.gone, "a liar to be hung up on")
	}
	if tor.Info() != nil {
		t.Fatal("forged info was taken")
	}
	honest := &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, block: siteBlock(s, 16<<10)}
	honest.connectTo(c)
	ready(t, tor)
	same(t, tor, s)
}

// TestLyingPeer: wrong pieces never leave, and do not keep the right ones from coming.
func TestLyingPeer(t *testing.T) {
	s := newSite(t, 32<<10, 200_000)
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash})
	lies := make(chan struct{}, 1000)
	liar := &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, block: func(piece, begin, length int) []byte {
		b := bytes.Clone(siteBlock(s, 32<<10)(piece, begin, length))
		b[length/2] ^= 1
		lies <- struct{}{}
		return b
	}}
	liar.connectTo(c)
	ready(t, tor)
	enginetest.Receive(t, lies, "a request to the liar")
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	r, err := tor.Open(ctx, 0, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n, err := r.Read(make([]byte, 100)); n != 0 || err == nil {
		t.Fatalf("%d bytes of a liar were served, %v", n, err)
	}
	if done := tor.Stats().Completed; done != 0 {
		t.Errorf("%d wrong bytes count as verified", done)
	}
	enginetest.Receive(t, liar.gone, "the liar to be hung up on")
	honest := &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, block: siteBlock(s, 32<<10)}
	honest.connectTo(c) // from the liar's address
	same(t, tor, s)
}

// hostileNames are names that must not touch the disk and must be served as they are.
var hostileNames = [][]string{
	{"..", "..", "etc", "passwd"},
	{"/etc/passwd"},
	{"x"},
	{"X"},
	{"x"},
	{"x", "y"},
	{"CON"},
	{"a:b"},
	{"caf\u00e9"},
	{"cafe\u0301"},
	{strings.Repeat("n", 300)},
	{"nul\x00byte"},
	{""},
	{"."},
	{"a", "", "b"},
	{"\xff\xfe"},
	{"trail. "},
	{"<img onerror=x>"},
	{"\x1b[31m"},
	{"0"},
	{"1"},
	{`back\slash`},
}

func TestHostileNames(t *testing.T) {
	s := &site{}
	info := metainfo.Info{Name: "../../evil\x00", PieceLength: 16 << 10}
	for i, path := range hostileNames {
		s.files = append(s.files, bytes.Repeat([]byte{byte(i)}, 1000+i))
		info.Files = append(info.Files, metainfo.FileInfo{Path: path, Length: int64(1000 + i)})
	}
	s.seal(t, info)
	author := start(t, config(t))
	publish(t, author, s)
	cfg := config(t)
	c := start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash})
	connect(tor, author)
	ready(t, tor)
	same(t, tor, s)
	for i, f := range tor.Info().Files {
		if !slices.Equal(f.Path, hostileNames[i]) {
			t.Errorf("file %d is called %q, want %q", i, f.Path, hostileNames[i])
		}
	}
	onlyNumbers(t, cfg.Dir, s.hash, len(s.files))
}

// onlyNumbers checks that a data folder has one torrent's folder and in it numbered files.
func onlyNumbers(t *testing.T, dir, hash string, files int) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			t.Error(err)
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		n, err := strconv.Atoi(d.Name())
		isFile := err == nil && n < files && filepath.Dir(rel) == hash
		if rel != "." && rel != hash && rel != "identity" && !isFile {
			t.Errorf("%q is on disk", rel)
		}
		return nil
	})
}

func TestSymlinksAndPadding(t *testing.T) {
	s := &site{
		files: [][]byte{bytes.Repeat([]byte("a"), 1000), make([]byte, 16384-1000), nil, bytes.Repeat([]byte("b"), 500)},
	}
	info := metainfo.Info{Name: "site", PieceLength: 16 << 10, Files: []metainfo.FileInfo{
		{Path: []string{"a"}, Length: 1000},
		{Path: []string{".pad", "15384"}, Length: 16384 - 1000, ExtendedFileAttrs: metainfo.ExtendedFileAttrs{Attr: "p"}},
		{
			Path:              []string{"link"},
			ExtendedFileAttrs: metainfo.ExtendedFileAttrs{Attr: "lx", SymlinkPath: []string{"..", "..", "etc"}},
		},
		{Path: []string{"b"}, Length: 500},
	}}
	s.seal(t, info)
	author := start(t, config(t))
	addContent(t, author, s, map[int][]byte{0: s.files[0], 3: s.files[3]}) // padding is not published
	original := add(t, author, Spec{Infohash: s.hash, Info: s.info})
	eventually(t, "verified", func() bool { return complete(original) })
	cfg := config(t)
	c := start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash})
	connect(tor, author)
	ready(t, tor)
	same(t, tor, s)
	if f := tor.Info().Files; len(f) != 2 || f[0].Index != 0 || f[1].Index != 3 || tor.Info().Size != 1500 {
		t.Errorf("files %+v", f)
	}
	if p := tor.FileProgress(); !slices.Equal(p, []int64{1000, 500}) {
		t.Errorf("progress %v", p)
	}
	for _, i := range []int{1, 2, 4, -1} {
		if _, err := tor.Open(context.Background(), i, engine.UrgencyDocument); engine.KindOf(err) != engine.NotFound {
			t.Errorf("open %d: %v", i, err)
		}
	}
	onlyNumbers(t, cfg.Dir, s.hash, 4)
	if _, err := os.Lstat(filepath.Join(cfg.Dir, s.hash, "1")); err == nil {
		t.Error("padding is on disk")
	}
}

// TestForeignURLsReachNoPrivateAddress: neither web seeds nor trackers of a torrent make us connect to loopback.
func TestForeignURLsReachNoPrivateAddress(t *testing.T) {
	asked := make(chan string, 100)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
	}))
	server.Config.ConnState = func(c net.Conn, s http.ConnState) {
		if s == http.StateNew {
			asked <- "connection from " + c.RemoteAddr().String()
		}
	}
	server.Start()
	defer server.Close()
	port := strings.TrimPrefix(server.URL, "http://127.0.0.1:")
	s := newSite(t, 16<<10, 50_000)
	spec := Spec{Infohash: s.hash, Info: s.info}
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]"} {
		spec.WebSeeds = append(spec.WebSeeds, "http://"+host+":"+port+"/seed/", "https://"+host+":"+port+"/seed/")
		spec.Trackers = append(spec.Trackers, "http://"+host+":"+port+"/announce", "udp://"+host+":"+port)
	}
	c := start(t, config(t))
	tor := add(t, c, spec)
	eventually(t, "all trackers failed", func() bool {
		states := tor.Trackers()
		return len(states) == len(spec.Trackers) && !slices.ContainsFunc(states, func(s engine.Tracker) bool {
			return s.Status != "failing"
		})
	})
	for _, tr := range tor.Trackers() {
		if !strings.Contains(tr.Error, "not a public address") {
			t.Errorf("%s: %s", tr.URL, tr.Error)
		}
	}
	// The web seeds are tried as soon as something is wanted.
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := tor.Open(ctx, 0, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); err == nil {
		t.Error("data came from nowhere")
	}
	select {
	case a := <-asked:
		t.Errorf("the listener was reached: %s", a)
	default:
	}
}

func TestForeignTrackersAreBounded(t *testing.T) {
	var foreign []string
	for i := range 100 {
		foreign = append(foreign, fmt.Sprintf("http://tracker%d.invalid/announce", i))
	}
	foreign = append(foreign, "ws://x.invalid", "wss://x.invalid", "file:///etc/passwd", "gopher://x", "http://", "::",
		strings.Repeat("x", 5000))
	got := trackerURLs{
		configured: []string{"http://mine.invalid/announce", "wss://mine.invalid"},
		foreign:    slices.Insert(foreign, 0, "http://mine.invalid/announce"),
	}.announceTrackers()
	if len(got) != 1+maxForeignTrackers || !got[0].Trusted {
		t.Fatalf("%d trackers, the first is %+v", len(got), got[0])
	}
	for _, tr := range got[1:] {
		if tr.Trusted {
			t.Errorf("%s is trusted", tr.URL)
		}
	}
}

func privateSite(t *testing.T) *site {
	t.Helper()
	yes := true
	s := &site{files: [][]byte{bytes.Repeat([]byte("p"), 20_000)}}
	return s.seal(t, metainfo.Info{Name: "p", PieceLength: 16 << 10, Private: &yes, Length: 20_000})
}

// A peer that told us that the torrent is private was met before that was known, and peer exchange agreed upon with it.
func TestPrivateTorrentsEndPeerExchange(t *testing.T) {
	s := privateSite(t)
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash})
	early := &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, block: func(int, int, int) []byte { return nil }}
	early.connectTo(c)
	ready(t, tor)
	enginetest.Receive(t, early.gone, "the end of a connection over which others would be told")
	late := &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info, block: siteBlock(s, 16<<10)}
	late.connectTo(c)
	same(t, tor, s)

	// The same between two that can call each other.
	author := start(t, config(t))
	publish(t, author, s)
	visitor := start(t, config(t))
	tor = add(t, visitor, Spec{Infohash: s.hash})
	connect(tor, author)
	ready(t, tor)
	same(t, tor, s)
}

func TestPrivateTorrentsStayPrivate(t *testing.T) {
	s := privateSite(t)
	open := newSite(t, 16<<10, 10)
	cfg := config(t)
	withDHT(t, &cfg, "127.0.0.1:1")
	cfg.LSD = true
	c := start(t, cfg)
	private := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	add(t, c, Spec{Infohash: open.hash, Info: open.info})
	if !private.Info().Private {
		t.Fatal("the flag was not read")
	}
	private.Announce()
	if h := (&localDiscovery{torrents: c.torrents}).infohashes(); len(h) != 1 || h[0] != rawHash(t, open.hash) {
		t.Errorf("the local network is told of %x", h)
	}
	c.dht.mu.Lock()
	defer c.dht.mu.Unlock()
	if len(c.dht.due) != 1 {
		t.Errorf("the DHT is told of %d torrents, want the open one", len(c.dht.due))
	}
}
