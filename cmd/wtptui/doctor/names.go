package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"wtptui/engine/resolve"
)

// localhostName is a name that no hosts file has reason to list.
const localhostName = "wtptui-doctor.localhost"

func localhostCheck(ctx context.Context, d *doctor) []Finding {
	const name = "localhost"
	const do = "Chromium and Firefox know these names themselves; for Safari, curl and others install libnss-myhostname " +
		"(Linux), or make the address of the pages the browser's HTTP proxy"
	addrs, err := d.Localhost(ctx, localhostName)
	if err != nil || len(addrs) == 0 {
		return warn(name, "this system does not resolve names below localhost", do)
	}
	for _, a := range addrs {
		if !a.Unmap().IsLoopback() {
			return fail(name, "this system resolves "+localhostName+" to "+a.String()+", which is another machine",
				"mend your DNS server: names below localhost belong to this machine (RFC 6761)")
		}
	}
	return ok(name, "names below localhost resolve to this machine")
}

// lookupAsSystem resolves a name as this system's programs do. On Linux it runs getent, since Go's own resolver does
// not support all of nsswitch.conf.
func lookupAsSystem(ctx context.Context, name string) ([]netip.Addr, error) {
	getent, err := exec.LookPath("getent")
	if runtime.GOOS != "linux" || err != nil {
		return net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	}
	out, err := exec.CommandContext(ctx, getent, "ahosts", name).Output()
	if err != nil {
		return nil, err
	}
	var addrs []netip.Addr
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) > 0 {
			if a, err := netip.ParseAddr(fields[0]); err == nil {
				addrs = append(addrs, a)
			}
		}
	}
	return addrs, nil
}

func resolverCheck(ctx context.Context, d *doctor) []Finding {
	if len(d.Resolvers) == 0 {
		return fail("resolver", "none is configured: domains cannot be looked up", "name one with --doh")
	}
	found := probeAll(ctx, "resolver", d.Resolvers, d.probeResolver)
	for i, f := range found {
		if d.Engine == nil {
			break
		}
		for _, r := range d.Engine.Resolvers {
			if r.URL == f.Subject && r.Error != "" && f.Status == OK {
				found[i].Status, found[i].Found = Warn, "answers now, but failed wtptui last: "+r.Error
				found[i].Do = "look again later"
			}
		}
	}
	return downgradeFailures(found)
}

// probeResolver sends a query as the engine does.
func (d *doctor) probeResolver(ctx context.Context, address string) Finding {
	const do = "if none works, check the network; name others with --doh"
	client, closeIdle := d.client()
	defer closeIdle()
	err := resolve.Probe(ctx, address, client)
	var not *resolve.NotDNSError
	switch {
	case errors.As(err, &not):
		return Finding{Status: Fail, Found: err.Error(), Do: "correct its URL: it should end in /dns-query or the like"}
	case err != nil:
		return Finding{Status: Fail, Found: err.Error(), Do: do, err: err}
	}
	return Finding{Status: OK, Found: "answers"}
}

// maxResponseBytes bounds how much of a response is read.
const maxResponseBytes = 64 << 10

// fetch requests a URL of a configured server, and records its clock.
func (d *doctor) fetch(ctx context.Context, address, accept string) ([]byte, error) {
	client, closeIdle := d.client()
	defer closeIdle()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxResponseBytes))
	if err == nil && res.StatusCode >= http.StatusBadRequest {
		err = &statusError{res.StatusCode, bytes.HasPrefix(body, []byte("d"))}
	}
	return body, err
}

// statusError is an HTTP status of 400 or more.
type statusError struct {
	code    int
	bencode bool // the body is that of a tracker
}

func (e *statusError) Error() string {
	return fmt.Sprintf("answers %d %s", e.code, http.StatusText(e.code))
}

// client returns a client for configured servers, which records their clocks.
func (d *doctor) client() (client *http.Client, closeIdle func()) {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	return &http.Client{Transport: clockTransport{t, d}}, t.CloseIdleConnections
}

// clockTransport is a transport that reads the clock in every response.
type clockTransport struct {
	http.RoundTripper
	d *doctor
}

// RoundTrip implements http.RoundTripper.
func (c clockTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := c.RoundTripper.RoundTrip(req)
	if err == nil {
		c.d.recordClock(req.URL.Host, res)
	}
	return res, err
}

// clockReading is by how much this machine's clock is ahead of a server's.
type clockReading struct {
	server string
	offset time.Duration
}

func (d *doctor) recordClock(server string, res *http.Response) {
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clocks = append(d.clocks, clockReading{server, d.Now().Sub(theirs)})
}

// The offsets that are reported. The Date header has a precision of one second.
const (
	warnOffset = time.Minute
	failOffset = 10 * time.Minute
)

func clockCheck(_ context.Context, d *doctor) []Finding {
	const name, do = "clock", "set the clock, or have it set by NTP: certificates and the age of answers depend on it"
	if len(d.clocks) == 0 {
		return warn(name, "cannot be compared: no server has answered", "see the resolvers above")
	}
	// The smallest offset counts: it would take several wrong servers to make a right clock look wrong.
	nearest := d.clocks[0]
	for _, c := range d.clocks[1:] {
		if c.offset.Abs() < nearest.offset.Abs() {
			nearest = c
		}
	}
	found := fmt.Sprintf("%s ahead of %s", nearest.offset.Abs().Round(time.Second), nearest.server)
	if nearest.offset < 0 {
		found = fmt.Sprintf("%s behind %s", nearest.offset.Abs().Round(time.Second), nearest.server)
	}
	switch {
	case nearest.offset.Abs() >= failOffset:
		return fail(name, found, do)
	case nearest.offset.Abs() >= warnOffset:
		return warn(name, found, do)
	}
	return ok(name, "agrees with "+nearest.server)
}

var errMalformed = errors.New("answers nonsense")
