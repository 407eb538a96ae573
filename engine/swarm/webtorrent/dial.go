package webtorrent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/coder/websocket"
)

// normalURL returns one form for all spellings of a tracker's URL.
func normalURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" {
		return "", errors.New("webtorrent: that is not the URL of a tracker")
	}
	u.Scheme, u.Host, u.Fragment, u.RawFragment = strings.ToLower(u.Scheme), strings.ToLower(u.Host), "", ""
	switch {
	case u.Scheme == "ws":
		u.Host = strings.TrimSuffix(u.Host, ":80")
	case u.Scheme == "wss":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	default:
		return "", fmt.Errorf("webtorrent: %q is not the scheme of a WebTorrent tracker", u.Scheme)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), nil
}

// dial connects to the tracker and returns its address, too.
func (t *tracker) dial() (*websocket.Conn, netip.Addr, error) {
	c := t.client
	ctx, cancel := context.WithTimeout(t.ctx, c.times.dial)
	defer cancel()
	if t.own {
		// Peers are named there by unknown sources, not by the other end of this connection: so the address is the
		// zero Addr. The connection stays within this process and has no TLS.
		target := strings.Replace(t.url, "wss:", "ws:", 1)
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return c.cfg.DialOwn(ctx) }
		conn, err := c.connect(ctx, target, noRedirect, dial)
		return conn, netip.Addr{}, err
	}
	trusted := false
	t.update(func(_ *state, ts *trackerState) { trusted = ts.trusted })
	configured := hostPort(t.url)
	var at atomic.Value // a netip.Addr
	dialTracker := func(ctx context.Context, network, address string) (net.Conn, error) {
		dial := c.cfg.DialForeign
		if trusted && address == configured { // but not a redirect's target, which the user has not configured
			dial = c.cfg.Dial
		}
		conn, err := dial(ctx, network, address)
		if err == nil {
			at.Store(addrOf(conn.RemoteAddr()))
		}
		return conn, err
	}
	conn, err := c.connect(ctx, t.url, limitRedirects, dialTracker)
	if err != nil {
		return nil, netip.Addr{}, err
	}
	remote, _ := at.Load().(netip.Addr)
	return conn, remote, nil
}

// connect opens a WebSocket over a connection that dial returns.
func (c *Client) connect(
	ctx context.Context, target string, checkRedirect func(*http.Request, []*http.Request) error,
	dial func(ctx context.Context, network, address string) (net.Conn, error),
) (*websocket.Conn, error) {
	transport := &http.Transport{
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    c.times.dial,
		MaxResponseHeaderBytes: 16 << 10,
		DisableKeepAlives:      true,
	}
	opts := &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport, CheckRedirect: checkRedirect}}
	if c.cfg.UserAgent != "" {
		opts.HTTPHeader = http.Header{"User-Agent": {c.cfg.UserAgent}}
	}
	conn, resp, err := websocket.Dial(ctx, target, opts) //nolint:bodyclose // There is nothing to close, by its promise.
	if err != nil {
		return nil, dialError(resp, err)
	}
	return conn, nil
}

// noRedirect is used for the tracker in this process: it must never lead elsewhere.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// limitRedirects restores the limit of redirects that HTTP clients have, and the library lifts.
func limitRedirects(_ *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errors.New("webtorrent: the tracker redirects without end")
	}
	return nil
}

// hostPort returns the address to dial for a normalized URL.
func hostPort(normal string) string {
	u, err := url.Parse(normal)
	if err != nil {
		return "" // normalURL has parsed it before
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// dialError returns why a connection failed, for the user; the library's own messages are mostly about HTTP.
func dialError(resp *http.Response, err error) error {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case resp != nil && resp.StatusCode != http.StatusSwitchingProtocols:
		return fmt.Errorf("it answers %s, so it is not a WebTorrent tracker", resp.Status)
	case errors.As(err, &dns):
		return fmt.Errorf("cannot find the host: %w", dns)
	case errors.As(err, &op):
		return fmt.Errorf("cannot connect: %w", op.Err)
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer to the attempt to connect")
	}
	return err
}

// addrOf returns the zero Addr if a is not an IP address.
func addrOf(a net.Addr) netip.Addr {
	ap, _ := netip.ParseAddrPort(a.String())
	return ap.Addr().Unmap()
}
