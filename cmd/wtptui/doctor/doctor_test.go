package doctor_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/cmd/wtptui/doctor"
	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/localserve/control"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// healthyConfig returns a machine on which everything works, with servers of every kind on loopback.
func healthyConfig(t *testing.T) doctor.Config {
	t.Helper()
	dir := enginetest.ShortDir(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return doctor.Config{
		Version: "1", DataDir: dir, Socket: filepath.Join(dir, "control.sock"), Database: filepath.Join(dir, "wtptui.db"),
		Listen: "127.0.0.1:0", PeerHost: "127.0.0.1", MinFree: 1 << 30, CacheSize: 5 << 30,
		Trackers: []string{
			startUDPTracker(t), startHTTPServer(t, handleTracker) + "/announce",
			"ws" + strings.TrimPrefix(startHTTPServer(t, handleWebTracker), "http"),
		},
		Resolvers: []string{startHTTPServer(t, resolverHandler(0)) + "/dns-query"},
		STUN:      []string{startSTUNServer(t, 4000), startSTUNServer(t, 4000)}, DHT: true, UPnP: true,
		Handler:       func(context.Context) (bool, string, error) { return true, "", nil },
		CheckDatabase: func(string) error { return nil },
		Localhost: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")}, nil
		},
		Router: func(context.Context) (string, error) { return "192.0.2.1", nil },
		Free:   func(string) (int64, error) { return 100 << 30, nil },
	}
}

// runningConfig returns the same with an engine.
func runningConfig(t *testing.T) doctor.Config {
	cfg := healthyConfig(t)
	pages := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(pages.Close)
	cfg.Engine = &engine.Status{
		Version: "1", Online: true, PeerPort: 7000, PortOpen: true, DHTNodes: 100, WebTrackers: 1, ServeURL: pages.URL + "/",
	}
	return cfg
}

// runDoctor returns the worst status of each check, and the whole report as text.
func runDoctor(t *testing.T, cfg doctor.Config) (map[string]doctor.Status, string) {
	t.Helper()
	worst := map[string]doctor.Status{}
	rank := map[doctor.Status]int{doctor.OK: 1, doctor.Warn: 2, doctor.Fail: 3}
	var text strings.Builder
	for _, f := range doctor.Run(t.Context(), cfg) {
		if rank[f.Status] > rank[worst[f.Check]] {
			worst[f.Check] = f.Status
		}
		if rank[f.Status] == 0 || f.Found == "" || (f.Status == doctor.OK) != (f.Do == "") {
			t.Errorf("a finding should say what is so and, if that is not well, what to do: %+v", f)
		}
		text.WriteString(strings.Join([]string{string(f.Status), f.Check, f.Subject, f.Found, f.Do}, " ") + "\n")
	}
	return worst, text.String()
}

func TestHealthyMachinePasses(t *testing.T) {
	for name, cfg := range map[string]doctor.Config{"alone": healthyConfig(t), "with an engine": runningConfig(t)} {
		worst, text := runDoctor(t, cfg)
		if len(worst) != 18 {
			t.Errorf("%s: %d checks", name, len(worst))
		}
		for check, status := range worst {
			if status != doctor.OK {
				t.Errorf("%s: %s is %s", name, check, status)
			}
		}
		if t.Failed() {
			t.Log(text)
		}
	}
}

