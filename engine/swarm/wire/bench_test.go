package wire

import (
	"bytes"
	"net"
	"sync"
	"testing"
)

// BenchmarkRead reads blocks from memory. It measures this package alone.
func BenchmarkRead(b *testing.B) {
	batch := []byte{}
	for range 64 {
		batch = allFeatures().append(batch, &Message{Type: Piece, Block: blockAt(0), Data: make([]byte, BlockSize)})
	}
	c := newConn(&stream{Conn: &script{in: &repeat{b: batch}}})
	c.Start(Options{})
	defer c.Close()
	b.SetBytes(BlockSize)
	b.ReportAllocs()
	for b.Loop() {
		m, err := c.Read()
		if err != nil {
			b.Fatal(err)
		}
		Free(m.Data)
	}
}

// repeat reads the same bytes again and again.
type repeat struct {
	b  []byte
	at int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := copy(p, r.b[r.at:])
	r.at = (r.at + n) % len(r.b)
	return n, nil
}

// BenchmarkTCP moves blocks over loopback. In "read" the other end only sends, in "serve" it only requests and
// discards, and in "both" each end is a Conn.
func BenchmarkTCP(b *testing.B) {
	for kind, obfuscate := range map[string]bool{"plain": false, "obfuscated": true} {
		b.Run("read/"+kind, func(b *testing.B) { benchmarkRead(b, obfuscate) })
		b.Run("served/"+kind, func(b *testing.B) { benchmarkServe(b, obfuscate) })
		b.Run("both/"+kind, func(b *testing.B) { benchmarkBoth(b, obfuscate) })
	}
}

func benchmarkRead(b *testing.B, obfuscate bool) {
	theirs, ours := connected(b, tcp, obfuscate)
	ours.Start(Options{})
	var wg sync.WaitGroup
	wg.Go(func() {
		batch := []byte{}
		for range 16 {
			batch = allFeatures().append(batch, &Message{Type: Piece, Block: blockAt(0), Data: make([]byte, BlockSize)})
		}
		buf := make([]byte, len(batch))
		for {
			copy(buf, batch)
			theirs.conn.encrypt(buf)
			if _, err := theirs.conn.Conn.Write(buf); err != nil {
				return
			}
		}
	})
	b.SetBytes(BlockSize)
	b.ReportAllocs()
	for b.Loop() {
		m, err := ours.Read()
		if err != nil {
			b.Fatal(err)
		}
		Free(m.Data)
	}
	theirs.Close()
	wg.Wait()
}

func benchmarkServe(b *testing.B, obfuscate bool) {
	theirs, ours := connected(b, tcp, obfuscate)
	block := bytes.Repeat([]byte("block"), BlockSize)
	left := make(chan int, 1<<16)
	ours.Start(Options{
		Block: func(_ Block, p []byte) error { copy(p, block); return nil },
		Sent:  func(n int) { left <- n },
	})
	var wg sync.WaitGroup
	wg.Go(func() { discardAll(theirs.conn.Conn) })
	b.SetBytes(BlockSize)
	b.ReportAllocs()
	queued := 0
	for b.Loop() {
		for queued >= 256*BlockSize {
			queued -= <-left
		}
		ours.Serve(blockAt(0))
		queued += BlockSize
	}
	for queued > 0 {
		queued -= <-left
	}
	theirs.Close()
	wg.Wait()
}

// discardAll reads all bytes, in large parts.
func discardAll(c net.Conn) {
	b := make([]byte, 256<<10)
	for {
		if _, err := c.Read(b); err != nil {
			return
		}
	}
}

func benchmarkBoth(b *testing.B, obfuscate bool) {
	leech, seed := connected(b, tcp, obfuscate)
	block := bytes.Repeat([]byte("block"), BlockSize)
	seed.Start(Options{Block: func(_ Block, p []byte) error { copy(p, block); return nil }})
	leech.Start(Options{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			m, err := seed.Read()
			if err != nil {
				return
			}
			seed.Serve(m.Block)
		}
	})
	requests := make([]Message, 64)
	for i := range requests {
		requests[i] = Message{Type: Request, Block: blockAt(i)}
	}
	for range 4 {
		leech.Send(requests...)
	}
	b.SetBytes(BlockSize)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		m, err := leech.Read()
		if err != nil {
			b.Fatal(err)
		}
		Free(m.Data)
		if n++; n%64 == 0 {
			leech.Send(requests...)
		}
	}
	leech.Close()
	seed.Close()
	wg.Wait()
}

// BenchmarkMessages reads the most frequent small messages: haves, requests and rejects.
func BenchmarkMessages(b *testing.B) {
	block := numbers(1, 0, BlockSize)
	batch := frame(idHave, numbers(7)) + frame(idRequest, block) + frame(idReject, block)
	c := newConn(&stream{Conn: &script{in: &repeat{b: bytes.Repeat([]byte(batch), 100)}}})
	c.Start(Options{})
	defer c.Close()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Read(); err != nil {
			b.Fatal(err)
		}
	}
}
