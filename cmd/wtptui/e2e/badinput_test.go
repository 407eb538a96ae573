package e2e_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A malformed address ends with exit code 2 and one line that shows a valid one. Nothing is changed, even if a valid
// address is beside it.
func TestMalformedAddressesAreRefused(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	before := listAfterWelcomeSiteCheck(t, w)
	for _, address := range []string{
		"", " ", "nodots", "localhost", "wtp://", "wtp:///path", "wtp://nodots/", "wtp://a..b/", "wtp://-a.example/",
		"wtp://exa mple.org/", "wtp://user@example.org/", "wtp://example.org:80/", "wtp://127.0.0.1/", "wtp://[::1]/",
		"1.2.3.4", "wtp://" + strings.Repeat("a", 64) + ".org/",
		"wtp://example.org/%zz", "wtp://example.org/" + strings.Repeat("a", 2048),
		"wtp://example.org/\x1b[31m",
		"wtp://example.org/a\nb", "\xff\xfe.org", unseededHost[:39], unseededHost + "0", "wtp://--config=x", "--config=x",
		"ftp://example.org/", "javascript:alert(1)", "file:///etc/passwd",
		"magnet:?dn=x", "magnet:?xt=urn:btih:zz", "magnet:?xt=urn:btmh:1220" + strings.Repeat("aa", 32), "magnet:?xt=%zz",
	} {
		checkAddRefused(t, w, "--", address)
	}
	checkAddRefused(t, w, "--", unseededHost, "wtp://nodots/")
	for _, web := range []string{"https://example.org/", "http://example.org/"} {
		checkAddRefusedWith(t, w, "as a wtp site it would be wtp://example.org/", "--", web)
	}
	if after := w.List(t); !reflect.DeepEqual(before, after) {
		t.Errorf("the sites are %+v, were %+v", after, before)
	}
}

// checkAddRefused runs `add` and checks that the error shows what an address looks like.
func checkAddRefused(t *testing.T, w *peers.Wtptui, args ...string) {
	t.Helper()
	checkAddRefusedWith(t, w, "try wtp://tomjwatson.com/", args...)
}

// checkAddRefusedWith runs `add` and checks that it is refused, in one line that contains the advice.
func checkAddRefusedWith(t *testing.T, w *peers.Wtptui, advice string, args ...string) {
	t.Helper()
	stdout, stderr, code := w.RunCode(t, "add", args...)
	if code != 2 || stdout != "" || !isOneLine(stderr) || !strings.Contains(stderr, advice) {
		t.Errorf("add %.100q: exit code %d, printed %q, said %q", args, code, stdout, stderr)
	}
}

// listAfterWelcomeSiteCheck returns the list of sites after the welcome site has been checked: from then on it changes
// only by request.
func listAfterWelcomeSiteCheck(t *testing.T, w *peers.Wtptui) []peers.Site {
	t.Helper()
	for _, site := range w.List(t) {
		if site.Host != unseededHost {
			w.WaitSeeding(t, waitLong, site.Host)
		}
	}
	return w.List(t)
}

// isOneLine reports whether the text is one line without control characters, which could move a terminal's cursor.
func isOneLine(text string) bool {
	line, rest, ended := strings.Cut(text, "\n")
	return ended && rest == "" && !strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// A .torrent file that is missing or malformed is refused in one line.
func TestMalformedTorrentFilesAreRefused(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	before := listAfterWelcomeSiteCheck(t, w)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "folder.torrent"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty.torrent": "", "text.torrent": "hello", "noinfo.torrent": "d8:announce3:a:be",
		"short.torrent": "d4:infod6:lengthi1e",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"empty": "is empty: check", "text": "not a .torrent file: check",
		"noinfo": "info dictionary: check", "short": "not a .torrent file: check",
		"missing": "check the path", "folder": "check what it is",
	} {
		stdout, stderr, code := w.RunCode(t, "add", filepath.Join(dir, name+".torrent"))
		if code != 2 || stdout != "" || !isOneLine(stderr) || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, printed %q, said %q, want %q", name, code, stdout, stderr, want)
		}
	}
	if after := w.List(t); !reflect.DeepEqual(before, after) {
		t.Errorf("the sites are %+v, were %+v", after, before)
	}
}