// TestEachFaultIsReported breaks one thing at a time; only the checks that it concerns may fail.
func TestEachFaultIsReported(t *testing.T) {
	nobody := func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") }
	for name, tc := range map[string]struct {
		engine bool
		spoil  func(t *testing.T, c *doctor.Config)
		want   map[string]doctor.Status
		text   string
	}{
		"dead tracker among others": {
			false, func(_ *testing.T, c *doctor.Config) { c.Trackers[1] = "http://" + closedPort + "/announce" },
			map[string]doctor.Status{"tracker": doctor.Warn},
			"it refuses the connection if none works, check the network",
		},
		"all trackers dead": {false, func(t *testing.T, c *doctor.Config) {
			c.Trackers = []string{
				"udp://" + startUDPServer(t, func([]byte, net.Addr) []byte { return []byte("short") }), "ws://" + closedPort,
			}
		}, map[string]doctor.Status{"tracker": doctor.Fail, "WebRTC": doctor.Fail}, "answers nonsense"},
		"other settings": {
			true, func(_ *testing.T, c *doctor.Config) {
				c.PendingSettings = []string{
					"peer-port is 7000, and --peer-port says 7001", "stun has other values than config.toml:3",
				}
			},
			map[string]doctor.Status{"settings": doctor.Warn},
			"--peer-port says 7001; stun has other values than config.toml:3 it has them after a restart",
		},
		"doubtful settings": {
			false, func(_ *testing.T, c *doctor.Config) {
				c.DoubtfulSettings = []string{"WTPTUI_LISTN is no setting: did you mean WTPTUI_LISTEN?"}
			},
			map[string]doctor.Status{"settings": doctor.Warn},
			"did you mean WTPTUI_LISTEN? correct them",
		},
		"no tracker": {
			false, func(_ *testing.T, c *doctor.Config) { c.Trackers = nil },
			map[string]doctor.Status{"tracker": doctor.Warn, "WebRTC": doctor.Warn},
			"name one with --tracker wss://",
		},
		"tracker that is a web page": {false, func(t *testing.T, c *doctor.Config) {
			c.Trackers[1] = startHTTPServer(t, http.NotFound)
		}, map[string]doctor.Status{"tracker": doctor.Warn}, "answers 404 Not Found"},
		"dead resolver": {
			false, func(_ *testing.T, c *doctor.Config) { c.Resolvers = []string{"http://" + closedPort + "/"} },
			map[string]doctor.Status{"resolver": doctor.Fail},
			"it refuses the connection",
		},
		"resolver that is a web page": {
			false, func(t *testing.T, c *doctor.Config) {
				c.Resolvers = append(c.Resolvers, startHTTPServer(t, func(w http.ResponseWriter, _ *http.Request) {
					_, _ = io.WriteString(w, "<html>")
				}))
			},
			map[string]doctor.Status{"resolver": doctor.Warn},
			"it answers with a web page instead of DNS, as networks do that want you to sign in first correct its URL",
		},
		"no resolver": {
			false, func(_ *testing.T, c *doctor.Config) { c.Resolvers = nil },
			map[string]doctor.Status{"resolver": doctor.Fail},
			"--doh",
		},
		"clock a bit behind": {
			false, func(t *testing.T, c *doctor.Config) {
				c.Trackers = c.Trackers[:1]
				c.Resolvers = []string{startHTTPServer(t, resolverHandler(3*time.Minute))}
			},
			map[string]doctor.Status{"clock": doctor.Warn, "WebRTC": doctor.Warn},
			"behind 127.0.0.1",
		},
		"clock far ahead": {
			false, func(t *testing.T, c *doctor.Config) {
				c.Trackers = c.Trackers[:1]
				c.Resolvers = []string{startHTTPServer(t, resolverHandler(-48*time.Hour))}
			},
			map[string]doctor.Status{"clock": doctor.Fail, "WebRTC": doctor.Warn},
			"fail clock  48h0m",
		},
		"dead STUN server": {
			false, func(t *testing.T, c *doctor.Config) {
				c.STUN = []string{"turn:me:secret@127.0.0.1:nonsense"}
			},
			map[string]doctor.Status{"STUN": doctor.Fail, "NAT": doctor.Warn, "WebRTC": doctor.Warn},
			"STUN turn:127.0.0.1:nonsense",
		},
		"no STUN server": {
			false, func(_ *testing.T, c *doctor.Config) { c.STUN = nil },
			map[string]doctor.Status{"STUN": doctor.Warn, "NAT": doctor.Warn, "WebRTC": doctor.Warn},
			"--stun",
		},
		"symmetric NAT": {
			false, func(t *testing.T, c *doctor.Config) { c.STUN[1] = startSTUNServer(t, 4001) },
			map[string]doctor.Status{"NAT": doctor.Warn},
			"name a TURN server",
		},
		"no localhost names": {
			false, func(_ *testing.T, c *doctor.Config) { c.Localhost = nobody },
			map[string]doctor.Status{"localhost": doctor.Warn},
			"libnss-myhostname",
		},
		"localhost names elsewhere": {false, func(_ *testing.T, c *doctor.Config) {
			c.Localhost = func(context.Context, string) ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr("192.0.2.9")}, nil
			}
		}, map[string]doctor.Status{"localhost": doctor.Fail}, "192.0.2.9, which is another machine"},
		"no router": {false, func(_ *testing.T, c *doctor.Config) {
			c.Router = func(ctx context.Context) (string, error) { return "", errors.New("silence") }
		}, map[string]doctor.Status{"router": doctor.Warn}, "by hand"},
		"unwritable folder": {
			false, func(t *testing.T, c *doctor.Config) {
				c.DataDir = filepath.Join(createFile(t), "below")
				c.Database = filepath.Join(c.DataDir, "db")
			},
			map[string]doctor.Status{"folder": doctor.Fail},
			"not a directory make it writable",
		},
		"open folder": {false, func(t *testing.T, c *doctor.Config) {
			if err := os.Chmod(c.DataDir, 0o755); err != nil {
				t.Fatal(err)
			}
		}, map[string]doctor.Status{"folder": doctor.Warn}, "chmod 700"},
		"disk full": {
			false, func(_ *testing.T, c *doctor.Config) { c.Free = func(string) (int64, error) { return 1 << 29, nil } },
			map[string]doctor.Status{"disk": doctor.Fail},
			"0.5 GiB free, under 1.0 GiB: downloads pause",
		},
		"disk small": {
			false, func(_ *testing.T, c *doctor.Config) { c.Free = func(string) (int64, error) { return 3 << 30, nil } },
			map[string]doctor.Status{"disk": doctor.Warn},
			"lower --cache-size",
		},
		"damaged database": {false, func(t *testing.T, c *doctor.Config) {
			c.Database = createFile(t)
			c.CheckDatabase = func(string) error {
				return &engine.Error{Kind: engine.Damaged, Msg: "it is damaged: start wtptui"}
			}
		}, map[string]doctor.Status{"database": doctor.Fail}, "it is damaged start wtptui"},
		"newer database": {false, func(t *testing.T, c *doctor.Config) {
			c.Database = createFile(t)
			c.CheckDatabase = func(string) error {
				return &engine.Error{Kind: engine.Conflict, Msg: "it is newer: upgrade wtptui"}
			}
		}, map[string]doctor.Status{"database": doctor.Fail}, "it is newer upgrade wtptui"},
		"file for a socket": {
			false, func(t *testing.T, c *doctor.Config) { c.Socket = createFile(t) },
			map[string]doctor.Status{"socket": doctor.Fail},
			"move it elsewhere",
		},
		"long socket": {
			false, func(_ *testing.T, c *doctor.Config) { c.SocketError = control.CheckPath(strings.Repeat("/x", 60)) },
			map[string]doctor.Status{"socket": doctor.Fail},
			"choose a shorter --data-dir",
		},
		"pages' port taken": {
			false, func(t *testing.T, c *doctor.Config) { c.Listen = occupyPort(t) },
			map[string]doctor.Status{"pages": doctor.Warn},
			"address already in use",
		},
		"peers' port taken": {
			false, func(t *testing.T, c *doctor.Config) { c.PeerPort = int(netip.MustParseAddrPort(occupyPort(t)).Port()) },
			map[string]doctor.Status{"peer port": doctor.Warn},
			"address already in use",
		},
		"other handler": {false, func(_ *testing.T, c *doctor.Config) {
			c.Handler = func(context.Context) (bool, string, error) { return false, "other.desktop", nil }
		}, map[string]doctor.Status{"handler": doctor.Warn}, "other.desktop"},
		"no handler": {false, func(_ *testing.T, c *doctor.Config) {
			c.Handler = func(context.Context) (bool, string, error) { return false, "", nil }
		}, map[string]doctor.Status{"handler": doctor.Warn}, "`wtptui register`"},
		"another program for the extension": {false, func(_ *testing.T, c *doctor.Config) {
			c.Companion = func() (ours, others []string) { return []string{"Chromium"}, []string{"Firefox"} }
		}, map[string]doctor.Status{"companion": doctor.Warn}, "in Firefox `wtptui register --companion`"},
		"engine of another version": {
			true, func(_ *testing.T, c *doctor.Config) { c.Version = "2" },
			map[string]doctor.Status{"engine": doctor.Warn},
			"restart the one that runs",
		},
		"engine that cannot be asked": {
			false, func(_ *testing.T, c *doctor.Config) { c.EngineError = &engine.Error{Msg: "belongs to another user"} },
			map[string]doctor.Status{"engine": doctor.Fail, "database": doctor.Warn, "socket": doctor.Warn},
			"belongs to another user",
		},
		"a found site": {
			true, func(_ *testing.T, c *doctor.Config) { c.Found = 1 },
			map[string]doctor.Status{"found": doctor.Warn},
			"1 site was found in the data folder, and nothing else knows what it is `wtptui ls` lists",
		},
		"found sites": {
			true, func(_ *testing.T, c *doctor.Config) { c.Found = 3 },
			map[string]doctor.Status{"found": doctor.Warn},
			"3 sites were found in the data folder",
		},
		"engine offline": {
			true, func(_ *testing.T, c *doctor.Config) { c.Engine.Online = false; c.Engine.DHTNodes = 0 },
			map[string]doctor.Status{"engine": doctor.Warn, "DHT": doctor.Warn},
			"let UDP through",
		},
		"engine with warnings": {
			true, func(_ *testing.T, c *doctor.Config) {
				c.Engine.Warnings = []string{"the database was damaged: \x1b[2J"}
			},
			map[string]doctor.Status{"engine": doctor.Warn, "database": doctor.Warn},
			"the database was damaged",
		},
		"engine's pages gone": {
			true, func(_ *testing.T, c *doctor.Config) {
				c.Engine.ServeURL = "http://localhost:" + strings.Split(closedPort, ":")[1] + "/"
			},
			map[string]doctor.Status{"pages": doctor.Fail},
			"it refuses the connection",
		},
		"engine on other ports": {
			true, func(_ *testing.T, c *doctor.Config) { c.Listen, c.PeerPort = "127.0.0.1:7780", 42069 },
			map[string]doctor.Status{"pages": doctor.Warn, "peer port": doctor.Warn},
			"not on 42069",
		},
		"engine behind a closed port": {
			true, func(_ *testing.T, c *doctor.Config) { c.Engine.PortOpen = false },
			map[string]doctor.Status{"peer port": doctor.Warn},
			"forward TCP and UDP port 7000",
		},
		"engine without web trackers": {
			true, func(_ *testing.T, c *doctor.Config) { c.Engine.WebTrackers = 0 },
			map[string]doctor.Status{"WebRTC": doctor.Fail},
			"no browser can find a site here",
		},
		"tracker that refuses the engine": {true, func(_ *testing.T, c *doctor.Config) {
			c.Engine.Trackers = []engine.Tracker{
				{URL: c.Trackers[2], Status: "working"},
				{URL: c.Trackers[1], Status: "failing", Error: "banned"},
				{URL: "udp://127.0.0.1:1/x", Status: "failing", Error: "private"},
			}
		}, map[string]doctor.Status{"tracker": doctor.Warn}, "refuses wtptui: banned"},
		"resolver that failed the engine": {true, func(_ *testing.T, c *doctor.Config) {
			c.Engine.Resolvers = []engine.Resolver{{URL: c.Resolvers[0], Error: "timeout"}}
		}, map[string]doctor.Status{"resolver": doctor.Warn}, "failed wtptui last: timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := healthyConfig(t)
			if tc.engine {
				cfg = runningConfig(t)
			}
			tc.spoil(t, &cfg)
			worst, text := runDoctor(t, cfg)
			for check, status := range worst {
				want, concerned := tc.want[check]
				if !concerned {
					want = doctor.OK
				}
				if status != want {
					t.Errorf("%s is %s, want %s", check, status, want)
				}
			}
			if !strings.Contains(text, tc.text) || strings.Contains(text, "\x1b") || strings.Contains(text, "secret") {
				t.Errorf("the report should say %q", tc.text)
			}
			if t.Failed() {
				t.Log(text)
			}
		})
	}
}

// TestSilentServersTimeOut has servers that never answer.
func TestSilentServersTimeOut(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for silence to be one")
	}
	t.Parallel()
	cfg := healthyConfig(t)
	silent := startUDPServer(t, func([]byte, net.Addr) []byte { return nil })
	cfg.Trackers, cfg.STUN, cfg.UPnP = []string{"udp://" + silent}, []string{"stun:" + silent}, false
	worst, text := runDoctor(t, cfg)
	if worst["tracker"] != doctor.Fail || worst["STUN"] != doctor.Fail || !strings.Contains(text, "no answer in time") {
		t.Errorf("%v\n%s", worst, text)
	}
}
