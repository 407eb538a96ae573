package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"wtptui/engine"
)

// Client is an engine in another process. It is safe for concurrent use. When that process ends, methods fail with
// Kind Unavailable, and the channels of Watch are closed.
type Client struct {
	requester

	ctx            context.Context // ends all watches
	cancel         context.CancelFunc
	watches        sync.WaitGroup
	details        detailCache
	conn           net.Conn // the connection of DialOver; else nil
	asksBeforeStop bool     // see AsksBeforeStop
	dataDir        string   // the data folder of an engine on this machine; else empty
}

var _ engine.Engine = (*Client)(nil)

// helloTimeout is how long the first request may take on this machine.
const helloTimeout = 3 * time.Second

// Dial connects to the socket at path, and checks that both sides speak the same Protocol. The client outlives ctx.
// The error has Kind Unavailable if nobody listens or responds, Conflict if the versions differ (its message says
// which side to upgrade), and Invalid for a path that no socket can have.
func Dial(ctx context.Context, path string) (*Client, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, helloTimeout)
	defer cancel()
	c, err := newClient(ctx, socketTransport(path), rates{})
	if err != nil {
		return nil, err
	}
	c.dataDir = filepath.Dir(path)
	return c, nil
}

// newClient returns a client after its first request, which ctx limits.
func newClient(ctx context.Context, transport *http.Transport, r rates) (*Client, error) {
	watching, cancel := context.WithCancel(context.Background())
	c := &Client{requester: requester{http: &http.Client{Transport: transport}, rates: r}, ctx: watching, cancel: cancel}
	if err := c.hello(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func socketTransport(path string) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		},
		DisableCompression: true,
	}
}

func (c *Client) hello(ctx context.Context) error {
	var h hello
	if err := c.call(ctx, "control: hello", "", http.MethodGet, pathHello, nil, &h); err != nil {
		return err
	}
	if h.Protocol != Protocol {
		return versionMismatch(Protocol, h.Protocol)
	}
	c.asksBeforeStop = h.Asks
	return nil
}

// Close ends all watches and waits for them. The engine keeps running.
func (c *Client) Close() error {
	c.cancel()
	c.watches.Wait()
	c.http.CloseIdleConnections()
	if c.conn != nil {
		c.conn.Close()
	}
	return nil
}

// Detail implements engine.Engine. On a rate-limited connection, the last Detail is returned again for as long as its
// bytes take to send at the allowed rate.
func (c *Client) Detail(ctx context.Context, host string) (engine.Detail, error) {
	if d, ok := c.details.recent(host, time.Now()); ok {
		return d, nil
	}
	var d engine.Detail
	n, err := c.callSized(ctx, "control: detail", host, http.MethodGet, pathDetail+"?host="+url.QueryEscape(host), nil, &d)
	if err == nil && c.rates.detail > 0 {
		c.details.put(host, d, time.Now().Add(time.Duration(n)*time.Second/time.Duration(c.rates.detail)))
	}
	return d, err
}

// Add implements engine.Engine.
func (c *Client) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	var s engine.Site
	err := c.call(ctx, "control: add", "", http.MethodPost, pathAdd, req, &s)
	return s, err
}

// Do implements engine.Engine.
func (c *Client) Do(ctx context.Context, verb engine.Verb, hosts ...string) error {
	defer c.details.clear()
	req := doRequest{Verb: verb, Hosts: hosts}
	return c.call(ctx, "control: "+string(verb), singleHost(hosts), http.MethodPost, pathDo, req, nil)
}

// KeepOpen implements engine.Engine. It also ends when the connection is lost.
func (c *Client) KeepOpen(ctx context.Context, hosts ...string) error {
	req := keepOpenRequest{Hosts: hosts}
	err := c.call(ctx, "control: keep open", singleHost(hosts), http.MethodPost, pathKeepOpen, req, nil)
	if ctx.Err() != nil {
		return nil //nolint:nilerr // The end of ctx is no failure.
	}
	return err
}

// singleHost returns the host of an error about hosts: the only one, or none if there are several.
func singleHost(hosts []string) string {
	if len(hosts) == 1 {
		return hosts[0]
	}
	return ""
}

// Bin implements engine.Engine.
func (c *Client) Bin(ctx context.Context) ([]engine.Binned, error) {
	var binned []engine.Binned
	err := c.call(ctx, "control: bin", "", http.MethodGet, pathBin, nil, &binned)
	return binned, err
}

