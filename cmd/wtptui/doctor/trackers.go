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

// trackerCheck asks the trackers that are configured. Those that only a torrent or a link has named are the engine's to
// contact, which knows what it may: of them, its word is passed on.
func trackerCheck(ctx context.Context, d *doctor) []Finding {
	const name = "tracker"
	asked, told := d.Trackers, []engine.Tracker(nil)
	if d.Engine != nil {
		told = d.Engine.Trackers
	}
	if len(asked) == 0 && len(told) == 0 {
		return warn(name, "none is configured: peers are found by DHT and in the local network only", "name some with --tracker")
	}
	found := each(ctx, name, asked, d.probeTracker)
	for i := range found {
		f := &found[i]
		if word := wordOn(told, f.Subject); word != nil && word.Status == "failing" && f.Status == OK {
			f.Status, f.Found, f.Do = Warn, "can be reached, but refuses wtptui: "+word.Error, otherTrackers
		}
	}
	for _, t := range told {
		if !slices.Contains(asked, t.URL) {
			found = append(found, passOn(t))
		}
	}
	for _, f := range found {
		if strings.HasPrefix(f.Subject, "ws") {
			d.web.all++
			d.web.working += map[Status]int{OK: 1}[f.Status]
		}
	}
	return soften(found)
}

const otherTrackers = "if none works, check the network; name others with --tracker"

// wordOn is what the engine says of a tracker; nil for nothing.
func wordOn(told []engine.Tracker, url string) *engine.Tracker {
	if i := slices.IndexFunc(told, func(t engine.Tracker) bool { return t.URL == url }); i >= 0 {
		return &told[i]
	}
	return nil
}

func passOn(t engine.Tracker) Finding {
	f := Finding{Status: OK, Check: "tracker", Subject: t.URL, Found: "of a site: " + t.Status}
	if t.Status == "failing" {
		f.Status, f.Found, f.Do = Warn, "of a site: "+t.Error, otherTrackers
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
			_, err = d.get(ctx, address, "")
			var status *statusError
			// It was asked for nothing, so that it may well say no: as long as a tracker says so.
			if errors.As(err, &status) && (status.bencode || status.code == 400) {
				err = nil
			}
		}
	}
	if err != nil {
		return Finding{Status: Fail, Found: cause.Describe(err), Do: otherTrackers, err: err}
	}
	return Finding{Status: OK, Found: "answers"}
}

func connectWebSocket(ctx context.Context, address string) error {
	conn, _, err := websocket.Dial(ctx, address, nil) //nolint:bodyclose // The library closes it.
	if err != nil {
		return err
	}
	_ = conn.CloseNow() // It has answered, which is all.
	return nil
}

// connectUDP does the first step of an announce, which tells whether the tracker is there and asks it for nothing (BEP
// 15).
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
		return errShort
	}
	return nil
}

// exchange sends a datagram until there is an answer or ctx ends: the network may lose some.
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