// Invalid settings are refused with exit code 2, in one line that names the place.
func TestMalformedSettingsAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config string
		args   []string
		says   []string
	}{
		"every interface":         {args: []string{"--listen", "0.0.0.0:0"}, says: []string{"0.0.0.0:0", "--listen-public"}},
		"no interface in words":   {args: []string{"--listen", ":0"}, says: []string{":0", "--listen-public"}},
		"every interface of IPv6": {args: []string{"--listen", "[::]:0"}, says: []string{"[::]:0", "--listen-public"}},
		"address of another": {
			args: []string{"--listen", "192.0.2.1:7780"}, says: []string{"192.0.2.1:7780", "--listen-public"},
		},
		"config: public address": {config: "listen = \"0.0.0.0:0\"\n", says: []string{"0.0.0.0:0", "--listen-public"}},
		"config: garbage":        {config: "listen = \"127.0.0.1:0\"\n\x00\x01garbage\n", says: []string{"config.toml:2: "}},
		"config: no TOML":        {config: "# settings\n\nlisten: 127.0.0.1:0\n", says: []string{"config.toml:3: "}},
		"config: unknown":        {config: "\n\nlistem = \"127.0.0.1:0\"\n", says: []string{"config.toml:3: ", "listem"}},
		"config: wrong value": {
			config: "no-dht = true\ncache-ttl = \"soon\"\n", says: []string{"config.toml:2: cache-ttl: ", "30m"},
		},
	}
	bin := binaryPath(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := peers.NewWtptui(t, bin)
			config := filepath.Join(w.DataDir, "config.toml")
			if tt.config != "" {
				if err := os.WriteFile(config, []byte(tt.config), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			stdout, stderr, code := w.RunCode(t, "serve", tt.args...)
			if code != 2 || stdout != "" || !isOneLine(stderr) {
				t.Errorf("exit code %d, printed %q, said %q", code, stdout, stderr)
			}
			for _, want := range tt.says {
				if !strings.Contains(stderr, want) {
					t.Errorf("said %q, want %q in it", stderr, want)
				}
			}
			if _, err := os.Stat(filepath.Join(w.DataDir, "wtptui.db")); !os.IsNotExist(err) {
				t.Errorf("it has made a database: %v", err)
			}
		})
	}
}

// Trackers that refuse, do not answer or send garbage are listed with their errors. Peers of another tracker are found
// all the same, and stopping does not wait for the broken ones.
func TestBrokenTrackersAreReportedAndDelayNothing(t *testing.T) {
	t.Parallel()
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	dir := makeSmallSite(t)
	seed := peers.StartSeed(t, dir, peers.SeedOptions{Trackers: []string{tracker.HTTP}})
	dead := map[string]string{ // What is said about each.
		fmt.Sprintf("http://127.0.0.1:%d/announce", peers.FreePort(t)): "it refuses the connection",
		startSilentTCPTracker(t): "no answer",
		startSilentUDPTracker(t): "no answer",
	}
	var flags []string
	for url := range dead {
		flags = append(flags, "--tracker", url)
	}
	w := startWtptui(t, append(flags, "--tracker", tracker.HTTP)...)
	w.Run(t, "add", "wtp://"+seed.InfoHash)
	site := w.WaitSeeding(t, waitLong, seed.InfoHash)
	checkSameSite(t, w, waitLong, site.LocalURL, dir)

	peers.Eventually(t, waitLong, "what is wrong with the trackers", func() error {
		text := w.Run(t, "show", seed.InfoHash)
		reported := 0
		for _, tr := range w.Show(t, seed.InfoHash).Trackers {
			switch want, isDead := dead[tr.URL]; {
			case !isDead && tr.Error != "":
				return fmt.Errorf("the living one: %+v", tr)
			case isDead && (!strings.Contains(tr.Error, want) || !strings.Contains(text, tr.Error)):
				return fmt.Errorf("%+v, want %q; to people:\n%s", tr, want, text)
			case isDead:
				reported++
			}
		}
		if reported != len(dead) {
			return fmt.Errorf("%d of %d", reported, len(dead))
		}
		return nil
	})
	if site, _ := w.Find(t, seed.InfoHash); site.State != "seeding" || site.Error != "" {
		t.Errorf("the site: %+v", site)
	}
	w.Terminate(t)
}

// startSilentTCPTracker starts a tracker that accepts connections and requests, and never answers.
func startSilentTCPTracker(t *testing.T) (url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return "http://" + ln.Addr().String() + "/announce"
}

// startSilentUDPTracker starts a tracker that never answers.
func startSilentUDPTracker(t *testing.T) (url string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return "udp://" + conn.LocalAddr().String() + "/announce"
}

// If the port for peers is taken, the next free one is used and reported, and peers find it.
func TestTakenPeerPortIsReplacedByTheNextFreeOne(t *testing.T) {
	t.Parallel()
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	w := peers.NewWtptui(t, binaryPath(t), "--tracker", tracker.HTTP)
	taken, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(w.PeerPort)))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	w.Start(t)
	welcome := w.List(t)[0]
	message := fmt.Sprintf("port %d is taken, using ", w.PeerPort)
	if !strings.Contains(w.Log(), message) {
		t.Errorf("%q is not in the log:\n%s", message, w.Log())
	}
	started := tracker.WaitEvent(t, waitLong, welcome.InfoHash, peers.Started, 0)
	if !strings.Contains(w.Log(), message+strconv.Itoa(started.Port)+" for peers") || started.Port == w.PeerPort {
		t.Errorf("the tracker was told port %d; the log:\n%s", started.Port, w.Log())
	}
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(started.Port)))
	if err != nil {
		t.Fatalf("nobody listens where the tracker sends peers: %v", err)
	}
	conn.Close()
}
