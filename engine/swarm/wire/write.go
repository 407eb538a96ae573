package wire

import (
	"errors"
	"os"
	"slices"
	"time"
)

const (
	// keepAlive is after how long a silence of ours the peer is told that we are still there; it may wait for two minutes.
	keepAlive = 100 * time.Second
	// writeTimeout is for how long a peer may read nothing of what it is sent.
	writeTimeout = 2 * time.Minute
	// maxBatch is how many blocks go out with one write to a peer that takes them within quickWrite. Others get one
	// at a time: what they wait for is not written yet, and can be taken back.
	maxBatch   = 4
	quickWrite = 10 * time.Millisecond
)

// Send queues messages as far as the peer understands them, and never waits. The connection of a peer that lets too
// much gather is ended. The data in the messages stay the caller's.
func (c *Conn) Send(all ...Message) {
	if !c.out.add(&c.peer, all) {
		c.end(ErrNotReading)
	}
}

// Serve queues a block to be read and sent after those before it. It reports false, and does not, when too many wait.
func (c *Conn) Serve(b Block) bool { return c.out.serve(job{block: b}) }

// ServeInfo queues a part of the info dictionary, unless it waits already. It reports false, and does not, when too
// many blocks and parts wait.
func (c *Conn) ServeInfo(piece int) bool {
	return c.out.serve(job{block: Block{Piece: piece}, info: true})
}

// Unserve takes a block out of the queue. It reports false when that is not in it: it may be on its way.
func (c *Conn) Unserve(b Block) bool { return c.out.unserve(job{block: b}) }

// UnserveAll takes all blocks out of the queue and returns them. What is sent after it comes after the blocks that are
// on their way.
func (c *Conn) UnserveAll() []Block { return c.out.unserveBlocks() }

// Waiting returns how many bytes of messages and of what is being written wait for the peer, and since when it has read
// nothing of them; the zero time if nothing is being written.
func (c *Conn) Waiting() (bytes int, since time.Time) { return c.out.waiting() }

// writer is what only the goroutine needs that writes to a connection.
type writer struct {
	*Conn
	up       allowance
	deadline time.Time
	// batch is how many blocks the peer gets with one write, last when something was written last.
	batch int
	last  time.Time
}

// write sends until the connection ends.
func (c *Conn) write() {
	w := &writer{Conn: c, up: allowance{limiter: c.options.Up}, batch: 1, last: time.Now()}
	defer c.out.end()
	defer w.up.end()
	timer := time.NewTimer(keepAlive)
	defer timer.Stop()
	for {
		wrote, pause, err := w.writeSome()
		if err != nil {
			c.end(err)
			return
		}
		if wrote {
			continue
		}
		rest := keepAlive - time.Since(w.last)
		if pause > 0 {
			rest = min(rest, pause)
		}
		timer.Reset(rest)
		select {
		case <-c.ended:
			return
		case <-c.out.more:
		case <-timer.C:
			if time.Since(w.last) >= keepAlive {
				w.out.shrink()
				err = w.writeAlive()
			}
		}
		if err != nil {
			c.end(err)
			return
		}
	}
}

// writeAlive tells the peer that we are there.
func (w *writer) writeAlive() error {
	var b [4]byte
	w.out.send(len(b), time.Now())
	return w.writeAll(b[:])
}

// writeSome writes messages, and blocks as far as they may be sent now; pause is how long those have to wait at least
// that may not.
func (w *writer) writeSome() (wrote bool, pause time.Duration, err error) {
	n, pause := w.affordable()
	var room [maxBatch]job
	messages, jobs := w.out.take(room[:0], n)
	if len(jobs) > 0 {
		return true, 0, w.writeJobs(messages, jobs)
	}
	if messages == nil {
		return false, pause, nil
	}
	w.last = time.Now()
	err = w.writeAll(*messages)
	messageBuffers.put(messages)
	return true, 0, err
}

// affordable returns how many of the waiting jobs may be done now, and how long others have to wait.
func (w *writer) affordable() (n int, pause time.Duration) {
	most := min(w.out.jobCount(), w.batch)
	if most > 1 && w.out.crowded() {
		most = 1
	}
	for n < most {
		if pause = w.up.delay((n + 1) * BlockSize); pause > 0 {
			break
		}
		n++
	}
	return n, pause
}

// writeJobs writes messages, if there are any, and blocks.
func (w *writer) writeJobs(messages *[]byte, jobs []job) error {
	pool := &blockBuffers
	if len(jobs) > 1 {
		pool = &batchBuffers
	}
	buffer := pool.get()
	b := *buffer
	if messages != nil {
		b = append(b, *messages...)
		messageBuffers.put(messages)
	}
	before, content := len(b), 0
	for _, j := range jobs {
		if j.info {
			b = w.appendInfo(b, j.block.Piece)
			continue
		}
		var n int
		b, n = w.appendPiece(b, j.block)
		content += n
	}
	w.up.use(len(b) - before)
	now := time.Now()
	w.last = now
	w.out.send(len(b)-before, now)
	*buffer = b
	if err := w.writeAll(b); err != nil {
		return err
	}
	pool.put(buffer)
	if w.batch = 1; time.Since(now) < quickWrite {
		w.batch = maxBatch
	}
	if content > 0 && w.options.Sent != nil {
		w.options.Sent(content)
	}
	return nil
}

// writeAll writes b, which it may change, as long as the peer takes some of it now and then.
func (w *writer) writeAll(b []byte) error {
	w.conn.encrypt(b)
	for len(b) > 0 {
		now := time.Now()
		if w.deadline.Sub(now) < writeTimeout {
			w.deadline = now.Add(writeTimeout + timeoutSlack)
			_ = w.conn.SetWriteDeadline(w.deadline) // It fails on a connection that is closed, as Write does.
		}
		n, err := w.conn.Write(b)
		w.last = time.Now()
		w.out.sent(n, w.last)
		switch late := errors.Is(err, os.ErrDeadlineExceeded); {
		case late && n == 0:
			return ErrNotReading
		case err != nil && !late:
			return err
		}
		b = b[n:]
	}
	return nil
}

// appendPiece appends a block and returns how many bytes of content that is. One that cannot be read is rejected
// (BEP 6).
func (c *Conn) appendPiece(b []byte, k Block) (whole []byte, content int) {
	start := len(b)
	b = appendNumber(b, pieceHead-4+k.Length)
	b = appendNumber(appendNumber(append(b, idPiece), k.Piece), k.Begin)
	data := len(b)
	b = slices.Grow(b, k.Length)[:data+k.Length]
	if err := c.options.Block(k, b[data:]); err != nil {
		return c.peer.append(b[:start], &Message{Type: Reject, Block: k}), 0
	}
	return b, k.Length
}

// appendInfo appends a part of the info dictionary (BEP 9).
func (c *Conn) appendInfo(b []byte, piece int) []byte {
	var info []byte
	if c.options.Info != nil {
		info = c.options.Info()
	}
	if piece*BlockSize >= len(info) {
		return c.peer.append(b, &Message{Type: InfoReject, Info: InfoMsg{Piece: piece}})
	}
	part := info[piece*BlockSize : min(len(info), (piece+1)*BlockSize)]
	return c.peer.append(b, &Message{Type: InfoPiece, Info: InfoMsg{Piece: piece, Size: len(info), Data: part}})
}
