package main

import (
	_ "embed"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/pflag"

	"wtptui/engine"
)

// defaultsFile holds the default settings.
//
//go:embed defaults.toml
var defaultsFile []byte

// settings are all settings. Each is taken from the first of these that sets it: flag, environment, config.toml,
// defaults.toml.
type settings struct {
	ruleSettings

	DataDir      string // empty means the default, see dataDir
	Listen       string
	ListenPublic bool
	PeerPort     int
	PeerHost     string
	Trackers     []string
	STUN         []string
	DoH          []string
	DNSMinTTL    time.Duration
	NoDHT        bool
	DHTNodes     []string
	Relays       []string
	NoUPnP       bool
	NoLSD        bool
	Encryption   string // one of swarm.Encryptions
	CacheTTL     time.Duration
	Bin          time.Duration
	KeepFor      time.Duration
	KeepVersions int
	Enough       int
	Scrub        time.Duration // 0 means never
	LogLevel     string
	LogFormat    string // logText or logJSON
	// TrackerMinInterval applies to Trackers, not to those that torrents name.
	TrackerMinInterval time.Duration
	// MetricsListen is the address for Prometheus; empty means none.
	MetricsListen string
	// Home holds the settings of the public server.
	Home homeSettings
	// MachineColors are the colours of other machines' names: a colour for all, or NAME=COLOR for one.
	MachineColors []string
	// Keys are the keys of the dashboard's actions that the table [keys] of config.toml changes, by action.
	Keys map[string][]string
	// Commands are the person's own commands, from the tables [commands.NAME] of config.toml.
	Commands []ownCommand
	// Fleet is the list of other machines, from the tables [fleet.NAME].
	Fleet fleet
	// Hooks are the commands that run on events, from the table [hooks].
	Hooks hookSettings

	origins  map[string]origin // by name of the option; defaults are absent
	unitless map[string]string // sizes that were given without a unit, by name of the option
	// warnings is the result of warningsAbout, which the engine shows.
	warnings []string
	// flags are the flags that addSettingFlags adds to commands; nil before its first call.
	flags *pflag.FlagSet
}

// option is one setting. Its name is that of the flag, of the key in config.toml, and, in capitals after WTPTUI_, of
// the environment variable.
type option struct {
	name  string
	value pflag.Value
	usage string
}

func newOption(name string, value pflag.Value, usage string) option {
	return option{name: name, value: value, usage: usage}
}

// options returns all settings except --data-dir, which decides where config.toml is.
func (s *settings) options() []option {
	return recordUnitless(s, slices.Concat(networkOptions(s), siteOptions(s), programOptions(s), s.Home.options()))
}

// networkOptions are about who can reach the program, and how it reaches others.
func networkOptions(s *settings) []option {
	return []option{
		newOption("listen", textValue{&s.Listen, checkListen},
			"address and port of the loopback server that browsers use"),
		newOption("listen-public", boolValue{&s.ListenPublic},
			"let --listen and --metrics-listen be reachable from other machines"),
		newOption("peer-port", portValue{&s.PeerPort},
			"port for peers, TCP and uTP (0: any)"),
		newOption("peer-host", textValue{&s.PeerHost, checkIP},
			"address to listen on for peers (default all)"),
		newOption("tracker", &listValue{to: &s.Trackers, check: checkTracker},
			"announce URL, repeatable; replaces the default ones (none: no tracker)"),
		newOption("tracker-min-interval", durationValue{&s.TrackerMinInterval, time.Second},
			"shortest time between two announces to a --tracker; half of it for WebTorrent"),
		newOption("stun", &listValue{to: &s.STUN, check: checkSTUN},
			"STUN or TURN server for browsers as peers, repeatable; replaces the default ones (none: no server)"),
		newOption("doh", &listValue{to: &s.DoH, check: checkDoH},
			"server for DNS over HTTPS, repeatable; replaces the default ones"),
		newOption("dns-min-ttl", durationValue{&s.DNSMinTTL, 0},
			"shortest time for which a domain's answer is cached"),
		newOption("no-dht", boolValue{&s.NoDHT},
			"do without the DHT"),
		newOption("dht-node", &listValue{to: &s.DHTNodes, check: checkDHTNode, kind: "host:port"},
			"node from which to join the DHT, repeatable; replaces the usual ones"),
		newOption("relay", &listValue{to: &s.Relays, check: checkRelay},
			"pkarr relay for sites under a key, if the DHT has no record, repeatable (default none)"),
		newOption("no-upnp", boolValue{&s.NoUPnP},
			"do not ask the router to forward the peer port"),
		newOption("no-lsd", boolValue{&s.NoLSD},
			"do not look for peers in the local network"),
		newOption("encryption", textValue{&s.Encryption, checkEncryption},
			"obfuscate peer connections (MSE): tolerate, prefer or require"),
	}
}

