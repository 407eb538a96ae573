package announce

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"wtptui/engine/swarm/publicnet"
)

const (
	udpMagic     = 0x41727101980
	udpConnect   = 0
	udpAnnounce  = 1
	udpScrape    = 2
	udpError     = 3
	udpResend    = 3 * time.Second // grows with each try
	udpConnValid = time.Minute     // how long a connection id may be used (BEP 15)
)

var udpEvents = map[event]uint32{none: 0, completed: 1, started: 2, stopped: 3}

// udpTracker holds the connection ids that a UDP tracker has assigned, by address, for all torrents.
type udpTracker struct {
	mu  sync.Mutex
	ids map[netip.AddrPort]udpID
}

type udpID struct {
	id uint64
	at time.Time
}

// announce announces to the tracker's IPv4 and its IPv6 address, since each only returns peers of its own family.
func (h *udpTracker) announce(ctx context.Context, cfg Config, u *url.URL, trusted bool, r request) (response, error) {
	addrs, err := resolve(ctx, u)
	if err != nil {
		return response{}, err
	}
	type answer struct {
		response
		err error
	}
	answers := make(chan answer, len(addrs))
	for _, a := range addrs {
		go func() {
			resp, err := h.announceTo(ctx, cfg, u, a, trusted, r)
			resp.from = a.Addr()
			answers <- answer{resp, err}
		}()
	}
	var merged response
	worked := false
	for range addrs {
		a := <-answers
		if a.err != nil {
			err = errors.Join(err, a.err)
			continue
		}
		if !worked {
			merged, worked = a.response, true
			continue
		}
		merged.interval = min(merged.interval, a.interval)
		merged.seeds, merged.leechers = max(merged.seeds, a.seeds), max(merged.leechers, a.leechers)
		merged.other = &a.response
	}
	if worked {
		return merged, nil
	}
	return response{}, err
}

// resolve returns at most one address of each family.
func resolve(ctx context.Context, u *url.URL) ([]netip.AddrPort, error) {
	if u.Port() == "" {
		return nil, errors.New("announce: a UDP tracker's URL needs a port")
	}
	port, err := net.DefaultResolver.LookupPort(ctx, "udp", u.Port())
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	var addrs []netip.AddrPort
	for _, v4 := range []bool{true, false} {
		for _, ip := range ips {
			if ip = ip.Unmap(); ip.Is4() == v4 {
				addrs = append(addrs, netip.AddrPortFrom(ip, uint16(port)))
				break
			}
		}
	}
	return addrs, nil
}

func (h *udpTracker) announceTo(
	ctx context.Context, cfg Config, u *url.URL, addr netip.AddrPort, trusted bool, r request,
) (response, error) {
	body, err := h.request(ctx, addr, trusted, udpAnnounce, func(id uint64) []byte {
		return announcePacket(id, cfg, u, r)
	})
	if err != nil {
		return response{}, err
	}
	return parseUDP(body, addr.Addr().Is4())
}

// request sends the packet that packet returns for a connection id, and returns the answer.
func (h *udpTracker) request(
	ctx context.Context, addr netip.AddrPort, trusted bool, action uint32, packet func(id uint64) []byte,
) ([]byte, error) {
	dialer := &net.Dialer{}
	if !trusted {
		dialer = publicnet.Dialer(0)
	}
	conn, err := dialer.DialContext(ctx, "udp", addr.String())
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	for renew := false; ; renew = true {
		id, fresh, err := h.connect(ctx, conn, addr, renew)
		if err != nil {
			return nil, err
		}
		body, err := exchange(ctx, conn, action, packet(id))
		if err == nil {
			return body, nil
		}
		// An error may concern an expired connection id. A new one is valid, so then the error concerns the torrent.
		if failure := udpFailure(""); fresh && errors.As(err, &failure) {
			return nil, &refusal{reason: text(failure)}
		}
		h.forget(addr)
		if fresh || ctx.Err() != nil {
			return nil, err
		}
	}
}

func (h *udpTracker) forget(addr netip.AddrPort) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.ids, addr)
}

