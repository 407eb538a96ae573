package swarm

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent/bencode"
	pp "github.com/anacrolix/torrent/peer_protocol"
	utHolepunch "github.com/anacrolix/torrent/peer_protocol/ut-holepunch"

	"wtptui/engine/enginetest"
)

// mostMemory is what no flood may cost beyond what was there before, in bytes.
const mostMemory = 32 << 20

// floods are what a peer can say again and again without reading, each as one of many messages.
func floods() map[string]func(i int) []pp.Message {
	extended := func(id pp.ExtensionNumber, payload []byte) []pp.Message {
		return []pp.Message{{Type: pp.Extended, ExtendedID: id, ExtendedPayload: payload}}
	}
	block := func(i int) []byte { return bencode.MustMarshal(map[string]int{"msg_type": 0, "piece": i}) }
	return map[string]func(i int) []pp.Message{
		"one block of the info dictionary": func(int) []pp.Message { return extended(metadataID, block(0)) },
		"all blocks of it":                 func(i int) []pp.Message { return extended(metadataID, block(i%20)) },
		"blocks that it does not have":     func(i int) []pp.Message { return extended(metadataID, block(100+i)) },
		"requests and cancels": func(i int) []pp.Message {
			r := pp.Message{Index: 0, Begin: pp.Integer(i % (16<<10 - 1)), Length: 1}
			request, cancel := r, r
			request.Type, cancel.Type = pp.Request, pp.Cancel
			return []pp.Message{request, cancel}
		},
		"requests": func(i int) []pp.Message {
			return []pp.Message{{Type: pp.Request, Index: pp.Integer(i % 100), Length: 16 << 10}}
		},
		"requests that are refused": func(i int) []pp.Message {
			return []pp.Message{{Type: pp.Request, Index: 0, Begin: pp.Integer(i % 16000), Length: 1}}
		},
		"ports of DHT nodes": func(i int) []pp.Message { return []pp.Message{{Type: pp.Port, Port: uint16(1 + i%60000)}} },
		"rendezvous": func(i int) []pp.Message {
			target := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(i))
			m := utHolepunch.Msg{MsgType: utHolepunch.Rendezvous, AddrPort: target}
			b, _ := m.MarshalBinary()
			return extended(holepunchID, b)
		},
		"pieces that may be asked for": func(i int) []pp.Message {
			return []pp.Message{{Type: pp.AllowedFast, Index: pp.Integer(i * 7919)}}
		},
		"handshakes": func(i int) []pp.Message {
			return extended(0, bencode.MustMarshal(map[string]any{
				"v": fmt.Sprint(i), "m": map[string]int{"ut_pex": 1, fmt.Sprint("x", i): 1},
			}))
		},
	}
}

// TestFloods: a peer that asks without end and reads nothing costs little, whatever it asks for, and all others are
// served meanwhile.
func TestFloods(t *testing.T) {
	messages := 60_000 // of 31 bytes, most of them
	if testing.Short() {
		messages = 10_000
	}
	s := newSite(t, 16<<10, append(make([]int, 300), 2_000_000)...)
	c, ways := startReachable(t)
	publish(t, c, s)
	for way, dial := range ways {
		for what, message := range floods() {
			t.Run(way+"/"+what, func(t *testing.T) {
				conn, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if err := handshakeAsLeech(conn, s.raw()); err != nil {
					t.Fatal(err)
				}
				n := messages
				if way != "TCP" {
					n /= 6 // The one who floods needs memory here, too.
				}
				all := encodeMessages(n, message)
				watch := watchMemory(t, c)
				flood(conn, all)
				if got := fetchBlock(t, c, s); !bytes.Equal(got, siteBlock(s, 16<<10)(1, 0, 16<<10)) {
					t.Errorf("another peer was sent %d other bytes", len(got))
				}
				watch(2 * unreadEach) // of it and of the other peer
			})
		}
	}
}

// encodeMessages returns the encoding of n messages. A flood must not make garbage in the test itself, which a busy
// machine would collect late: only the memory of the other side is to be measured.
func encodeMessages(n int, message func(i int) []pp.Message) []byte {
	var b []byte
	for i := range n {
		for _, m := range message(i) {
			b = append(b, m.MustMarshalBinary()...)
		}
	}
	return slices.Clip(b)
}

// flood sends messages until all are sent, or the other side hangs up or has not read them within a second.
func flood(conn net.Conn, messages []byte) {
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
	for part := range slices.Chunk(messages, 16<<10) {
		if _, err := conn.Write(part); err != nil {
			return
		}
	}
}

// fetchBlock is an ordinary peer that asks for the first block of piece 1.
func fetchBlock(t *testing.T, c *Client, s *site) []byte {
	t.Helper()
	conn, err := dialTCP(c)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	block, err := fetchOver(conn, s)
	if err != nil {
		t.Fatal(err)
	}
	return block
}

func fetchOver(conn net.Conn, s *site) ([]byte, error) {
	_ = conn.SetDeadline(time.Now().Add(patience))
	if err := handshakeAsLeech(conn, s.raw()); err != nil {
		return nil, err
	}
	for d := (pp.Decoder{R: bufio.NewReader(conn), MaxLength: 1 << 20}); ; {
		var m pp.Message
		if err := d.Decode(&m); err != nil {
			return nil, err
		}
		switch {
		case m.Keepalive:
		case m.Type == pp.Unchoke:
			if err := writeMessages(conn, pp.Message{Type: pp.Request, Index: 1, Length: 16 << 10}); err != nil {
				return nil, err
			}
		case m.Type == pp.Piece:
			return m.Piece, nil
		}
	}
}

