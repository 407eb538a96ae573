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

// localhostName is one that nobody has reason to list anywhere.
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
			return fail(name, "this system resolves "+localhostName+" to "+a.String()+", which is another machine", "mend your DNS server: names below localhost belong to this machine (RFC 6761)")
		}
	}
	return ok(name, "names below localhost resolve to this machine")
}

// systemLookup resolves as this system's programs do. Go's own resolver knows only part of what Linux is told in
// nsswitch.conf, so that getent is asked there.
func systemLookup(ctx context.Context, name string) ([]netip.Addr, error) {
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
	found := each(ctx, "resolver", d.Resolvers, d.probeResolver)
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
	return soften(found)
}

// probeResolver asks a server as the engine does.
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

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 64 << 10

// get fetches a URL of a server that is configured, and looks at its clock.
func (d *doctor) get(ctx context.Context, address, accept string) ([]byte, error) {
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
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err == nil && res.StatusCode >= http.StatusBadRequest {
		err = &statusError{res.StatusCode, bytes.HasPrefix(body, []byte("d"))}
	}
	return body, err
}

// statusError is a status that says no.
type statusError struct {
	code    int
	bencode bool // the answer is a tracker's all the same
}

func (e *statusError) Error() string {
	return fmt.Sprintf("answers %d %s", e.code, http.StatusText(e.code))
}

// client asks servers that are configured, and looks at their clocks.
func (d *doctor) client() (client *http.Client, closeIdle func()) {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true}
	return &http.Client{Transport: clocked{t, d}}, t.CloseIdleConnections
}

// clocked is a transport that reads the clock in every answer.
type clocked struct {
	http.RoundTripper
	d *doctor
}

// RoundTrip implements http.RoundTripper.
func (c clocked) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := c.RoundTripper.RoundTrip(req)
	if err == nil {
		c.d.readClock(req.URL.Host, res)
	}
	return res, err
}

// clockReading is how far this machine's clock is ahead of a server's.
type clockReading struct {
	server string
	ahead  time.Duration
}

func (d *doctor) readClock(server string, res *http.Response) {
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.clocks = append(d.clocks, clockReading{server, d.Now().Sub(theirs)})
}

// The skews of the clock that are told. A second is lost to the header's own precision.
const (
	noticed = time.Minute
	harmful = 10 * time.Minute
)

func clockCheck(_ context.Context, d *doctor) []Finding {
	const name, do = "clock", "set the clock, or have it set by NTP: certificates and the age of answers depend on it"
	if len(d.clocks) == 0 {
		return warn(name, "cannot be compared: no server has answered", "see the resolvers above")
	}
	// The nearest server counts: it takes more than one wrong server to make a clock wrong.
	best := d.clocks[0]
	for _, c := range d.clocks[1:] {
		if c.ahead.Abs() < best.ahead.Abs() {
			best = c
		}
	}
	found := fmt.Sprintf("%s ahead of %s", best.ahead.Abs().Round(time.Second), best.server)
	if best.ahead < 0 {
		found = fmt.Sprintf("%s behind %s", best.ahead.Abs().Round(time.Second), best.server)
	}
	switch {
	case best.ahead.Abs() >= harmful:
		return fail(name, found, do)
	case best.ahead.Abs() >= noticed:
		return warn(name, found, do)
	}
	return ok(name, "agrees with "+best.server)
}

var errShort = errors.New("answers nonsense")
