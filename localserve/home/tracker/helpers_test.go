package tracker

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"
	"github.com/coder/websocket"
)

// waitTimeout is the maximum time of each wait in a test.
const waitTimeout = 20 * time.Second

// testHash returns the nth infohash or peer id.
func testHash(n int) (h [20]byte) {
	copy(h[:], fmt.Sprintf("\xff%19d", n))
	return h
}

func newTracker(t testing.TB, cfg Config) *Tracker {
	t.Helper()
	tr := New(cfg)
	t.Cleanup(func() { _ = tr.Close() })
	return tr
}

// request returns the tracker's response to a request from an address.
func request(tr *Tracker, target string, source Source) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	w := httptest.NewRecorder()
	if !tr.Handles(r) {
		w.WriteHeader(http.StatusNotFound)
		return w
	}
	tr.Serve(w, r, source)
	return w
}

// announceQuery returns the query of an announce. more are further parameters, which take precedence.
func announceQuery(infohash, peer, port, left int, more ...string) string {
	h, p := testHash(infohash), testHash(peer)
	q := url.Values{
		"info_hash": {string(h[:])}, "peer_id": {string(p[:])}, "port": {fmt.Sprint(port)}, "left": {fmt.Sprint(left)},
		"uploaded": {"0"}, "downloaded": {"0"}, "compact": {"1"},
	}
	for _, m := range more {
		key, value, _ := strings.Cut(m, "=")
		q.Set(key, value)
	}
	return q.Encode()
}

// httpAnnounceResponse is the response to an announce.
type httpAnnounceResponse struct {
	Failure    string `bencode:"failure reason"`
	RetryIn    int    `bencode:"retry in"`
	Warning    string `bencode:"warning message"`
	Complete   int    `bencode:"complete"`
	Incomplete int    `bencode:"incomplete"`
	Interval   int    `bencode:"interval"`
	ExternalIP string `bencode:"external ip"`
	Peers      string `bencode:"peers"`
	Peers6     string `bencode:"peers6"`
}

func (a httpAnnounceResponse) peers() []string {
	var all []string
	for _, list := range []struct {
		text string
		size int
	}{{a.Peers, 4}, {a.Peers6, 16}} {
		for b := []byte(list.text); len(b) >= list.size+2; b = b[list.size+2:] {
			ip, _ := netip.AddrFromSlice(b[:list.size])
			all = append(all, netip.AddrPortFrom(ip, uint16(b[list.size])<<8|uint16(b[list.size+1])).String())
		}
	}
	return all
}

func announceFrom(t testing.TB, tr *Tracker, from, query string) httpAnnounceResponse {
	t.Helper()
	return announceAt(t, tr, Source{Client: netip.MustParseAddr(from)}, query)
}

func announceAt(t testing.TB, tr *Tracker, source Source, query string) httpAnnounceResponse {
	t.Helper()
	var a httpAnnounceResponse
	body := request(tr, "/announce?"+query, source).Body.Bytes()
	if err := bencode.Unmarshal(body, &a); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return a
}

// announceOwn announces as this process's own engine, over a connection in memory.
func announceOwn(t testing.TB, tr *Tracker, query string) httpAnnounceResponse {
	t.Helper()
	client := http.Client{Transport: &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return tr.Dial(ctx) },
		DisableKeepAlives: true,
	}}
	resp, err := client.Get("http://own.example/announce?" + query)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	var a httpAnnounceResponse
	if err := bencode.Unmarshal(body, &a); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return a
}

// serve serves a tracker over real connections; from determines the address of a request.
func serve(t testing.TB, tr *Tracker, from func(*http.Request) netip.Addr) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !tr.Handles(r) {
			http.NotFound(w, r)
			return
		}
		tr.Serve(w, r, Source{Client: from(r)})
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// headerAddress returns the address in a header that a test's client has set.
func headerAddress(r *http.Request) netip.Addr {
	a, _ := netip.ParseAddr(r.Header.Get("From"))
	return a
}

// webClient is a WebTorrent client of a tracker.
type webClient struct {
	t    testing.TB
	conn *websocket.Conn
	id   int
}

// webMessage is a message of a tracker to a WebTorrent client.
type webMessage struct {
	Action     string                 `json:"action"`
	InfoHash   string                 `json:"info_hash"`
	Failure    string                 `json:"failure reason"`
	Interval   int                    `json:"interval"`
	Complete   int                    `json:"complete"`
	Incomplete int                    `json:"incomplete"`
	PeerID     string                 `json:"peer_id"`
	OfferID    string                 `json:"offer_id"`
	Offer      *description           `json:"offer"`
	Answer     *description           `json:"answer"`
	Files      map[string]scrapeEntry `json:"files"`
}

func newWebClient(t testing.TB, server, from string, id int) *webClient {
	t.Helper()
	conn, err := dialWeb(server, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &webClient{t, conn, id}
}

func dialWeb(server, from string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, server+"/announce", &websocket.DialOptions{
		HTTPHeader: http.Header{"From": {from}, "Origin": {"https://page.example"}},
	})
	return conn, err
}

// newOwnWebClient returns the WebTorrent client of this process's own engine.
func newOwnWebClient(t testing.TB, tr *Tracker, id int) *webClient {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return tr.Dial(ctx) },
	}}
	conn, _, err := websocket.Dial(ctx, "ws://own.example/announce", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &webClient{t, conn, id}
}

func (b *webClient) send(v any) {
	b.t.Helper()
	data, ok := v.([]byte)
	if !ok {
		data, _ = json.Marshal(v)
	}
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	if err := b.conn.Write(ctx, websocket.MessageText, data); err != nil {
		b.t.Fatal(err)
	}
}

// receive returns the next message.
func (b *webClient) receive() webMessage {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), waitTimeout)
	defer cancel()
	_, data, err := b.conn.Read(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	var m webMessage
	if err := json.Unmarshal(data, &m); err != nil {
		b.t.Fatalf("%q: %v", data, err)
	}
	return m
}

// announce announces with offers, which are named by their ids, and returns the response.
func (b *webClient) announce(infohash, left int, offers ...string) webMessage {
	b.t.Helper()
	b.send(b.announceMessage(infohash, left, offers...))
	return b.receive()
}

func (b *webClient) announceMessage(infohash, left int, offers ...string) map[string]any {
	m := map[string]any{
		"action": "announce", "info_hash": binaryString(testHash(infohash)), "peer_id": binaryString(testHash(b.id)),
		"left": left, "uploaded": 0, "downloaded": 0, "numwant": len(offers), "offers": []any{},
	}
	for _, o := range offers {
		m["offers"] = append(m["offers"].([]any), map[string]any{
			"offer_id": o, "offer": map[string]any{"type": "offer", "sdp": "sdp of " + o},
		})
	}
	return m
}

func mustURL(path, rawQuery string) *url.URL { return &url.URL{Path: path, RawQuery: rawQuery} }

// checkResponse checks that the response to a request is a dictionary of limited size.
func checkResponse(t testing.TB, tr *Tracker, r *http.Request, source Source) {
	t.Helper()
	w := httptest.NewRecorder()
	tr.Serve(w, r, source)
	var a map[string]any
	if err := bencode.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Body.Len() > 16<<10 || w.Code != http.StatusOK {
		t.Errorf("%d %q: %v", w.Code, w.Body.Bytes(), err)
	}
}

// inParallel calls f for the numbers below n concurrently.
func inParallel(n int, f func(int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range 16 {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
