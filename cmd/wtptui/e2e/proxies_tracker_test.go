package e2e_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"wtptui/cmd/wtptui/e2e/peers"
)

// withLocalAddress returns a client of the proxy that connects from an address of this machine.
func (p *proxyClient) withLocalAddress(t *testing.T, address string, protocols ...string) *proxyClient {
	t.Helper()
	transport := p.client.Transport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
		return dialer.DialContext(ctx, network, p.address)
	}
	if len(protocols) > 0 {
		transport.TLSClientConfig.NextProtos, transport.ForceAttemptHTTP2 = protocols, false
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &proxyClient{name: p.name, address: p.address, client: &http.Client{Transport: transport}}
}

// rawInfohash returns an infohash as trackers take it.
func rawInfohash(t *testing.T, infohash string) string {
	t.Helper()
	raw, err := hex.DecodeString(infohash)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// announce announces a peer at a port over HTTP and returns the response.
func (p *proxyClient) announce(t *testing.T, infohash string, port int) []byte {
	t.Helper()
	query := url.Values{
		"info_hash": {rawInfohash(t, infohash)}, "peer_id": {fmt.Sprintf("-XX0000-%012d", port)}, "port": {fmt.Sprint(port)},
		"left": {"1"}, "compact": {"1"},
	}
	// Whoever asks may say that somebody else does.
	header := http.Header{"X-Forwarded-For": {"203.0.113.9"}}
	res, body := p.request(t, http.MethodGet, "/announce?"+query.Encode(), header)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("an announce is answered with %s: %q", res.Status, body)
	}
	return body
}

// compactPeer returns a peer in the form of a compact response.
func compactPeer(address string, port int) []byte {
	ip := netip.MustParseAddr(address).As4()
	return append(ip[:], byte(port>>8), byte(port))
}

// webMessage is a message of a WebSocket tracker, with the fields that the test needs.
type webMessage struct {
	Action  string     `json:"action"`
	Hash    string     `json:"info_hash"`
	PeerID  string     `json:"peer_id,omitempty"`
	NumWant int        `json:"numwant,omitempty"`
	Left    int        `json:"left"`
	Offers  []webOffer `json:"offers,omitempty"`
	Offer   *webSDP    `json:"offer,omitempty"`
	Failure string     `json:"failure reason,omitempty"`
}

type webOffer struct {
	ID    string `json:"offer_id"`
	Offer webSDP `json:"offer"`
}

type webSDP struct {
	Type string `json:"type"`
	SDP  string `json:"sdp"`
}