// connect returns a connection id, and whether it is new. renew requests a new one.
func (h *udpTracker) connect(
	ctx context.Context, conn net.Conn, addr netip.AddrPort, renew bool,
) (id uint64, fresh bool, err error) {
	h.mu.Lock()
	known := h.ids[addr]
	h.mu.Unlock()
	if !renew && time.Since(known.at) < udpConnValid {
		return known.id, false, nil
	}
	packet := binary.BigEndian.AppendUint64(nil, udpMagic)
	packet = binary.BigEndian.AppendUint32(packet, udpConnect)
	body, err := exchange(ctx, conn, udpConnect, packet)
	if err != nil {
		return 0, true, err
	}
	if len(body) < 8 {
		return 0, true, errors.New("announce: the answer is not a tracker's")
	}
	id = binary.BigEndian.Uint64(body)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ids == nil {
		h.ids = make(map[netip.AddrPort]udpID)
	}
	h.ids[addr] = udpID{id, time.Now()}
	return id, true, nil
}

// udpFailure is the text of a tracker's error answer: foreign, not clean.
type udpFailure text

func (f udpFailure) Error() string { return "announce: the tracker says: " + string(f) }

// exchange sends a packet, which lacks its transaction id, repeatedly until the answer to it arrives, and returns the
// answer's body. An error answer is returned as a udpFailure.
func exchange(ctx context.Context, conn net.Conn, action uint32, packet []byte) ([]byte, error) {
	var transaction [4]byte // nobody else can guess it
	_, _ = rand.Read(transaction[:])
	packet = slices.Concat(packet[:12], transaction[:], packet[12:])
	buf := make([]byte, 16<<10)
	for wait := udpResend; ; wait += udpResend {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("announce: no answer: %w", err)
		}
		if _, err := conn.Write(packet); err != nil {
			return nil, fmt.Errorf("announce: %w", err)
		}
		deadline := time.Now().Add(wait)
		for {
			_ = conn.SetReadDeadline(deadline)
			if ctx.Err() != nil {
				break
			}
			n, err := conn.Read(buf)
			if e := net.Error(nil); errors.As(err, &e) && e.Timeout() {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("announce: %w", err)
			}
			if n < 8 || [4]byte(buf[4:8]) != transaction {
				continue
			}
			switch binary.BigEndian.Uint32(buf) {
			case action:
				return buf[8:n], nil
			case udpError:
				return nil, udpFailure(buf[8:min(n, 8+maxText)])
			}
		}
	}
}

// announcePacket returns an announce without its transaction id, which belongs after the first twelve bytes.
func announcePacket(id uint64, cfg Config, u *url.URL, r request) []byte {
	b := binary.BigEndian.AppendUint64(nil, id)
	b = binary.BigEndian.AppendUint32(b, udpAnnounce)
	b = append(b, r.infohash[:]...)
	b = append(b, cfg.PeerID[:]...)
	for _, n := range []int64{r.Downloaded, r.Left, r.Uploaded} {
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	b = binary.BigEndian.AppendUint32(b, udpEvents[r.event])
	b = binary.BigEndian.AppendUint32(b, 0) // our address is the one that we send from
	b = binary.BigEndian.AppendUint32(b, key(cfg))
	b = binary.BigEndian.AppendUint32(b, uint32(int32(r.want)))
	b = binary.BigEndian.AppendUint16(b, cfg.Port)
	// BEP 41: the path and query, which may hold a pass key, in pieces of at most 255 bytes.
	for path := u.RequestURI(); path != "" && path != "/"; {
		n := min(len(path), 255)
		b = append(append(b, 2, byte(n)), path[:n]...)
		path = path[n:]
	}
	return b
}

func parseUDP(body []byte, v4 bool) (response, error) {
	if len(body) < 12 {
		return response{}, errInvalidAnswer
	}
	field := func(at int) number { return number{int64(binary.BigEndian.Uint32(body[at:])), true} }
	r := response{interval: field(0).seconds(), leechers: field(4).count(), seeds: field(8).count()}
	ipLen := 16
	if v4 {
		ipLen = 4
	}
	r.peers = appendCompact(nil, body[12:], ipLen)
	return r, nil
}
