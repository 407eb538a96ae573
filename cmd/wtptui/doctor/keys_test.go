package doctor_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/doctor"
	"wtptui/engine"
	"wtptui/engine/keyring"
)

// configWithKey returns a machine with a key that is backed up, and an engine whose DHT has the record of that key's
// site.
func configWithKey(t *testing.T) doctor.Config {
	t.Helper()
	cfg := runningConfig(t)
	cfg.KeyDir = filepath.Join(cfg.DataDir, "keys")
	ring := keyring.New(cfg.KeyDir)
	secret, err := ring.Create("blog")
	if err == nil {
		err = ring.MarkBackedUp("blog")
	}
	if err != nil {
		t.Fatal(err)
	}
	host := keyring.PublicHost(secret)
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cfg.Now = func() time.Time { return at }
	recent := engine.At(at.Add(-8 * time.Minute))
	cfg.Sites = []engine.Site{{
		Host: host, URL: "wtp://" + host + "/", State: engine.Seeding, Mine: true, Own: true,
		Record: engine.Record{
			Seq: 1, Infohash: strings.Repeat("a", 40), Signer: "blog",
			ReadAt: recent, Nearest: 8, Found: 7, PutAt: recent, Nodes: 8,
		},
	}}
	return cfg
}

func TestKeysAndRecords(t *testing.T) {
	others := func(n int) (sites []engine.Site) {
		for i := range n {
			host := engine.PublicKey{byte(i)}.Host()
			sites = append(sites, engine.Site{Host: host, URL: "wtp://" + host + "/", State: engine.Seeding, Pinned: true})
		}
		return sites
	}
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, c *doctor.Config)
		want  map[string]doctor.Status
		text  string
	}{
		"all well": {
			func(*testing.T, *doctor.Config) {}, nil,
			"ok record  1 record is kept well, by 8 nodes, put 8m ago",
		},
		"several": {func(_ *testing.T, c *doctor.Config) {
			more := c.Sites[0]
			more.Record.Nodes, more.Record.Found, more.Record.PutAt = 0, 5, engine.Time{}
			c.Sites = append(c.Sites, more)
		}, nil, "2 records are kept well, each by 5 nodes or more, put 8m ago at most"},
		"no keys and no sites": {func(_ *testing.T, c *doctor.Config) {
			c.KeyDir, c.Sites = "", nil
		}, nil, ""},
		"not put for long": {
			func(_ *testing.T, c *doctor.Config) {
				r := &c.Sites[0].Record
				r.Found, r.PutAt = 2, engine.At(c.Now().Add(-200*time.Minute))
			},
			map[string]doctor.Status{"record": doctor.Warn},
			"too few nodes of the DHT hold its record: 2 of the 8 nearest, and it was put 3h20m ago",
		},
		"never put": {func(_ *testing.T, c *doctor.Config) {
			c.Sites[0].Record.Found, c.Sites[0].Record.PutAt = 0, engine.Time{}
		}, map[string]doctor.Status{"record": doctor.Warn}, "0 of the 8 nearest, and it was never put from here"},
		"an error": {func(_ *testing.T, c *doctor.Config) {
			c.Sites[0].Record.Error = "it was signed in the future: set the clock"
		}, map[string]doctor.Status{"record": doctor.Warn}, "it was signed in the future set the clock"},
		"unknown records": {func(_ *testing.T, c *doctor.Config) {
			c.Sites = others(12)
		}, map[string]doctor.Status{"record": doctor.Warn}, "2 more records are not kept well either"},
		"paused": {func(_ *testing.T, c *doctor.Config) {
			c.Sites = others(1)
			c.Sites[0].State = engine.Paused
		}, nil, ""},
		"DHT off": {func(_ *testing.T, c *doctor.Config) {
			c.DHT = false
		}, map[string]doctor.Status{"record": doctor.Fail}, "without --no-dht, or name a relay"},
		"DHT off in the engine, with a relay": {func(t *testing.T, c *doctor.Config) {
			c.Engine.DHTNodes, c.Relays = -1, []string{startHTTPServer(t, http.NotFound)}
		}, map[string]doctor.Status{"record": doctor.Warn}, "by relays alone"},
		"DHT silent": {func(_ *testing.T, c *doctor.Config) {
			c.Engine.DHTNodes, c.Sites[0].Record.Found, c.Sites[0].Record.Nodes = 0, 0, 0
		}, map[string]doctor.Status{"DHT": doctor.Warn, "record": doctor.Warn}, "0 of the 8 nearest"},
		"dead relay": {func(t *testing.T, c *doctor.Config) {
			c.Relays = []string{"http://" + closedPort + "/", startHTTPServer(t, http.NotFound)}
		}, map[string]doctor.Status{"relay": doctor.Warn}, "it refuses the connection"},
		"relay out of order": {func(t *testing.T, c *doctor.Config) {
			c.Relays = []string{
				startHTTPServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }),
			}
		}, map[string]doctor.Status{"relay": doctor.Fail}, "answers 502 Bad Gateway"},
		"not backed up": {
			func(t *testing.T, c *doctor.Config) {
				if err := os.Remove(filepath.Join(c.KeyDir, "blog.backed-up")); err != nil {
					t.Fatal(err)
				}
			},
			map[string]doctor.Status{"key": doctor.Warn},
			"not backed up: blog; a key that is lost cannot be replaced `wtptui keys export blog FILE`",
		},
		"open file": {func(t *testing.T, c *doctor.Config) {
			if err := os.Chmod(filepath.Join(c.KeyDir, "blog.key"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, map[string]doctor.Status{"key": doctor.Fail}, "and sign with it chmod 600 "},
		"damaged file": {func(t *testing.T, c *doctor.Config) {
			if err := os.WriteFile(filepath.Join(c.KeyDir, "blog.key"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, map[string]doctor.Status{"key": doctor.Fail}, "does not hold one"},
		"lost file": {func(t *testing.T, c *doctor.Config) {
			if err := keyring.New(c.KeyDir).Remove("blog"); err != nil {
				t.Fatal(err)
			}
			c.Sites[0].Record.Signer = ""
		}, map[string]doctor.Status{"key": doctor.Fail}, "can get no new version bring it back"},
		"domain of another's key": {
			func(_ *testing.T, c *doctor.Config) {
				c.Sites[0].Host, c.Sites[0].URL, c.Sites[0].Record.Signer = "a.example", "wtp://a.example/", ""
			},
			map[string]doctor.Status{"key": doctor.Warn},
			"wtp://a.example/ was published here, but the key that its domain names",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := configWithKey(t)
			tc.spoil(t, &cfg)
			worst, text := runDoctor(t, cfg)
			for check, status := range worst {
				want, concerned := tc.want[check]
				if !concerned {
					want = doctor.OK
				}
				if status != want && check != "clock" {
					t.Errorf("%s is %s, want %s", check, status, want)
				}
			}
			for check := range tc.want {
				if worst[check] == "" {
					t.Errorf("nothing is said of the %s", check)
				}
			}
			if !strings.Contains(text, tc.text) {
				t.Errorf("the report should say %q", tc.text)
			}
			if tc.text == "" && strings.Contains(text, " record ") {
				t.Error("records are told of, and there are none")
			}
			if t.Failed() {
				t.Log(text)
			}
		})
	}
}

// If the DHT is silent, the findings about records follow from that.
func TestRecordsFollowFromASilentDHT(t *testing.T) {
	cfg := configWithKey(t)
	cfg.Engine.DHTNodes, cfg.Sites[0].Record = 0, engine.Record{Signer: "blog"}
	for _, f := range doctor.Run(t.Context(), cfg) {
		if f.Check == "record" && f.FollowsFrom != "DHT" {
			t.Errorf("%+v", f)
		}
	}
}
