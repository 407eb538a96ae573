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
	// maxAnswer is the longest answer that is read, in bytes: no DNS message can be longer.
	maxAnswer = 64 << 10

	mediaType = "application/dns-message"
)

// dohClient asks DNS over HTTPS servers.
type dohClient struct {
	renewable

	timeout time.Duration // of a server
}

// ask puts the question to one server (RFC 8484). It is sent with POST, which keeps the name out of the URLs that
// servers and proxies log. An error names what went wrong, without the server.
func (c *dohClient) ask(ctx context.Context, server string, q *dns.Msg) (reply, error) {
	wire, age, err := c.send(ctx, server, q)
	if err != nil {
		return reply{}, err
	}
	got, err := parseReply(q, wire)
	got.ttl = max(0, got.ttl-age)
	return got, err
}

// send is exchange within the time that a server may take. Connections on which no answer comes are given up.
func (c *dohClient) send(ctx context.Context, server string, q *dns.Msg) (wire []byte, age time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	client := c.get()
	wire, age, err = exchange(ctx, client, server, q)
	if errors.Is(err, context.DeadlineExceeded) {
		c.renew(client)
		return nil, 0, &doubtful{fmt.Sprintf("no answer in %v", c.timeout), err}
	}
	return wire, age, err
}

// exchange sends the question and returns the DNS message that comes back, and for how long caches have had it.
func exchange(ctx context.Context, client *http.Client, server string, q *dns.Msg) (wire []byte, age time.Duration, err error) {
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
		return nil, 0, requestFault(err)
	}
	defer func() { _ = resp.Body.Close() }() // It is read to its end or given up.
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
		return nil, 0, requestFault(err)
	}
	if len(body) > maxAnswer {
		return nil, 0, doubtfulf("the answer is longer than 64 KiB")
	}
	return body, ageOf(resp), nil
}

// ageOf is how old an answer of an HTTP cache is, which the TTLs in it do not know (RFC 8484, section 5.1).
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

// checkServer takes https everywhere, and http on this machine alone: elsewhere anybody on the way could answer.
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

// newClient makes the client that asks. It follows no redirect: a server that a person has chosen does not choose
// another one for them.
func newClient(given *http.Client) *http.Client {
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

// requestFault says in words what the HTTP client reports, without the method and URL that it puts in front.
func requestFault(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err
	}
	var name *net.DNSError
	switch {
	case cause.NoNetwork(err):
		return &worded{"this machine has no network", err}
	case errors.As(err, &name): // The name is the server's, which is named beside it.
		return &worded{"its name cannot be looked up", err}
	}
	return &worded{cause.Words(err), err}
}
