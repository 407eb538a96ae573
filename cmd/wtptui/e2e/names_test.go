package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// movingSite is the domain of these tests, in the zone of peers.Unbound.
const movingSite = "site.wtp.test"

// movingDomain is a domain, and a wtptui that asks a real DNS over HTTPS server about it.
type movingDomain struct {
	*peers.Wtptui

	dns     *peers.Unbound
	tracker *peers.Tracker
}

func startMovingDomain(t *testing.T, flags ...string) *movingDomain {
	t.Helper()
	m := &movingDomain{dns: peers.StartUnbound(t), tracker: peers.StartTracker(t, peers.TrackerOptions{})}
	flags = append([]string{"--tracker", m.tracker.HTTP, "--doh", m.dns.URL, "--dns-min-ttl", "1s"}, flags...)
	m.Wtptui = peers.NewWtptui(t, binaryPath(t), flags...)
	m.Setenv("SSL_CERT_FILE="+m.dns.Cert, "SSL_CERT_DIR=/nowhere")
	m.Start(t)
	return m
}

// makeVersion makes a version of the site: its page and one more file contain the version's name, the others are the
// same in all versions.
func (m *movingDomain) makeVersion(
	t *testing.T, name string, big int, o peers.SeedOptions,
) (dir string, seed *peers.Libtorrent) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "site")
	if err := os.CopyFS(dir, os.DirFS(makeSmallSite(t))); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"index.html": strings.ReplaceAll(movingPage, "VERSION", name), "version.txt": name}
	if big > 0 {
		files["big"] = strings.Repeat(name, big/len(name))
	}
	for file, content := range files {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.PieceLength, o.Trackers = 16<<10, []string{m.tracker.HTTP}
	return dir, peers.StartSeed(t, dir, o)
}

// movingPage reads two files of the site again and again, and records what it gets and what fails.
const movingPage = `<!doctype html><meta charset="utf-8"><title>VERSION</title><script>
const seen = [], failed = [], rounds = [];
async function get(path) {
  const answer = await fetch(path);
  if (!answer.ok) failed.push(path + ": " + answer.status);
  return answer.arrayBuffer();
}
async function read() {
  for (;;) {
    try {
      const version = new TextDecoder().decode(await get("/version.txt"));
      if (seen.at(-1) !== version) seen.push(version);
      const same = await get("/sub/b.bin");
      if (same.byteLength !== 400000) failed.push("b.bin: " + same.byteLength);
      rounds.push(version);
    } catch (err) { failed.push(String(err)); }
    await new Promise(next => setTimeout(next, 700));
  }
}
read();
</script>`

func (m *movingDomain) setRecord(t *testing.T, ttl int, infohash string) {
	t.Helper()
	m.dns.SetRecords(t, fmt.Sprintf(`site %d IN TXT "wtpkey=%s"`, ttl, infohash), `site 60 IN TXT "v=spf1 -all"`)
}

// movingDetail is what `wtptui show --json` prints of a site whose domain moves.
type movingDetail struct {
	Site struct {
		InfoHash     string     `json:"infohash"`
		NextInfoHash string     `json:"next_infohash"`
		NextCheck    *time.Time `json:"next_check"`
		State        string     `json:"state"`
		Size         int64      `json:"size"`
		Completed    int64      `json:"completed"`
		Downloaded   int64      `json:"downloaded"`
		LocalURL     string     `json:"local_url"`
	} `json:"site"`
	Versions []struct {
		InfoHash  string     `json:"infohash"`
		State     string     `json:"state"`
		Source    string     `json:"source"`
		KeptUntil *time.Time `json:"kept_until"`
	} `json:"versions"`
	Trackers []struct {
		URL   string `json:"url"`
		Error string `json:"error"`
	} `json:"trackers"`
}

func (m *movingDomain) readDetail(t *testing.T) (d movingDetail) {
	t.Helper()
	runJSON(t, m.Wtptui, &d, "show", movingSite)
	return d
}

// waitDetail waits until the site's details are as they should be.
func (m *movingDomain) waitDetail(t *testing.T, what string, ok func(movingDetail) bool) (d movingDetail) {
	t.Helper()
	peers.Eventually(t, domainMoveTimeout, what, func() error {
		if d = m.readDetail(t); !ok(d) {
			return fmt.Errorf("%+v %+v", d.Site, d.Versions)
		}
		return nil
	})
	return d
}

// domainMoveTimeout bounds a move, which is immediate on an idle machine. On a machine so busy that the resolver's 5 s
// are not enough, the domain is looked up again two minutes later.
const domainMoveTimeout = waitLong

