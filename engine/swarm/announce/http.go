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

// maxAnswer is the largest answer that is read from a tracker, in bytes; 200 compact peers take under 4 KiB.
const maxAnswer = 1 << 20

// maxPeers is how many peers of an answer are used.
const maxPeers = 500

// maxNames is how many peers of an answer are used that have a DNS name instead of an address.
const maxNames = 20

// maxTrackerID is the length, in bytes, of the longest tracker id that is sent back.
const maxTrackerID = 256

// httpClients keep connections: one for foreign trackers, one for each trusted host, which alone may lead into private
// networks, and one for the tracker in this process.
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

// ownClient is a client for the tracker in this process. It follows no redirect, so that whatever it is told, it leads
// nowhere else.
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
	if !t.Own { // Who names peers there is not at the other end of this connection, and nobody knows where else.
		answer.from = from
	}
	if err != nil && refusalIn(err) == nil && status != http.StatusOK {
		return response{}, fmt.Errorf("announce: HTTP %d", status)
	}
	return answer, err
}

// get asks a tracker something, and returns what it answered and where the last redirect ended.
func (c *httpClients) get(
	ctx context.Context, cfg Config, u *url.URL, t Tracker, query string,
) (body []byte, status int, from netip.Addr, err error) {
	client, target := c.foreign, *u
	switch {
	case t.Own:
		client, target.Scheme = c.own, "http" // The connection leaves this process nowhere, and has no TLS.
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

// parseHTTP reads a tracker's bencoded answer. Peers are a string (BEP 23) or a list of dictionaries (BEP 3).
func parseHTTP(body []byte) (response, error) {
	d, _, ok := bencode.ParseDict(body)
	if !ok {
		return response{}, errGarbled
	}
	if failure := textOf(d.Get("failure reason")); failure != "" {
		return response{}, &refusal{failure, retryInOf(d.Get("retry in"))}
	}
	r := response{
		interval: numberOf(d.Get("interval")).seconds(), minInterval: numberOf(d.Get("min interval")).seconds(),
		seeds: numberOf(d.Get("complete")).count(), leechers: numberOf(d.Get("incomplete")).count(),
		warning: textOf(d.Get("warning message")),
	}
	if id := d.Text("tracker id"); len(id) <= maxTrackerID {
		r.trackerID = string(id)
	}
	r.addPeers(d.Get("peers"), 4)
	r.addPeers(d.Get("peers6"), 16)
	return r, nil
}

// addPeers reads either form of a peer list; there are none in anything else.
func (r *response) addPeers(v []byte, ipLen int) {
	r.peers = appendCompact(r.peers, bencode.Text(v), ipLen)
	for item := range bencode.List(v) {
		p, _, _ := bencode.ParseDict(item)
		host, port := strings.Trim(string(textOf(p.Get("ip"))), "[]"), numberOf(p.Get("port")).n
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
