package wire

import (
	"errors"
	"os"
	"slices"
	"time"
)

const (
	// keepAliveInterval is after how long without writes a keep-alive is sent. The peer may close the connection after
	// two minutes.
	keepAliveInterval = 100 * time.Second
	// writeTimeout is how long a peer may read nothing of what it is sent.
	writeTimeout = 2 * time.Minute
	// maxBatch is how many blocks are written at once to a peer that takes them within quickWrite. Other peers get one
	// at a time: blocks that are not written yet can be canceled.
	maxBatch   = 4
	quickWrite = 10 * time.Millisecond
)

// writer is the sending half of a connection: it sends messages first, then blocks, which it reads only after the peer
// has taken everything before. Only its goroutine uses it.
type writer struct {
	conn    *stream
	queue   *queue
	peer    *peerFeatures
	options Options
	up      allowance
	// deadline is the stream's write deadline. batch is how many blocks the peer gets with one write, lastWrite when
	// something was written last.
	deadline  time.Time
	batch     int
	lastWrite time.Time
}

func newWriter(c *Conn, o Options) *writer {
	return &writer{
		conn: c.conn, queue: &c.out, peer: &c.peer, options: o, up: allowance{limit: o.Up}, batch: 1, lastWrite: time.Now(),
	}
}

// run sends until the connection is closed or a write fails.
func (w *writer) run(ended <-chan struct{}) error {
	defer w.queue.close()
	defer w.up.cancel()
	timer := time.NewTimer(keepAliveInterval)
	defer timer.Stop()
	for {
		wrote, pause, err := w.writeSome()
		if err != nil {
			return err
		}
		if wrote {
			continue
		}
		rest := keepAliveInterval - time.Since(w.lastWrite)
		if pause > 0 {
			rest = min(rest, pause)
		}
		timer.Reset(rest)
		select {
		case <-ended:
			return nil
		case <-w.queue.wake:
		case <-timer.C:
			if time.Since(w.lastWrite) < keepAliveInterval {
				continue
			}
			w.queue.freeMemory()
			if err := w.writeKeepAlive(); err != nil {
				return err
			}
		}
	}
}

// writeKeepAlive sends a keep-alive message.
func (w *writer) writeKeepAlive() error {
	var b [4]byte
	w.queue.startWrite(len(b), time.Now())
	return w.writeAll(b[:])
}

// writeSome writes messages, and blocks as far as the limit allows; pause is the minimum time until more blocks may be
// sent.
func (w *writer) writeSome() (wrote bool, pause time.Duration, err error) {
	n, pause := w.allowedJobs()
	var room [maxBatch]job
	messages, jobs := w.queue.take(room[:0], n)
	if len(jobs) > 0 {
		return true, 0, w.writeJobs(messages, jobs)
	}
	if messages == nil {
		return false, pause, nil
	}
	w.lastWrite = time.Now()
	err = w.writeAll(*messages)
	messageBuffers.put(messages)
	return true, 0, err
}

// allowedJobs returns how many of the queued jobs may be done now, and how long the others have to wait.
func (w *writer) allowedJobs() (n int, pause time.Duration) {
	most := min(w.queue.jobCount(), w.batch)
	if most > 1 && w.queue.isCrowded() {
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
	w.lastWrite = now
	w.queue.startWrite(len(b)-before, now)
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

// writeAll writes b, which it may modify, as long as the peer takes some of it now and then.
func (w *writer) writeAll(b []byte) error {
	w.conn.encrypt(b)
	for len(b) > 0 {
		now := time.Now()
		if w.deadline.Sub(now) < writeTimeout {
			w.deadline = now.Add(writeTimeout + timeoutSlack)
			_ = w.conn.SetWriteDeadline(w.deadline) // It fails on a closed connection, as Write does.
		}
		n, err := w.conn.Write(b)
		w.lastWrite = time.Now()
		w.queue.finishWrite(n, w.lastWrite)
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
func (w *writer) appendPiece(b []byte, k Block) (whole []byte, content int) {
	start := len(b)
	b = appendNumber(b, pieceHead-4+k.Length)
	b = appendNumber(appendNumber(append(b, idPiece), k.Piece), k.Begin)
	data := len(b)
	b = slices.Grow(b, k.Length)[:data+k.Length]
	if err := w.options.Block(k, b[data:]); err != nil {
		return w.peer.append(b[:start], &Message{Type: Reject, Block: k}), 0
	}
	return b, k.Length
}

// appendInfo appends a part of the info dictionary (BEP 9).
func (w *writer) appendInfo(b []byte, piece int) []byte {
	var info []byte
	if w.options.Info != nil {
		info = w.options.Info()
	}
	if piece*BlockSize >= len(info) {
		return w.peer.append(b, &Message{Type: InfoReject, Info: InfoMsg{Piece: piece}})
	}
	part := info[piece*BlockSize : min(len(info), (piece+1)*BlockSize)]
	return w.peer.append(b, &Message{Type: InfoPiece, Info: InfoMsg{Piece: piece, Size: len(info), Data: part}})
}
