package doctor

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// trackerCheck contacts the configured trackers. Those that only a torrent or a link has named are contacted by the
// engine alone, which knows whether it may: their status is that of the engine.
func trackerCheck(ctx context.Context, d *doctor) []Finding {
	const name = "tracker"
	configured, known := d.Trackers, []engine.Tracker(nil)
	if d.Engine != nil {
		known = d.Engine.Trackers
	}
	if len(configured) == 0 && len(known) == 0 {
		return warn(name, "none is configured: peers are found by DHT and in the local network only",
			"name some with --tracker")
	}
	found := probeAll(ctx, name, configured, d.probeTracker)
	for i := range found {
		f := &found[i]
		if tracker := findTracker(known, f.Subject); tracker != nil && tracker.Status == "failing" && f.Status == OK {
			f.Status, f.Found, f.Do = Warn, "can be reached, but refuses wtptui: "+tracker.Error, trackerAdvice
		}
	}
	for _, t := range known {
		if !slices.Contains(configured, t.URL) {
			found = append(found, knownTrackerFinding(t))
		}
	}
	for _, f := range found {
		if strings.HasPrefix(f.Subject, "ws") {
			d.web.total++
			d.web.working += map[Status]int{OK: 1}[f.Status]
		}
	}
	return downgradeFailures(found)
}

const trackerAdvice = "if none works, check the network; name others with --tracker"

// findTracker returns the tracker with this URL, or nil.
func findTracker(trackers []engine.Tracker, url string) *engine.Tracker {
	if i := slices.IndexFunc(trackers, func(t engine.Tracker) bool { return t.URL == url }); i >= 0 {
		return &trackers[i]
	}
	return nil
}

func knownTrackerFinding(t engine.Tracker) Finding {
	f := Finding{Status: OK, Check: "tracker", Subject: t.URL, Found: "of a site: " + t.Status}
	if t.Status == "failing" {
		f.Status, f.Found, f.Do = Warn, "of a site: "+t.Error, trackerAdvice
	}
	return f
}

func (d *doctor) probeTracker(ctx context.Context, address string) Finding {
	u, err := url.Parse(address)
	if err == nil {
		switch u.Scheme {
		case "udp":
			err = connectUDP(ctx, u.Host)
		case "ws", "wss":
			err = connectWebSocket(ctx, address)
		default:
			_, err = d.fetch(ctx, address, "")
			var status *statusError
			// The request has no parameters, so that an error is fine as long as it is that of a tracker.
			if errors.As(err, &status) && (status.bencode || status.code == 400) {
				err = nil
			}
		}
	}
	if err != nil {
		return Finding{Status: Fail, Found: cause.Describe(err), Do: trackerAdvice, err: err}
	}
	return Finding{Status: OK, Found: "answers"}
}

func connectWebSocket(ctx context.Context, address string) error {
	conn, _, err := websocket.Dial(ctx, address, nil) //nolint:bodyclose // The library closes it.
	if err != nil {
		return err
	}
	_ = conn.CloseNow() // It has answered, which is all that is needed.
	return nil
}

// connectUDP does the first step of an announce (BEP 15), which shows whether the tracker works, and requests nothing.
func connectUDP(ctx context.Context, host string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "udp", host)
	if err != nil {
		return err
	}
	defer conn.Close()
	request := make([]byte, 16)
	binary.BigEndian.PutUint64(request, 0x41727101980)
	if _, err := rand.Read(request[12:]); err != nil {
		return err
	}
	answer, err := exchange(ctx, conn, request)
	if err != nil {
		return err
	}
	if len(answer) < 16 || binary.BigEndian.Uint32(answer) != 0 || string(answer[4:8]) != string(request[12:]) {
		return errMalformed
	}
	return nil
}

// exchange sends a datagram until there is a response or ctx ends: some may be lost.
func exchange(ctx context.Context, conn net.Conn, request []byte) ([]byte, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	answer := make([]byte, 2048)
	for wait := time.Second; ; wait *= 2 {
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return nil, err
		}
		n, err := conn.Read(answer)
		var netErr net.Error
		switch {
		case err == nil:
			return answer[:n], nil
		case ctx.Err() != nil:
			return nil, context.DeadlineExceeded
		case !errors.As(err, &netErr) || !netErr.Timeout():
			return nil, err
		}
	}
}