// Keys implements engine.Engine.
func (c *Client) Keys(ctx context.Context) ([]engine.Key, error) {
	var keys []engine.Key
	err := c.call(ctx, "control: keys", "", http.MethodGet, pathKeys, nil, &keys)
	return keys, err
}

// Assign implements engine.Engine.
func (c *Client) Assign(ctx context.Context, a engine.Assignment, hosts ...string) error {
	defer c.details.clear()
	body := assignRequest{Assignment: a, Hosts: hosts}
	return c.call(ctx, "control: assign", singleHost(hosts), http.MethodPost, pathAssign, body, nil)
}

// SetLimits implements engine.Engine.
func (c *Client) SetLimits(ctx context.Context, limits engine.Limits) error {
	return c.call(ctx, "control: set limits", "", http.MethodPut, pathLimits, limits, nil)
}

// SetHome implements engine.Engine.
func (c *Client) SetHome(ctx context.Context, name string, on bool) error {
	return c.call(ctx, "control: set home", "", http.MethodPut, pathHome, homeRequest{Name: name, On: on}, nil)
}

// Switch implements engine.Engine.
func (c *Client) Switch(ctx context.Context, host, infohash string) error {
	req := switchRequest{Host: host, Infohash: infohash}
	return c.call(ctx, "control: switch", host, http.MethodPost, pathSwitch, req, nil)
}

// Resolve implements engine.Engine.
func (c *Client) Resolve(ctx context.Context, domain string) (engine.Name, error) {
	var n engine.Name
	err := c.call(ctx, "control: resolve", domain, http.MethodGet, pathResolve+"?host="+url.QueryEscape(domain), nil, &n)
	return n, err
}

// Probe implements engine.Engine.
func (c *Client) Probe(ctx context.Context, host string) (engine.Reach, error) {
	var r engine.Reach
	err := c.call(ctx, "control: probe", host, http.MethodPost, pathProbe+"?host="+url.QueryEscape(host), nil, &r)
	return r, err
}

// Export implements engine.Engine.
func (c *Client) Export(ctx context.Context, host string, req engine.ExportRequest) error {
	const op = "control: export"
	if err := checkSameFolder(ctx, c, op, req.Dir, true); err != nil {
		return err
	}
	return c.call(ctx, op, host, http.MethodPost, pathExport, exportRequest{Host: host, Request: req}, nil)
}

// Metainfo implements engine.Engine.
func (c *Client) Metainfo(ctx context.Context, host string) ([]byte, error) {
	var data []byte
	err := c.call(ctx, "control: metainfo", host, http.MethodGet, pathMetainfo+"?host="+url.QueryEscape(host), nil, &data)
	return data, err
}

// errTooLarge is the error for a request above maxBody, of the client and of the server.
var errTooLarge = &engine.Error{Op: "control", Kind: engine.TooLarge, Msg: "the request is larger than 32 MiB"}

// readFailure returns the error in a response.
func readFailure(ctx context.Context, op, host string, resp *http.Response, body io.Reader) error {
	var f failure
	switch err := readJSON(body, &f); {
	case err != nil && resp.StatusCode == http.StatusNotFound:
		return &engine.Error{
			Op: op, Host: host, Kind: engine.Conflict,
			Msg: "the running wtptui is older than this one and cannot do that: restart it with the new version",
		}
	case err != nil:
		return wrapError(ctx, op, host, fmt.Errorf("unexpected reply: %s", resp.Status))
	}
	return f.asError()
}

// wrapError returns an engine.Error for an error of the connection.
func wrapError(ctx context.Context, op, host string, err error) error {
	if errors.Is(err, errTooLarge) {
		return errTooLarge
	}
	e := &engine.Error{Op: op, Host: host, Kind: engine.Unavailable, Err: err}
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	switch {
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		e.Msg, e.Err = "cancelled", ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		e.Msg = "the running wtptui does not respond: restart it if that lasts"
	case nobodyListens(err):
		e.Msg = "no wtptui is running for this data folder: start one with `wtptui` or `wtptui serve`"
	case errors.Is(err, fs.ErrPermission):
		e.Msg = "the wtptui of this data folder belongs to another user"
	default:
		e.Msg = withCause("the running wtptui has gone away, or its response is invalid", err)
	}
	return e
}