func (m *movingDomain) waitVersion(t *testing.T, infohash string) movingDetail {
	t.Helper()
	return m.waitDetail(t, "to serve "+infohash, func(d movingDetail) bool {
		return d.Site.InfoHash == infohash && d.Site.State == "seeding" && d.Site.NextInfoHash == ""
	})
}

// versionState returns the state of a version.
func (d movingDetail) versionState(infohash string) string {
	for _, v := range d.Versions {
		if v.InfoHash == infohash {
			return v.State
		}
	}
	return ""
}

// resolvedName is what `wtptui resolve --json` prints.
type resolvedName struct {
	InfoHash string   `json:"infohash"`
	Source   string   `json:"source"`
	Stale    bool     `json:"stale"`
	Error    string   `json:"error"`
	Trackers []string `json:"trackers"`
	WebSeeds []string `json:"web_seeds"`
	Found    []string `json:"found"`
	Warnings []string `json:"warnings"`
	Asked    []struct {
		URL   string `json:"url"`
		Error string `json:"error"`
	} `json:"asked"`
}

// resolve looks the domain up now. A site that follows it uses the result.
func (m *movingDomain) resolve(t *testing.T, domain string) (n resolvedName) {
	t.Helper()
	stdout, stderr, _ := m.RunCode(t, "resolve", "--json", domain) // It fails for a domain without a key.
	if err := json.Unmarshal([]byte(stdout), &n); err != nil {
		t.Fatalf("wtptui resolve --json: %v:\n%s%s", err, stdout, stderr)
	}
	return n
}

// resolveAnswered is resolve that tries again until the resolver has answered.
func (m *movingDomain) resolveAnswered(t *testing.T, domain string) (n resolvedName) {
	t.Helper()
	peers.Eventually(t, domainMoveTimeout, "an answer for "+domain, func() error {
		if n = m.resolve(t, domain); strings.Contains(n.Error, "no answer in") {
			return fmt.Errorf("%s", n.Error)
		}
		return nil
	})
	return n
}

// For a domain without a valid record, the error says what it has instead and what its owner must add. A hostile record
// does no harm.
func TestDomainsWithoutAKeySayWhatIsMissing(t *testing.T) {
	t.Parallel()
	m := startMovingDomain(t)
	reached := make(chan string, 100)
	victim := startForbiddenServer(t, func(r *http.Request) { reached <- r.URL.Path })
	m.dns.SetRecords(t,
		`spf 60 IN TXT "v=spf1 -all"`, `bad 60 IN TXT "wtpkey=123"`,
		`two 60 IN TXT "wtpkey=`+unseededHost+`"`, `two 60 IN TXT "wtpkey=`+strings.Repeat("0", 40)+`"`,
		`hints 60 IN TXT "wtpkey=`+unseededHost+`"`, `hints 60 IN TXT "wtptracker=`+victim+`/announce"`,
		`hints 60 IN TXT "wtpseed=`+strings.Replace(victim, "http:", "https:", 1)+`/seed/"`,
		`hints 60 IN TXT "wtpseed=`+victim+`/plain/"`,
		`escape 60 IN TXT "a\027[31mb"`, `alias 60 IN CNAME hints`, `loop 60 IN CNAME loop2`, `loop2 60 IN CNAME loop`,
	)
	for domain, says := range map[string]string{
		"spf": `"v=spf1 -all"`, "bad": "not 40 hex digits", "nothing": "there is no domain", "loop": "in circles",
		"escape": `"a<U+001B>[31mb"`,
	} {
		if n := m.resolveAnswered(t, domain+".wtp.test"); n.InfoHash != "" || !strings.Contains(n.Error, says) {
			t.Errorf("%s: %+v, should say %s", domain, n, says)
		}
	}
	if n := m.resolveAnswered(t, "two.wtp.test"); len(n.Warnings) != 1 ||
		!strings.Contains(n.Warnings[0], "2 different infohashes") {
		t.Errorf("two keys: %+v", n)
	}
	n := m.resolveAnswered(t, "alias.wtp.test")
	if n.InfoHash != unseededHost || len(n.Trackers) != 1 || len(n.WebSeeds) != 1 || n.Source != m.dns.URL {
		t.Errorf("hints: %+v", n)
	}
	m.Run(t, "add", "hints.wtp.test")
	peers.Eventually(t, domainMoveTimeout, "the hinted tracker to be refused", func() error {
		for _, tr := range m.Show(t, "hints.wtp.test").Trackers {
			if strings.HasPrefix(tr.URL, victim) && strings.Contains(tr.Error, "not a public address") {
				return nil
			}
		}
		return fmt.Errorf("%+v", m.Show(t, "hints.wtp.test").Trackers)
	})
	if len(reached) > 0 {
		t.Errorf("a hint reached loopback: %s", <-reached)
	}
}
