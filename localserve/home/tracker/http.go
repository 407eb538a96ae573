package tracker

import (
	"encoding/binary"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wtptui/localserve/limits"

	"github.com/anacrolix/torrent/bencode"
)

// The paths of the tracker. A site may have files of these names: requests without an infohash are for those.
const (
	announcePath = "/announce"
	scrapePath   = "/scrape"
)

// maxScraped is the maximum number of torrents of one scrape, as over UDP.
const maxScraped = 74

// Source is where an HTTP request comes from, as determined by the server.
type Source struct {
	// Client is the client's address; the zero Addr if it is unknown.
	Client netip.Addr
	// Local is the address of this machine to which the client has connected; the zero Addr if it is unknown.
	Local netip.Addr

	own bool // from this process's own engine
}

// Handles reports whether a request is for the tracker: an announce or a scrape, over HTTP or to open a WebSocket. All
// others are for a site's files, including /announce without an infohash.
func (t *Tracker) Handles(r *http.Request) bool {
	if r.Method != http.MethodGet {
		return false
	}
	return r.URL.Path == announcePath && (isWebSocketRequest(r) || hasInfohash(r.URL.RawQuery)) ||
		r.URL.Path == scrapePath && hasInfohash(r.URL.RawQuery)
}

// Serve serves a request for which Handles has returned true.
func (t *Tracker) Serve(w http.ResponseWriter, r *http.Request, source Source) {
	source.Client = source.Client.Unmap().WithZone("")
	switch {
	case !source.own && !isHost(source.Client):
		t.refuse(w, failure{Reason: noAddress})
	case !source.own && !t.throttle.allow(limits.Network(source.Client), 1, time.Now()):
		w.Header().Set("Connection", "close")
		t.refuse(w, failure{Reason: tooOften, RetryIn: 1})
	case r.URL.Path == announcePath && isWebSocketRequest(r):
		t.openSocket(w, r, source)
	case isFromPage(r):
		t.refuse(w, failure{Reason: fromPage})
	case r.URL.Path == scrapePath:
		t.scrapeHTTP(w, r.URL.RawQuery)
	default:
		t.announceHTTP(w, r.URL.RawQuery, source)
	}
}

// failure is the response to a refused announce (BEP 3, BEP 31).
type failure struct {
	Reason string `bencode:"failure reason"`
	// RetryIn is in minutes.
	RetryIn int `bencode:"retry in,omitempty"`
}

func (t *Tracker) refuse(w http.ResponseWriter, f failure) {
	t.refused.Add(1)
	respond(w, f)
}