// What strangers may have wait to be sent to them, in bytes, and how many addresses they may name in a message.
const (
	unreadEach  = 256 << 10 // to one of them, a block among it
	unreadInAll = 24 << 20
	pexEach     = 200
	pexID       = pp.ExtensionNumber(2) // as it is offered to them, like the next
	metadataID  = pp.ExtensionNumber(3)
	holepunchID = pp.ExtensionNumber(1)
)

// watchMemory notes what is there now. The function that it returns fails the test if there ever was much more.
func watchMemory(t *testing.T, c *Client) (stop func(mostUnread int64)) {
	t.Helper()
	before, goroutines := heapInUse(), runtime.NumGoroutine()
	end, done := make(chan struct{}), make(chan struct{})
	var most, unread, running int64
	go func() {
		defer close(done)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most, unread = max(most, int64(m.HeapInuse)), max(unread, c.unreadBytes.Load())
			running = max(running, int64(runtime.NumGoroutine()))
			select {
			case <-tick.C:
			case <-end:
				return
			}
		}
	}()
	return func(mostUnread int64) {
		close(end)
		enginetest.Receive(t, done, "the watch to end")
		eventually(t, "little is live that was not before", func() bool {
			return int64(heapInUse()) < int64(before)+mostMemory/4
		})
		if most > 2*(int64(before)+mostUnread)+mostMemory { // The garbage collector lets it double.
			t.Errorf("%d MiB of memory were used, with %d live before", most>>20, before>>20)
		}
		if unread > mostUnread {
			t.Errorf("%d KiB waited to be sent, want %d at most", unread>>10, mostUnread>>10)
		}
		if running > int64(goroutines)+1000 {
			t.Errorf("%d goroutines ran, %d before", running, goroutines)
		}
	}
}

// TestManyFloodsAtOnce: many of them at once stay within the bound for all.
func TestManyFloodsAtOnce(t *testing.T) {
	s := newSite(t, 16<<10, append(make([]int, 300), 2_000_000)...)
	c, ways := startReachable(t)
	publish(t, c, s)
	dial := ways["pipe"]
	what := floods()
	var encoded [][]byte
	for _, kind := range []string{"all blocks of it", "requests and cancels", "requests"} {
		encoded = append(encoded, encodeMessages(20_000, what[kind]))
	}
	watch := watchMemory(t, c)
	done := make(chan error, 60)
	for i := range cap(done) {
		go func() {
			conn, err := dial()
			if err == nil {
				defer conn.Close()
				err = handshakeAsLeech(conn, s.raw())
			}
			if err == nil {
				flood(conn, encoded[i%len(encoded)])
			}
			done <- err
		}()
	}
	for range cap(done) {
		if err := enginetest.Receive(t, done, "a flood to end"); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Log(err)
		}
	}
	watch(unreadInAll)
}

// TestManyAddresses: as many addresses as there can be in one message are not worth more than a few.
func TestManyAddresses(t *testing.T) {
	s := newSite(t, 16<<10, 100_000)
	c := start(t, config(t))
	add(t, c, Spec{Infohash: s.hash})
	conn, err := dialTCP(c)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := handshakeAsLeech(conn, s.raw()); err != nil {
		t.Fatal(err)
	}
	watch := watchMemory(t, c)
	var m pp.PexMsg
	for i := range 9_000 {
		ip := make(net.IP, 4)
		binary.BigEndian.PutUint32(ip, 127<<24|uint32(2+i)<<4)
		m.Added = append(m.Added, krpc.NodeAddr{IP: ip, Port: 1})
	}
	m.AddedFlags = make([]pp.PexPeerFlags, len(m.Added))
	if err := writeMessages(conn, m.Message(pexID)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the message is read", func() bool {
		c.sockets.addresses.mu.Lock()
		defer c.sockets.addresses.mu.Unlock()
		return len(c.sockets.addresses.named.all) >= pexEach
	})
	watch(unreadEach)
	c.sockets.addresses.mu.Lock()
	defer c.sockets.addresses.mu.Unlock()
	if n := len(c.sockets.addresses.named.all); n > pexEach {
		t.Errorf("%d addresses were taken, want %d at most", n, pexEach)
	}
}

// smallBuffer limits how many unread bytes the system buffers.
func smallBuffer(raw syscall.RawConn) error {
	var err error
	if e := raw.Control(func(fd uintptr) { err = setReceiveBuffer(fd, 8<<10) }); e != nil {
		return e
	}
	return err
}

// BenchmarkReadUnderFlood compares how long a page takes to read while a peer asks for the info dictionary without end
// with how long it takes in peace.
func BenchmarkReadUnderFlood(b *testing.B) {
	s := newSite(b, 16<<10, append(make([]int, 300), 600_000)...)
	c := start(b, config(b))
	tor := publish(b, c, s)
	page := func() time.Duration {
		begin := time.Now()
		read(b, tor, 300)
		return time.Since(begin)
	}
	median := func() time.Duration {
		all := make([]time.Duration, 101)
		for i := range all {
			all[i] = page()
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	var quiet, flooded time.Duration
	for b.Loop() {
		quiet += median()
		ctx, cancel := context.WithCancel(context.Background())
		var flooder sync.WaitGroup
		flooder.Go(func() {
			all := encodeMessages(60_000, floods()["one block of the info dictionary"])
			for ctx.Err() == nil {
				conn, err := dialTCP(c)
				if err == nil {
					if handshakeAsLeech(conn, s.raw()) == nil {
						flood(conn, all)
					}
					conn.Close()
				}
			}
		})
		flooded += median()
		cancel()
		flooder.Wait()
	}
	b.ReportMetric(quiet.Seconds()*1000/float64(b.N), "quiet-ms")
	b.ReportMetric(flooded.Seconds()/quiet.Seconds(), "×quiet")
	b.ReportMetric(0, "ns/op")
}
