package peers

import (
	_ "embed"
	"fmt"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

//go:embed tracker_client.mjs
var trackerClientScript string

// TrackerClient is one peer of one torrent at one tracker, as the client of the bittorrent-tracker package announces
// it. It has no data and takes no connections.
type TrackerClient struct {
	Port int // that it announces

	script *scripted[TrackerAnswer]
	last   int
}

// TrackerAnswer is the tracker's response as the client understood it.
type TrackerAnswer struct {
	Seeds    int      `json:"complete"`
	Leechers int      `json:"incomplete"`
	Interval int      `json:"interval"` // in seconds; the client does not tell it over UDP
	Peers    []string `json:"peers"`    // as HOST:PORT
	// Scraped has the counts by infohash.
	Scraped map[string]TrackerCounts `json:"scraped"`
	// Error is what the tracker, or the client, says is wrong.
	Error string `json:"error"`

	ID int `json:"id"`
}

// TrackerCounts are those of a scrape.
type TrackerCounts struct {
	Seeds      int `json:"complete"`
	Leechers   int `json:"incomplete"`
	Downloaded int `json:"downloaded"`
}

// StartTrackerClient runs one until the test ends. Roots is the file (PEM) of the authority that it trusts. It needs
// BittorrentTracker.
func StartTrackerClient(t testing.TB, url, infohash, roots string) *TrackerClient {
	t.Helper()
	Require(t, BittorrentTracker)
	c := &TrackerClient{Port: FreePort(t)}
	cmd := exec.Command("node", writeScript(t, "tracker_client.mjs", trackerClientScript), npmPath(t), url, infohash,
		strconv.Itoa(c.Port))
	cmd.Env = append(loopbackEnv(), "NODE_EXTRA_CA_CERTS="+roots)
	c.script = startScripted[TrackerAnswer](t, cmd)
	return c
}

// Announce announces an event, Started, Updated, Completed or Stopped, and how many bytes are missing.
func (c *TrackerClient) Announce(t testing.TB, event string, left int) TrackerAnswer {
	t.Helper()
	return c.command(t, map[string]any{"cmd": event, "left": left})
}

// Scrape requests the counts of torrents.
func (c *TrackerClient) Scrape(t testing.TB, infohashes ...string) TrackerAnswer {
	t.Helper()
	return c.command(t, map[string]any{"cmd": "scrape", "infohashes": infohashes})
}

func (c *TrackerClient) command(t testing.TB, command map[string]any) TrackerAnswer {
	t.Helper()
	c.last++
	id := c.last
	command["id"] = id
	c.script.send(t, command)
	return c.script.waitReport(t, time.Minute, fmt.Sprint(command), func(a TrackerAnswer) bool { return a.ID == id })
}
