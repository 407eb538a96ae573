package resolve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine/cause"
)

const (
	// maxAnswer is the maximum size of a response body, in bytes: no DNS message can be longer.
	maxAnswer = 64 << 10

	mediaType = "application/dns-message"
)

// dohClient queries DNS over HTTPS servers.
type dohClient struct {
	renewableClient

	timeout time.Duration // per server
}

// query sends a query to one server (RFC 8484). It uses POST, which keeps the name out of the URLs that servers and
// proxies log. Errors do not name the server.
func (c *dohClient) query(ctx context.Context, server string, q *dns.Msg) (reply, error) {
	wire, age, err := c.exchangeWithTimeout(ctx, server, q)
	if err != nil {
		return reply{}, err
	}
	got, err := parseReply(q, wire)
	got.ttl = max(0, got.ttl-age)
	return got, err
}

// exchangeWithTimeout calls exchange with the timeout of a server. After a timeout, the connections are dropped.
func (c *dohClient) exchangeWithTimeout(
	ctx context.Context, server string, q *dns.Msg,
) (wire []byte, age time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	client := c.get()
	wire, age, err = exchange(ctx, client, server, q)
	if errors.Is(err, context.DeadlineExceeded) {
		c.renew(client)
		return nil, 0, &unclearFailure{fmt.Sprintf("no answer in %v", c.timeout), err}
	}
	return wire, age, err
}

// exchange sends a query and returns the DNS message of the response, and its age in HTTP caches.
func exchange(ctx context.Context, client *http.Client, server string, q *dns.Msg) (
	wire []byte, age time.Duration, err error,
) {
	if err := checkServer(server); err != nil {
		return nil, 0, err
	}
	question, err := q.Pack()
	if err != nil {
		return nil, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server, bytes.NewReader(question))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Accept", mediaType)
	resp, err := client.Do(req)
	if err != nil {
		return nil, 0, describeRequestError(err)
	}
	defer func() { _ = resp.Body.Close() }() // The body was read to its end, or is dropped.
	if resp.StatusCode != http.StatusOK {
		return nil, 0, statusError(resp)
	}
	switch got, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); {
	case got == "text/html":
		return nil, 0, &NotDNSError{errors.New(webPage)}
	case err != nil || got != mediaType:
		return nil, 0, &NotDNSError{errors.New("its answer is not a DNS message")}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, 0, describeRequestError(err)
	}
	if len(body) > maxAnswer {
		return nil, 0, unclearFailuref("the answer is longer than 64 KiB")
	}
	return body, ageOf(resp), nil
}

// ageOf returns the Age of a response from an HTTP cache, which the TTLs in it do not include (RFC 8484, section 5.1).
func ageOf(resp *http.Response) time.Duration {
	digits := resp.Header.Get("Age")
	n, err := strconv.ParseUint(digits, 10, 31)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return maxTTL
	case err != nil:
		return 0
	}
	return time.Duration(n) * time.Second
}

// checkServer returns an error unless a server's URL is https, or http on this machine: elsewhere anybody on the path
// could answer.
func checkServer(server string) error {
	u, err := url.Parse(server)
	if err != nil {
		return errors.New("its address is no URL")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	loopback := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	if u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return errors.New("its address is neither https nor http on this machine")
	}
	return nil
}

// newHTTPClient returns a copy of an HTTP client, or a new one for nil, that follows no redirects: the chosen server
// must not choose another one.
func newHTTPClient(given *http.Client) *http.Client {
	client := &http.Client{}
	if given != nil {
		*client = *given
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		t = t.Clone()
		t.DisableCompression = true
		t.MaxResponseHeaderBytes = maxAnswer
		client.Transport = t
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// describeRequestError returns an error of the HTTP client with a text for people, without method and URL.
func describeRequestError(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	var name *net.DNSError
	switch {
	case cause.IsNoNetwork(err):
		return &describedError{"this machine has no network", err}
	case errors.As(err, &name): // The name is that of the server, which the message names already.
		return &describedError{"its name cannot be looked up", err}
	}
	return &describedError{cause.Describe(err), err}
}
