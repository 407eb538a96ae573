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

// normalURL gives one form to all spellings of a tracker's URL.
func normalURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" {
		return "", errors.New("webtorrent: that is no URL of a tracker")
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

// dial connects to the tracker and notes where that is.
func (t *tracker) dial() (*websocket.Conn, error) {
	c := t.client
	ctx, cancel := context.WithTimeout(t.ctx, c.times.dial)
	defer cancel()
	if t.own {
		// Who names peers there is not at the other end of this connection, and nobody knows where else: at stays the zero
		// Addr. The connection leads to this process, and has no TLS.
		target := strings.Replace(t.url, "wss:", "ws:", 1)
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return c.cfg.DialOwn(ctx) }
		return c.connect(ctx, target, noRedirect, dial)
	}
	c.mu.Lock()
	trusted := t.trusted
	c.mu.Unlock()
	configured := hostPort(t.url)
	var at atomic.Value // a netip.Addr
	conn, err := c.connect(ctx, t.url, fewRedirects, func(ctx context.Context, network, address string) (net.Conn, error) {
		dial := c.cfg.DialForeign
		if trusted && address == configured { // and not where it redirects to, which nobody has configured
			dial = c.cfg.Dial
		}
		conn, err := dial(ctx, network, address)
		if err == nil {
			at.Store(addrOf(conn.RemoteAddr()))
		}
		return conn, err
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	t.at, _ = at.Load().(netip.Addr)
	c.mu.Unlock()
	return conn, nil
}

// connect opens a WebSocket over what dial connects to.
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
	conn, resp, err := websocket.Dial(ctx, target, opts) //nolint:bodyclose // the library promises that there is nothing to close
	if err != nil {
		return nil, dialError(resp, err)
	}
	return conn, nil
}

// noRedirect is for the tracker in this process: whatever it is told, it leads nowhere else.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// fewRedirects is needed since the library lifts the limit that HTTP clients have.
func fewRedirects(_ *http.Request, via []*http.Request) error {
	if len(via) >= maxRedirects {
		return errors.New("webtorrent: the tracker redirects without end")
	}
	return nil
}

// hostPort is what is dialed for a normal URL.
func hostPort(normal string) string {
	u, err := url.Parse(normal)
	if err != nil {
		return "" // normalURL has read it before
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"ws": "80", "wss": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// dialError says to a person why there is no connection; the library's own words are mostly about HTTP.
func dialError(resp *http.Response, err error) error {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case resp != nil && resp.StatusCode != http.StatusSwitchingProtocols:
		return fmt.Errorf("it answers %s, as no WebTorrent tracker does", resp.Status)
	case errors.As(err, &dns):
		return fmt.Errorf("cannot find the host: %w", dns)
	case errors.As(err, &op):
		return fmt.Errorf("cannot connect: %w", op.Err)
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("no answer to the attempt to connect")
	}
	return err
}

// addrOf returns the zero Addr for what is not an address of the Internet.
func addrOf(a net.Addr) netip.Addr {
	ap, _ := netip.ParseAddrPort(a.String())
	return ap.Addr().Unmap()
}
