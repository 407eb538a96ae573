package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"wtptui/engine/sites"
	"wtptui/engine/swarm"
)

// loadSettings returns the settings after all layers are loaded.
func loadSettings(t *testing.T, config string, env map[string]string, args ...string) (*settings, error) {
	t.Helper()
	s, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	s.DataDir = t.TempDir()
	if err := os.WriteFile(filepath.Join(s.DataDir, "config.toml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	s.addFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	err = s.loadLayers(flags, func(name string) string { return env[name] })
	return s, err
}

func TestDefaults(t *testing.T) {
	s, err := loadSettings(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := settings{
		DataDir: s.DataDir, Listen: "127.0.0.1:7780", PeerPort: 42069, DNSMinTTL: time.Minute, CacheTTL: 30 * time.Minute,
		Bin: 24 * time.Hour, KeepFor: 720 * time.Hour, KeepVersions: 10, Scrub: 720 * time.Hour,
		ruleSettings: ruleSettings{
			MaxSiteSize: sites.DefaultSiteSize, CacheSize: sites.DefaultCacheSize, MaxConnsEach: swarm.DefaultConnsEach,
		},
		Encryption: "tolerate",
		LogLevel:   "info", LogFormat: "text", TrackerMinInterval: time.Minute,
		Home: homeSettings{
			ACME: "https://acme-v02.api.letsencrypt.org/directory", Log: "nothing", Tracker: "kept", Loader: "on",
		},
	}
	got := *s
	got.Trackers, got.DoH, got.STUN = nil, nil, nil
	if len(s.Trackers) != 8 || s.Trackers[0] != "wss://tracker.openwebtorrent.com" || len(s.DoH) != 3 || len(s.STUN) != 3 {
		t.Errorf("trackers %q, resolvers %q, STUN %q", s.Trackers, s.DoH, s.STUN)
	}
	if !equalSettings(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func equalSettings(a, b settings) bool {
	if !slices.Equal(a.Trackers, b.Trackers) || !slices.Equal(a.DoH, b.DoH) {
		return false
	}
	var differs bool
	for i, o := range a.options() {
		differs = differs || o.value.String() != b.options()[i].value.String()
	}
	return !differs && a.DataDir == b.DataDir
}

// The same settings are set in several layers: flag, environment, config.toml, default, in the order of precedence.
func TestLayers(t *testing.T) {
	const config = `
listen = "127.0.0.1:3"     # all three say something
cache-ttl = "3m"           # environment and file
cache-size = "3GiB"        # file only
peer-port = 3
no-dht = true
tracker = ["udp://three.example:1/a", "https://three.example/a"]
doh = "https://three.example/"
`
	env := map[string]string{
		"WTPTUI_LISTEN": "127.0.0.1:2", "WTPTUI_CACHE_TTL": "2m", "WTPTUI_NO_LSD": "1",
		"WTPTUI_TRACKER": "udp://two.example:1, udp://two.example:2",
	}
	s, err := loadSettings(t, config, env, "--listen", "127.0.0.1:1", "--no-upnp", "--down-limit", "1M/s",
		"--dht-node", "192.0.2.1:6881", "--dht-node", "[2001:db8::1]:6881")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		what      string
		got, want any
	}{
		{"listen", s.Listen, "127.0.0.1:1"},
		{"cache-ttl", s.CacheTTL, 2 * time.Minute},
		{"cache-size", s.CacheSize, int64(3 << 30)},
		{"max-site-size", s.MaxSiteSize, int64(2 << 30)},
		{"peer-port", s.PeerPort, 3},
		{"no-dht", s.NoDHT, true},
		{"no-lsd", s.NoLSD, true},
		{"no-upnp", s.NoUPnP, true},
		{"down-limit", s.DownLimit, int64(1 << 20)},
		{"tracker", strings.Join(s.Trackers, " "), "udp://two.example:1 udp://two.example:2"},
		{"dht-node", strings.Join(s.DHTNodes, " "), "192.0.2.1:6881 [2001:db8::1]:6881"},
		{"doh", strings.Join(s.DoH, " "), "https://three.example/"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s is %v, want %v", tc.what, tc.got, tc.want)
		}
	}
}

func TestScrubPeriod(t *testing.T) {
	for value, want := range map[string]time.Duration{"0": 0, "0s": 0, "1h": time.Hour, "2160h": 2160 * time.Hour} {
		if s, err := loadSettings(t, `scrub = "`+value+`"`, nil); err != nil || s.Scrub != want {
			t.Errorf("%s: %v, %v", value, s, err)
		}
	}
	for value, want := range map[string]string{
		"30d": "is not a length of time", "-1h": "too short", "59m": "give at least 1h0m0s, or 0 for never",
	} {
		_, err := loadSettings(t, "", map[string]string{"WTPTUI_SCRUB": value})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", value, err, want)
		}
	}
}

func TestListsReplaceTheDefaults(t *testing.T) {
	s, err := loadSettings(t, "", nil, "--tracker", "udp://one.example:1", "--tracker", "udp://one.example:2")
	if err != nil || !slices.Equal(s.Trackers, []string{"udp://one.example:1", "udp://one.example:2"}) {
		t.Errorf("trackers %q, %v", s.Trackers, err)
	}
	s, err = loadSettings(t, `tracker = "udp://three.example:1"`, nil, "--tracker", "none")
	if err != nil || len(s.Trackers) != 0 {
		t.Errorf("trackers %q, %v; want none", s.Trackers, err)
	}
	s, err = loadSettings(t, `tracker = []`, nil)
	if err != nil || len(s.Trackers) != 0 {
		t.Errorf("trackers %q, %v; want none", s.Trackers, err)
	}
}

func TestParseSize(t *testing.T) {
	for in, want := range map[string]int64{
		"0": 0, "1": 1, "1024": 1024, "7B": 7, "5GiB": 5 << 30, "2G": 2 << 30, "2g": 2 << 30, "500MB": 500e6, "1.5K": 1536,
		"10 MiB": 10 << 20, "1TB": 1e12, "8388607T": 8388607 << 40,
	} {
		if got, err := parseSize(in); err != nil || got != want {
			t.Errorf("parseSize(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "G", "-1", "+1", "1X", "1 2", "1e9", "0x10", "1..2", "NaN", "Inf", "8388608T", "٣"} {
		if got, err := parseSize(in); err == nil {
			t.Errorf("parseSize(%q) = %d, want an error", in, got)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	for _, seed := range []string{"5GiB", "1.5K", "9223372036854775807", "", "T"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		n, err := parseSize(in)
		if err != nil {
			return
		}
		if again, err := parseSize(formatSize(n)); n < 0 || err != nil || again != n && n < 1<<53 {
			t.Errorf("%q is %d, written %q, read as %d, %v", in, n, formatSize(n), again, err)
		}
	})
}

func FuzzReadConfig(f *testing.F) {
	f.Add([]byte("listen = \"127.0.0.1:1\"\n[a.b]\nc = [1, {d = 2}]"))
	f.Add([]byte("[keys]\nquit = [\"x\"]\n[keys]"))
	f.Add(defaultsFile)
	f.Fuzz(func(t *testing.T, data []byte) {
		var s settings
		// For any input there is no panic, and an error is one line.
		_, err := readConfig("config.toml", data, s.options())
		if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("error %q", err)
		}
	})
}