// bytesAsLatin1 encodes bytes as WebSocket trackers do: one character each.
func bytesAsLatin1(raw string) string {
	var b strings.Builder
	for _, c := range []byte(raw) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

func (p *proxyClient) dialWebSocket(t *testing.T) *websocket.Conn {
	t.Helper()
	// Browsers, too, have HTTP/1.1 for it.
	client := p.withLocalAddress(t, "127.0.0.1", "http/1.1").client
	ws, _, err := websocket.Dial(t.Context(), "wss://"+p.name+"/announce", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return ws
}

func sendMessage(t *testing.T, ws *websocket.Conn, m webMessage) {
	t.Helper()
	data, err := json.Marshal(m)
	if err == nil {
		err = ws.Write(t.Context(), websocket.MessageText, data)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// waitMessage waits for a message that matches.
func waitMessage(t *testing.T, ws *websocket.Conn, is func(webMessage) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitLong)
	defer cancel()
	for {
		_, data, err := ws.Read(ctx)
		var m webMessage
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		if err != nil || m.Failure != "" {
			t.Fatalf("%s: %v", data, err)
		}
		if is(m) {
			return
		}
	}
}

// The tracker of a home behind each proxy, set up as the documentation shows, gets announces over HTTP and WebSockets
// with the addresses of the peers.
func TestHomeTrackerWorksBehindAProxy(t *testing.T) {
	t.Parallel()
	for proxy, start := range proxies {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			w, site := publishAndStop(t, map[string]string{"index.html": "home"})
			upstream := fmt.Sprintf("127.0.0.1:%d", peers.FreePort(t))
			w.AddFlags("--home", "site.wtp.test="+site.Host, "--home-plain", "--home-listen", upstream)
			w.Start(t)
			p := startProxyTo(t, start, upstream)

			const first, second = "127.0.0.2", "127.0.0.3"
			p.withLocalAddress(t, first).announce(t, site.InfoHash, 7001)
			body := p.withLocalAddress(t, second).announce(t, site.InfoHash, 7002)
			if !bytes.Contains(body, compactPeer(first, 7001)) || bytes.Contains(body, compactPeer("203.0.113.9", 7001)) {
				t.Errorf("the second one is answered with %q", body)
			}
			foreign := p.announce(t, strings.Repeat("ab", 20), 7003)
			if !bytes.Contains(foreign, []byte("14:failure reason")) {
				t.Errorf("for a torrent that is not here: %q", foreign)
			}

			hash := bytesAsLatin1(rawInfohash(t, site.InfoHash))
			one, two := p.dialWebSocket(t), p.dialWebSocket(t)
			sendMessage(t, one, webMessage{Action: "announce", Hash: hash, PeerID: "-XX0000-000000000001", Left: 1})
			waitMessage(t, one, func(m webMessage) bool { return m.Action == "announce" && m.Hash == hash })
			sendMessage(t, two, webMessage{
				Action: "announce", Hash: hash, PeerID: "-XX0000-000000000002", Left: 1, NumWant: 2, Offers: []webOffer{
					{"aaaaaaaaaaaaaaaaaaaa", webSDP{"offer", "v=0"}}, {"bbbbbbbbbbbbbbbbbbbb", webSDP{"offer", "v=0"}},
				},
			})
			waitMessage(t, one, func(m webMessage) bool { return m.Offer != nil && m.PeerID == "-XX0000-000000000002" })
		})
	}
}

// A peer that knows nothing but the home's tracker finds the site there: the engine announces to its own tracker, which
// passes its address on.
func TestSiteIsFoundByItsHomeTracker(t *testing.T) {
	t.Parallel()
	w, site := publishAndStop(t, map[string]string{"index.html": "home"})
	udp := fmt.Sprintf("127.0.0.1:%d", peers.FreePort(t))
	w.AddFlags("--home", "site.wtp.test="+site.Host, "--home-plain",
		"--home-listen", "127.0.0.1:0", "--home-listen-udp", udp)
	w.Start(t)
	other := peers.StartWtptui(t, binaryPath(t), "--tracker", "udp://"+udp+"/announce")
	other.Run(t, "add", site.InfoHash)
	other.WaitSeeding(t, waitLong, site.InfoHash)
	if log := w.Log(); !strings.Contains(log, "udp://site.wtp.test:"+udp[strings.LastIndexByte(udp, ':')+1:]+"/announce") {
		t.Errorf("the log does not say where the tracker is:\n%s", log)
	}
}

// A tracker may serve all torrents, or be off: then a file of its name belongs to the site.
func TestHomeTrackerCanBeOpenOrOff(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"kept": "not for that torrent", "open": "8:interval", "off": "the site's",
	} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			w, site := publishAndStop(t, map[string]string{"index.html": "home", "announce": "the site's"})
			at := fmt.Sprintf("127.0.0.1:%d", peers.FreePort(t))
			w.AddFlags("--home", "site.wtp.test="+site.Host, "--home-plain", "--home-listen", at, "--home-tracker", setting)
			w.Start(t)
			p := &proxyClient{name: "site.wtp.test", address: at, client: newPlainClient(at)}
			if body := p.announce(t, strings.Repeat("ab", 20), 7001); !bytes.Contains(body, []byte(want)) {
				t.Errorf("a torrent of somebody's: %q", body)
			}
		})
	}
}

// newPlainClient returns a client that connects to a home as its proxy does: without TLS, whatever the URL says.
func newPlainClient(address string) *http.Client {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, DialTLSContext: dial, DisableKeepAlives: true}}
}
