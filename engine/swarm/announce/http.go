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
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"wtptui/engine/swarm/bencode"
	"wtptui/engine/swarm/publicnet"
)

// maxAnswerSize is how many bytes of an answer are read; 200 compact peers take less than 4 KiB.
const maxAnswerSize = 1 << 20

// maxPeers is how many peers of an answer are used.
const maxPeers = 500

// maxNames is how many peers with a DNS name are used of an answer.
const maxNames = 20

// maxTrackerID is the maximum length in bytes of a tracker id that is sent back.
const maxTrackerID = 256

// httpClients holds clients with kept-alive connections: one for foreign trackers, one for trusted hosts, which alone
// may have private addresses, and one for the tracker in this process.
type httpClients struct {
	foreign *http.Client
	trusted *http.Client
	own     *http.Client
}

type trustedHost struct{}

func newHTTPClients(dialOwn func(ctx context.Context) (net.Conn, error)) *httpClients {
	guarded, plain := publicnet.Dialer(timeout), &net.Dialer{Timeout: timeout}
	return &httpClients{
		own:     ownClient(dialOwn),
		foreign: httpClient(guarded.DialContext),
		trusted: httpClient(func(ctx context.Context, network, address string) (net.Conn, error) {
			if host, _ := ctx.Value(trustedHost{}).(string); host == address {
				return plain.DialContext(ctx, network, address)
			}
			return guarded.DialContext(ctx, network, address) // a redirect to another host
		}),
	}
}

func httpClient(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dial, ForceAttemptHTTP2: true, MaxConnsPerHost: maxStopping, MaxIdleConnsPerHost: 2,
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

// ownClient returns a client for the tracker in this process. It follows no redirects, so that it never leads
// elsewhere.
func ownClient(dial func(ctx context.Context) (net.Conn, error)) *http.Client {
	client := httpClient(func(ctx context.Context, _, _ string) (net.Conn, error) {
		if dial == nil {
			return nil, errors.New("announce: there is no tracker in this process")
		}
		return dial(ctx)
	})
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

func (c *httpClients) close() {
	c.own.CloseIdleConnections()
	c.foreign.CloseIdleConnections()
	c.trusted.CloseIdleConnections()
}

func (c *httpClients) announce(ctx context.Context, cfg Config, u *url.URL, t Tracker, r request) (response, error) {
	body, status, from, err := c.get(ctx, cfg, u, t, query(u.RawQuery, cfg, r))
	if err != nil {
		return response{}, err
	}
	answer, err := parseHTTP(body)
	if !t.Own { // Peers are named there by unknown sources, not by the other end of this connection.
		answer.from = from
	}
	if err != nil && asRefusal(err) == nil && status != http.StatusOK {
		return response{}, fmt.Errorf("announce: HTTP %d", status)
	}
	return answer, err
}

// get sends a request, and returns the answer and the address where the last redirect ended.
func (c *httpClients) get(
	ctx context.Context, cfg Config, u *url.URL, t Tracker, query string,
) (body []byte, status int, from netip.Addr, err error) {
	client, target := c.foreign, *u
	switch {
	case t.Own:
		client, target.Scheme = c.own, "http" // The connection stays within this process, and has no TLS.
	case t.Trusted:
		client = c.trusted
		ctx = context.WithValue(ctx, trustedHost{}, hostPort(u))
	}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
		a, _ := netip.ParseAddrPort(c.Conn.RemoteAddr().String())
		from = a.Addr().Unmap()
	}})
	target.RawQuery = query
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, 0, from, fmt.Errorf("announce: %w", err)
	}
	req.Header.Set("User-Agent", cfg.UserAgent)
	resp, err := client.Do(req)
	if err != nil {
		return nil, 0, from, fmt.Errorf("announce: %w", unwrapURL(err))
	}
	defer resp.Body.Close()
	if body, err = readAnswer(resp); err != nil {
		return nil, 0, from, fmt.Errorf("announce: read the answer: %w", err)
	}
	return body, resp.StatusCode, from, nil
}

// readAnswer returns the uncompressed body. The transport decodes gzip itself, but not x-gzip, its old name (RFC 9110,
// section 8.4.1.3).
func readAnswer(resp *http.Response) ([]byte, error) {
	body := io.Reader(resp.Body)
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "x-gzip") {
		plain, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = plain
	}
	return io.ReadAll(io.LimitReader(body, maxAnswerSize))
}

// unwrapURL removes the URL from an error, which is long and known.
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
	// Some trackers do not decode + as a space.
	encoded := strings.ReplaceAll(q.Encode(), "+", "%20")
	if existing != "" {
		return existing + "&" + encoded
	}
	return encoded
}

// key returns a number that proves to a tracker that we are the same client although our address has changed.
func key(cfg Config) uint32 { return binary.BigEndian.Uint32(cfg.PeerID[16:]) }

// parseHTTP parses a tracker's bencoded answer. Peers are a string (BEP 23) or a list of dictionaries (BEP 3).
func parseHTTP(body []byte) (response, error) {
	d, _, ok := bencode.ParseDict(body)
	if !ok {
		return response{}, errInvalidAnswer
	}
	if failure := parseText(d.Get("failure reason")); failure != "" {
		return response{}, &refusal{failure, parseRetryIn(d.Get("retry in"))}
	}
	r := response{
		interval: parseNumber(d.Get("interval")).seconds(), minInterval: parseNumber(d.Get("min interval")).seconds(),
		seeds: parseNumber(d.Get("complete")).count(), leechers: parseNumber(d.Get("incomplete")).count(),
		warning: parseText(d.Get("warning message")),
	}
	if id := d.Text("tracker id"); len(id) <= maxTrackerID {
		r.trackerID = string(id)
	}
	r.addPeers(d.Get("peers"), 4)
	r.addPeers(d.Get("peers6"), 16)
	return r, nil
}

// addPeers parses a peer list in either form. It ignores anything else.
func (r *response) addPeers(v []byte, ipLen int) {
	r.peers = appendCompact(r.peers, bencode.Text(v), ipLen)
	for item := range bencode.List(v) {
		p, _, _ := bencode.ParseDict(item)
		host, port := strings.Trim(string(parseText(p.Get("ip"))), "[]"), parseNumber(p.Get("port")).n
		if port <= 0 || port >= 1<<16 {
			continue
		}
		switch ip, err := netip.ParseAddr(host); {
		case err == nil && len(r.peers) < maxPeers:
			r.peers = append(r.peers, netip.AddrPortFrom(ip.Unmap(), uint16(port)))
		case err != nil && host != "" && len(r.names) < maxNames:
			r.names = append(r.names, net.JoinHostPort(host, strconv.FormatInt(port, 10)))
		}
	}
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