// siteOptions are about how long sites are kept and seeded.
func siteOptions(s *settings) []option {
	return []option{
		newOption("cache-ttl", durationValue{&s.CacheTTL, time.Second},
			"how long a site that is not pinned stays after it was opened"),
		newOption("max-site-size", sizeValue{to: &s.MaxSiteSize},
			"largest site that is fetched without asking (0: any)"),
		newOption("cache-size", sizeValue{to: &s.CacheSize},
			"disk space for all sites that are neither pinned, your own nor allowed (0: no limit)"),
		newOption("bin", durationValue{&s.Bin, 0},
			"how long what was evicted or removed can be brought back (0: there is no bin)"),
		newOption("keep-for", durationValue{&s.KeepFor, time.Second},
			"how long former versions of a site that was published here are seeded"),
		newOption("keep-versions", countValue{&s.KeepVersions, 1, 1000},
			"how many former versions of a site that was published here are seeded at most"),
		newOption("enough", countValue{&s.Enough, 0, engine.MaxEnough},
			"a site rests, out of the swarm, while this many others seed it; your own never rest (0: no site rests)"),
		newOption("seed-ratio", ratioValue{&s.SeedRatio},
			"a complete site rests while another seeds it, once it was uploaded this many times (0: no such goal)"),
		newOption("seed-time", periodValue{&s.SeedTime, time.Minute},
			"a complete site rests while another seeds it, once it has been here for this long (0: no such goal)"),
		newOption("max-connections", countValue{&s.MaxConns, 0, maxConnsSetting},
			"connections to peers over all sites (0: what the limit on open files allows)"),
		newOption("max-connections-per-site", countValue{&s.MaxConnsEach, 1, maxConnsSetting},
			"connections to peers of a site"),
		newOption("scrub", periodValue{&s.Scrub, time.Hour},
			"how often finished data is read again, slowly, and what is damaged fetched again (0: never)"),
	}
}

// programOptions are about rates, logs and what the program shows of itself.
func programOptions(s *settings) []option {
	return []option{
		newOption("up-limit", rateValue{to: &s.UpLimit},
			"upload limit per second over all sites"),
		newOption("down-limit", rateValue{to: &s.DownLimit},
			"download limit per second over all sites"),
		newOption("log-level", textValue{&s.LogLevel, checkLevel},
			"how much is logged: debug, info, warn or error"),
		newOption("log-format", textValue{&s.LogFormat, checkFormat},
			"form of the log: text, or json with one object a line"),
		newOption("machine-color", &listValue{to: &s.MachineColors, check: checkMachineColor, kind: "color"},
			"colour of the machine's name in an attached dashboard: red, yellow, green, blue, magenta or #rrggbb, "+
				"NAME=COLOR for one machine; repeatable"),
		newOption("metrics-listen", textValue{&s.MetricsListen, checkMetricsListen},
			"address and port for Prometheus (/metrics) and /healthz (default: none)"),
	}
}

// maxConnsSetting is the largest number of connections that can be set: there are not many more ports.
const maxConnsSetting = 50_000

// defaultSettings returns the default settings.
func defaultSettings() (*settings, error) {
	s := &settings{}
	options := s.options()
	config, err := readConfig("defaults.toml", defaultsFile, options)
	if err != nil {
		return nil, err
	}
	for _, e := range config.entries {
		if err := setValue(findOption(options, e.name).value, e.values); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// addFlags adds a flag for every option, with the current value as its default.
func (s *settings) addFlags(flags *pflag.FlagSet) {
	for _, o := range s.options() {
		flag := flags.VarPF(o.value, o.name, "", o.usage)
		switch o.value.(type) {
		case boolValue:
			flag.NoOptDefVal = "true"
		case *listValue:
			flag.DefValue = "" // It would fill the screen.
		}
	}
}

// resolveDataDir sets the data folder from the environment. Every verb needs the folder, and it decides where
// config.toml is. See requireHome for whether the default exists.
func (s *settings) resolveDataDir(getenv func(string) string) {
	if s.DataDir == "" {
		s.DataDir = getenv(envName("data-dir"))
	}
}

// requireHome returns an error if the default data folder would have to be below a home folder and there is none: it
// would be created at the root of the file system.
func (s *settings) requireHome(getenv func(string) string) error {
	if s.DataDir != "" || filepath.IsAbs(getenv("XDG_DATA_HOME")) || runtime.GOOS == "windows" || getenv("HOME") != "" {
		return nil
	}
	return usageError("there is no home folder for the data (HOME is not set): name a folder with --data-dir or %s",
		envName("data-dir"))
}

// findOption returns the option with the given name, which must exist.
func findOption(options []option, name string) option {
	return options[slices.IndexFunc(options, func(o option) bool { return o.name == name })]
}

// dataDir returns the data folder.
func (s *settings) dataDir() string {
	if s.DataDir != "" {
		return s.DataDir
	}
	return filepath.Join(xdg.DataHome, "wtptui")
}

// shortenHome replaces the person's home folder with ~ in a path.
func shortenHome(path string) string {
	if rest, below := strings.CutPrefix(path, xdg.Home+string(filepath.Separator)); below && xdg.Home != "" {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}

func defaultConfigDir() string { return filepath.Join(xdg.ConfigHome, "wtptui") }

// configFile returns the path of config.toml. It is in the data folder if that was chosen, so that everything is in one
// place.
func (s *settings) configFile() string {
	if s.DataDir != "" {
		return filepath.Join(s.DataDir, "config.toml")
	}
	return filepath.Join(defaultConfigDir(), "config.toml")
}

func envName(option string) string {
	return "WTPTUI_" + strings.ToUpper(strings.ReplaceAll(option, "-", "_"))
}
