package announce

import (
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/anacrolix/torrent/bencode"

	"wtptui/engine/swarm/publicnet"
)

// maxAnswer is the largest answer that is read from a tracker, in bytes; 200 compact peers take under 4 KiB.
const maxAnswer = 1 << 20

// maxPeers is how many peers of an answer are used.
const maxPeers = 500

// maxTrackerID is the length, in bytes, of the longest tracker id that is sent back.
const maxTrackerID = 256

// httpClients keep connections: one for foreign trackers, and one for each trusted host, which alone may lead into
// private networks.
type httpClients struct {
	foreign *http.Client
	trusted *http.Client
}

type trustedHost struct{}

func newHTTPClients() *httpClients {
	guarded, plain := publicnet.Dialer(timeout), &net.Dialer{Timeout: timeout}
	return &httpClients{
		foreign: httpClient(guarded.DialContext),
		trusted: httpClient(func(ctx context.Context, network, address string) (net.Conn, error) {
			if host, _ := ctx.Value(trustedHost{}).(string); host == address {
				return plain.DialContext(ctx, network, address)
			}
			return guarded.DialContext(ctx, network, address) // a redirect to somewhere else
		}),
	}
}

func httpClient(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dial, ForceAttemptHTTP2: true, MaxConnsPerHost: stopping, MaxIdleConnsPerHost: 2,
			IdleConnTimeout: 10 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			switch {
			case len(via) >= 5:
				return errors.New("too many redirects")
			case req.URL.Scheme != "http" && req.URL.Scheme != "https":
				return fmt.Errorf("redirect to %q", req.URL.Scheme)
			}
			return nil
		},
	}
}

func (c *httpClients) close() {
	c.foreign.CloseIdleConnections()
	c.trusted.CloseIdleConnections()
}

func (c *httpClients) announce(ctx context.Context, cfg Config, u *url.URL, trusted bool, r request) (response, error) {
	client := c.foreign
	if trusted {
		client = c.trusted
		ctx = context.WithValue(ctx, trustedHost{}, hostPort(u))
	}
	target := *u
	target.RawQuery = query(u.RawQuery, cfg, r)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return response{}, fmt.Errorf("announce: %w", err)
	}
	req.Header.Set("User-Agent", cfg.UserAgent)
	resp, err := client.Do(req)
	if err != nil {
		return response{}, fmt.Errorf("announce: %w", unwrapURL(err))
	}
	defer resp.Body.Close()
	body, err := readAnswer(resp)
	if err != nil {
		return response{}, fmt.Errorf("announce: read the answer: %w", err)
	}
	answer, err := parseHTTP(body)
	if err != nil && refusalIn(err) == nil && resp.StatusCode != http.StatusOK {
		return response{}, fmt.Errorf("announce: HTTP %d", resp.StatusCode)
	}
	return answer, err
}

// readAnswer returns the body as it was before any compression. The transport decodes gzip itself, but does not know
// its old name, which means the same (RFC 9110, section 8.4.1.3).
func readAnswer(resp *http.Response) ([]byte, error) {
	body := io.Reader(resp.Body)
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "x-gzip") {
		plain, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = plain
	}
	return io.ReadAll(io.LimitReader(body, maxAnswer))
}

// unwrapURL leaves out the URL, which is long and known.
func unwrapURL(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func query(existing string, cfg Config, r request) string {
	q := url.Values{
		"info_hash":  {string(r.infohash[:])},
		"peer_id":    {string(cfg.PeerID[:])},
		"port":       {strconv.Itoa(int(cfg.Port))},
		"uploaded":   {strconv.FormatInt(r.Uploaded, 10)},
		"downloaded": {strconv.FormatInt(r.Downloaded, 10)},
		"left":       {strconv.FormatInt(r.Left, 10)},
		"key":        {strconv.FormatUint(uint64(key(cfg)), 16)},
		"numwant":    {strconv.Itoa(r.want)},
		"compact":    {"1"},
	}
	if r.event != none {
		q.Set("event", string(r.event))
	}
	if r.trackerID != "" {
		q.Set("trackerid", r.trackerID)
	}
	// Some trackers do not read + as a blank.
	encoded := strings.ReplaceAll(q.Encode(), "+", "%20")
	if existing != "" {
		return existing + "&" + encoded
	}
	return encoded
}

// key proves to a tracker that we are the same although our address changed.
func key(cfg Config) uint32 { return binary.BigEndian.Uint32(cfg.PeerID[16:]) }

// httpAnswer is a tracker's bencoded answer. Peers is a string (BEP 23) or a list of dictionaries (BEP 3).
type httpAnswer struct {
	Failure     text          `bencode:"failure reason"`
	RetryIn     retryIn       `bencode:"retry in"`
	Warning     text          `bencode:"warning message"`
	TrackerID   text          `bencode:"tracker id"`
	Interval    number        `bencode:"interval"`
	MinInterval number        `bencode:"min interval"`
	Complete    number        `bencode:"complete"`
	Incomplete  number        `bencode:"incomplete"`
	Peers       bencode.Bytes `bencode:"peers"`
	Peers6      bencode.Bytes `bencode:"peers6"`
}

func parseHTTP(body []byte) (response, error) {
	var a httpAnswer
	err := bencode.Unmarshal(body, &a)
	if trailing := (bencode.ErrUnusedTrailingBytes{}); err != nil && !errors.As(err, &trailing) {
		return response{}, errors.New("announce: the answer is not a tracker's")
	}
	if a.Failure != "" {
		return response{}, &refusal{a.Failure, a.RetryIn}
	}
	r := response{
		interval: a.Interval.seconds(), minInterval: a.MinInterval.seconds(),
		seeds: a.Complete.count(), leechers: a.Incomplete.count(), warning: a.Warning,
	}
	if len(a.TrackerID) <= maxTrackerID {
		r.trackerID = string(a.TrackerID)
	}
	r.peers = appendPeers(r.peers, a.Peers, 4)
	r.peers = appendPeers(r.peers, a.Peers6, 16)
	return r, nil
}

// appendPeers reads either form of a peer list; what is not one gives no peers.
func appendPeers(peers []netip.AddrPort, raw bencode.Bytes, ipLen int) []netip.AddrPort {
	if len(raw) == 0 {
		return peers
	}
	if raw[0] != 'l' {
		var compact string
		if bencode.Unmarshal(raw, &compact) != nil {
			return peers
		}
		return appendCompact(peers, []byte(compact), ipLen)
	}
	var list []struct {
		IP   text   `bencode:"ip"`
		Port number `bencode:"port"`
	}
	if bencode.Unmarshal(raw, &list) != nil {
		return peers
	}
	for _, p := range list {
		ip, err := netip.ParseAddr(string(p.IP))
		if port := p.Port.n; err == nil && port > 0 && port < 1<<16 && len(peers) < maxPeers {
			peers = append(peers, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
		}
	}
	return peers
}

func appendCompact(peers []netip.AddrPort, b []byte, ipLen int) []netip.AddrPort {
	for ; len(b) >= ipLen+2 && len(peers) < maxPeers; b = b[ipLen+2:] {
		ip, _ := netip.AddrFromSlice(b[:ipLen])
		if port := binary.BigEndian.Uint16(b[ipLen:]); port != 0 {
			peers = append(peers, netip.AddrPortFrom(ip.Unmap(), port))
		}
	}
	return peers
}
