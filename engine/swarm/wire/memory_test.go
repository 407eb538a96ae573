package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestIdleMemory: an idle connection uses little memory, whatever was sent over it before.
func TestIdleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	const pairs, most = 250, 8 << 10
	synctest.Test(t, func(t *testing.T) {
		var pipes [pairs][2]net.Conn
		for i := range pipes {
			pipes[i][0], pipes[i][1] = net.Pipe()
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		goroutines := runtime.NumGoroutine()
		conns := make([]*Conn, 0, 2*pairs)
		for i := range pairs {
			a, b := connected(t, func(testing.TB) (ours, theirs net.Conn) { return pipes[i][0], pipes[i][1] }, i%2 == 0)
			conns = append(conns, a, b)
		}
		for _, c := range conns {
			c.Start(Options{Block: content})
			go func() {
				for {
					m, err := c.Read()
					if err != nil {
						return
					}
					Free(m.Data)
				}
			}()
			c.Send(
				Message{Type: Bitfield, Bits: make([]byte, 20_000)},
				Message{Type: Hello, Hello: &HelloMsg{Client: "test", Metadata: true, PEX: true}},
			)
			for n := range 20 {
				c.Serve(blockAt(n))
				c.Send(Message{Type: Have, Block: Block{Piece: n}})
			}
			synctest.Wait()
			for n := range maxJobs {
				c.Serve(blockAt(n))
			}
			c.UnserveAll()
		}
		time.Sleep(3 * keepAliveInterval)
		synctest.Wait()
		if n := runtime.NumGoroutine() - goroutines; n > 2*len(conns) {
			t.Errorf("%d goroutines for %d connections", n, len(conns))
		}
		runtime.GC()
		runtime.GC() // What pools have kept is gone after the second one.
		runtime.ReadMemStats(&after)
		each := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / int64(len(conns))
		t.Logf("%d bytes each, and %d of stacks", each, (int64(after.StackInuse)-int64(before.StackInuse))/int64(len(conns)))
		if each > most {
			t.Errorf("a connection takes %d bytes, want %d at most", each, most)
		}
		for _, c := range conns {
			c.Close()
		}
	})
}

// TestNoAllocations: frequent messages are sent and read without allocations.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("pools forget on purpose")
	}
	batch := ""
	for _, m := range []Message{
		{Type: Piece, Block: blockAt(0), Data: make([]byte, BlockSize)},
		{Type: Have},
		{Type: Request, Block: blockAt(0)},
		{Type: Reject, Block: blockAt(0)},
		{Type: Unchoke},
	} {
		batch += string(allFeatures().append(nil, &m))
	}
	c := newConn(&stream{Conn: &script{in: &repeat{b: []byte(batch)}}})
	c.setTheirs(caller)
	if n := testing.AllocsPerRun(1000, func() {
		for range 5 {
			m, err := c.Read()
			if err != nil {
				t.Fatal(err)
			}
			Free(m.Data)
		}
	}); n > 0 {
		t.Errorf("%v allocations to read", n)
	}

	w := newWriter(c, Options{Block: func(Block, []byte) error { return nil }})
	c.conn.Conn = discarding{c.conn.Conn.(*script)}
	messages := []Message{{Type: Request, Block: blockAt(0)}, {Type: Have}, {Type: Cancel, Block: blockAt(0)}}
	if n := testing.AllocsPerRun(1000, func() {
		for n := range 2 * maxBatch {
			c.Serve(blockAt(n))
		}
		c.Send(messages...)
		for wrote := true; wrote; {
			var err error
			if wrote, _, err = w.writeSome(); err != nil {
				t.Fatal(err)
			}
		}
	}); n > 0 {
		t.Errorf("%v allocations to write", n)
	}
}

// discarding discards what is written.
type discarding struct{ *script }

func (discarding) Write(p []byte) (int, error) { return len(p), nil }