// respond sends a response. Refusals have status 200, too: clients do not read the body of others.
func respond(w http.ResponseWriter, v any) {
	body, err := bencode.Marshal(v)
	if err != nil {
		http.Error(w, "the answer could not be written", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // The client may be gone.
}

// parameters are those of a query, decoded on access. url.ParseQuery would refuse queries that clients of trackers
// send.
type parameters string

// each calls f with every parameter until f returns false.
func (q parameters) each(f func(key, value string) bool) {
	for part := range strings.SplitSeq(string(q), "&") {
		key, value, _ := strings.Cut(part, "=")
		if value, err := url.QueryUnescape(value); err == nil && !f(key, value) {
			return
		}
	}
}

// get returns the first parameter of a name.
func (q parameters) get(name string) string {
	found := ""
	q.each(func(key, value string) bool {
		if key == name {
			found = value
		}
		return key != name
	})
	return found
}

// number returns a parameter that is a decimal number of at least 0, and whether it is one.
func (q parameters) number(name string) (int64, bool) {
	n, err := strconv.ParseInt(q.get(name), 10, 64)
	return n, err == nil && n >= 0
}

// isFromPage reports whether a page in a browser has made the request: any page could announce its reader without
// asking. Node sends Sec-Fetch-Mode, but is not a browser.
func isFromPage(r *http.Request) bool { return r.Header.Get("Sec-Fetch-Site") != "" }

func hasInfohash(query string) bool {
	return strings.HasPrefix(query, "info_hash=") || strings.Contains(query, "&info_hash=")
}

// parseID returns 20 bytes; false if s has another length.
func parseID(s string) (id [20]byte, ok bool) {
	return id, copy(id[:], s) == len(id) && len(s) == len(id)
}

// parseAnnounce parses the query of an announce (BEP 3). wrong describes an error to the client's user.
func parseAnnounce(query string, from netip.Addr) (a announce, wrong string) {
	q := parameters(query)
	var ok bool
	if a.infohash, ok = parseID(q.get("info_hash")); !ok {
		return announce{}, "info_hash is not 20 bytes"
	}
	peerID, ok := parseID(q.get("peer_id"))
	if !ok {
		return announce{}, "peer_id is not 20 bytes"
	}
	switch q.get("event") {
	case "completed":
		a.event = completed
	case "started":
		a.event = started
	case "stopped":
		a.event = stopped
	}
	port, ok := q.number("port")
	if !ok || port > math.MaxUint16 || port == 0 && a.event != stopped {
		return announce{}, "port is not a number from 1 to 65535"
	}
	left, known := q.number("left")
	downloaded, _ := q.number("downloaded")
	a.numWant = -1
	if want, ok := q.number("numwant"); ok {
		a.numWant = int(min(want, wantMost))
	}
	seed := known && isSeed(peerID, uint64(left), uint64(downloaded))
	a.peer = peer{addr: netip.AddrPortFrom(from, uint16(port)), id: peerID, seed: seed, seen: time.Now()}
	return a, ""
}

// httpAnswer is the response to an announce.
type httpAnswer struct {
	Complete    int    `bencode:"complete"`
	ExternalIP  []byte `bencode:"external ip,omitempty"` // BEP 24
	Incomplete  int    `bencode:"incomplete"`
	Interval    int    `bencode:"interval"` // seconds, as the next one
	MinInterval int    `bencode:"min interval"`
	// Peers are in one string (BEP 23), or the dictionaries of BEP 3.
	Peers   any    `bencode:"peers"`
	Peers6  []byte `bencode:"peers6,omitempty"` // BEP 7
	Warning string `bencode:"warning message,omitempty"`
}

// httpPeer is a peer in the format of BEP 3. Its id is not sent: no client needs it before it connects.
type httpPeer struct {
	IP   string `bencode:"ip"`
	Port int    `bencode:"port"`
}

func (t *Tracker) announceHTTP(w http.ResponseWriter, query string, asked Source) {
	a, wrong := parseAnnounce(query, asked.Client)
	if wrong != "" {
		t.refuse(w, failure{Reason: wrong})
		return
	}
	if !t.isServed(a.infohash, asked.own && a.event == stopped) {
		respond(w, failure{notServed, retryServed})
		return
	}
	a.localAddr = asked.Local.Unmap().WithZone("")
	ans := t.announce(a, true, true)
	out := httpAnswer{
		Complete: ans.seeds, Incomplete: ans.leechers, Interval: seconds(interval), MinInterval: seconds(minInterval),
		ExternalIP: asked.Client.AsSlice(), Peers: compact(ans.peers4), Peers6: compact(ans.peers6),
	}
	if asked.own {
		out.Interval, out.MinInterval = seconds(ownInterval), seconds(ownInterval)
	}
	if ans.unlisted {
		out.Warning = tooMany
	}
	if parameters(query).get("compact") == "0" {
		peers := []httpPeer{}
		for _, p := range append(ans.peers4, ans.peers6...) {
			peers = append(peers, httpPeer{p.Addr().String(), int(p.Port())})
		}
		out.Peers, out.Peers6 = peers, nil
	}
	respond(w, out)
}

func seconds(d time.Duration) int { return int(d / time.Second) }

// compact encodes peers in the format of BEP 23 and BEP 7.
func compact(peers []netip.AddrPort) []byte {
	var b []byte
	for _, p := range peers {
		b = append(b, p.Addr().AsSlice()...)
		b = binary.BigEndian.AppendUint16(b, p.Port())
	}
	return b
}

// scrapeEntry is the scrape result of a torrent (BEP 48).
type scrapeEntry struct {
	Complete   int `bencode:"complete" json:"complete"`
	Downloaded int `bencode:"downloaded" json:"downloaded"`
	Incomplete int `bencode:"incomplete" json:"incomplete"`
}

func (t *Tracker) scrape(infohash [20]byte, web bool) (scrapeEntry, bool) {
	if !t.isServed(infohash, false) {
		return scrapeEntry{}, false
	}
	n := t.swarms.counts(infohash, web)
	return scrapeEntry{n.seeds, n.completed, n.leechers}, true
}

func (t *Tracker) scrapeHTTP(w http.ResponseWriter, query string) {
	var out struct {
		Files map[string]scrapeEntry `bencode:"files"`
		Flags struct {
			MinRequestInterval int `bencode:"min_request_interval"` // seconds
		} `bencode:"flags"`
	}
	out.Files = map[string]scrapeEntry{}
	out.Flags.MinRequestInterval = seconds(minInterval)
	asked := 0
	parameters(query).each(func(key, value string) bool {
		if key != "info_hash" {
			return true
		}
		asked++
		if infohash, ok := parseID(value); ok {
			if n, ok := t.scrape(infohash, false); ok {
				out.Files[value] = n
			}
		}
		return asked < maxScraped
	})
	t.announces.Add(1)
	respond(w, out)
}
