package resolve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/miekg/dns"
)

const (
	// maxAnswer is the longest answer that is read, in bytes: no DNS message can be longer.
	maxAnswer = 64 << 10

	mediaType = "application/dns-message"
)

// ask puts the question to one server (RFC 8484). It is sent with POST, which keeps the name out of the URLs that
// servers and proxies log. An error names what went wrong, without the server.
func (r *Resolver) ask(ctx context.Context, server string, q *dns.Msg) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	client := r.client.get()
	wire, err := exchange(ctx, client, server, q)
	if errors.Is(err, context.DeadlineExceeded) {
		r.client.renew(client)
		return reply{}, fmt.Errorf("no answer in %v", r.timeout)
	}
	if err != nil {
		return reply{}, err
	}
	return parseReply(q, wire)
}

func exchange(ctx context.Context, client *http.Client, server string, q *dns.Msg) ([]byte, error) {
	if err := checkServer(server); err != nil {
		return nil, err
	}
	wire, err := q.Pack()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server, bytes.NewReader(wire))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("Accept", mediaType)
	resp, err := client.Do(req)
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = resp.Body.Close() }() // It is read to its end or given up.
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("it says HTTP %d", resp.StatusCode)
	}
	if got, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || got != mediaType {
		return nil, errors.New("the answer is no DNS message")
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, cause(err)
	}
	if len(body) > maxAnswer {
		return nil, errors.New("the answer is longer than 64 KiB")
	}
	return body, nil
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

// cause leaves out the method and URL that the HTTP client puts in front of an error.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