// TestDataAreFreed: the buffer of a block that arrives only in part is freed once.
func TestDataAreFreed(t *testing.T) {
	if raceEnabled {
		t.Skip("pools forget on purpose")
	}
	made := 0
	old := blocks.New
	blocks.New = func() any { made++; return old() }
	defer func() { blocks.New = old }()
	whole := allFeatures().append(nil, &Message{Type: Piece, Block: blockAt(0), Data: make([]byte, BlockSize)})
	for i := range 1000 {
		cut := len(whole) - 1 - i%20_000
		if i%2 == 0 {
			cut = pieceHead
		}
		if m, err := connReading(whole[:cut]).Read(); !errors.Is(err, io.ErrUnexpectedEOF) || m.Data != nil {
			t.Fatal(m, err)
		}
	}
	if made > 20 {
		t.Errorf("%d buffers were made for one at a time", made)
	}
	seen := map[*byte]bool{}
	for range 100 {
		b := Alloc()
		if len(b) != BlockSize || seen[&b[0]] {
			t.Errorf("a buffer of %d bytes is there twice: %t", len(b), seen[&b[0]])
		}
		seen[&b[0]] = true
	}
	Free(nil)
	Free(make([]byte, 5))
	Free(make([]byte, BlockSize-1))
	for range 100 {
		if b := Alloc(); len(b) != BlockSize {
			t.Errorf("a buffer of %d bytes", len(b))
		}
	}
}

// TestDataAreOwned: later reads do not change the data of earlier messages.
func TestDataAreOwned(t *testing.T) {
	data := func(c byte) []byte { return bytes.Repeat([]byte{c}, BlockSize) }
	var b []byte
	for c := range byte(10) {
		for _, m := range []Message{
			{Type: Piece, Block: blockAt(0), Data: data(c)},
			{Type: Bitfield, Bits: data(c)[:9]},
			{Type: Bitfield, Bits: data(c)},
			{Type: InfoPiece, Info: InfoMsg{Size: 9, Data: data(c)[:9]}},
			{Type: InfoPiece, Info: InfoMsg{Size: 9, Data: data(c)}},
			{Type: Hello, Hello: &HelloMsg{Client: string(data('a' + c)[:9])}},
		} {
			b = allFeatures().append(b, &m)
		}
	}
	all, err := readAll(connReading(b))
	if !errors.Is(err, io.EOF) || len(all) != 60 {
		t.Fatal(len(all), err)
	}
	for i, m := range all {
		c := byte(i / 6)
		if m.Hello != nil {
			if m.Hello.Client != string(data('a' + c)[:9]) {
				t.Errorf("message %d is from %q", i, m.Hello.Client)
			}
			continue
		}
		for _, b := range [][]byte{m.Data, m.Bits, m.Info.Data} {
			if !bytes.Equal(b, data(c)[:len(b)]) {
				t.Errorf("message %d has other data now", i)
			}
		}
		Free(m.Data)
	}
}

// TestConcurrentCalls: all methods may be called from many goroutines.
func TestConcurrentCalls(t *testing.T) {
	a, b := connected(t, tcp, true)
	var wg sync.WaitGroup
	for _, c := range []*Conn{a, b} {
		c.Start(Options{Block: content, Info: func() []byte { return make([]byte, 100) }})
		wg.Go(func() {
			for {
				m, err := c.Read()
				if err != nil {
					return
				}
				Free(m.Data)
			}
		})
		for range 4 {
			wg.Go(func() {
				for n := range 300 {
					c.Send(Message{Type: Have, Block: Block{Piece: n}}, Message{Type: Hello, Hello: &HelloMsg{Metadata: true}})
					c.Serve(blockAt(n))
					c.ServeInfo(0)
					c.Unserve(blockAt(n / 2))
					c.out.waiting()
					c.SetLayout(Layout{Pieces: 1 << 10, PieceLength: 1 << 30, Size: 1 << 40})
					if n%100 == 0 {
						c.UnserveAll()
					}
				}
			})
		}
	}
	end := time.AfterFunc(200*time.Millisecond, a.Close)
	defer end.Stop()
	wg.Wait()
}
