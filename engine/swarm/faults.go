package swarm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"wtptui/engine"
)

// guardEvery is how often free space is looked at, and a folder that could not be written to is tried again.
const guardEvery = 3 * time.Second

// diskGuard stops downloads while the disk is nearly full, and those of torrents whose data cannot be written.
type diskGuard struct {
	dir      string
	need     int64 // bytes that must stay free
	torrents *registry
	log      *slog.Logger

	every time.Duration
	free  func(dir string) (int64, error)
	probe func(dir string) error
	low   atomic.Pointer[engine.Error]
	last  atomic.Int64 // the bytes that were free when that was looked at last; -1 if that is unknown
	check chan struct{}
}

func newDiskGuard(cfg Config, torrents *registry, h hooks) *diskGuard {
	g := &diskGuard{
		dir: cfg.Dir, need: cfg.MinFree, torrents: torrents, log: cfg.Logger,
		every: cmp.Or(h.guardEvery, guardEvery), free: freeSpace, probe: probeWrite, check: make(chan struct{}, 1),
	}
	if h.free != nil {
		g.free = h.free
	}
	if h.probe != nil {
		g.probe = h.probe
	}
	g.look()
	return g
}

func (g *diskGuard) stopped() bool { return g.low.Load() != nil }

func (g *diskGuard) run(ctx context.Context) {
	tick := time.NewTicker(g.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.check:
		case <-tick.C:
			g.retry()
		}
		g.look()
	}
}

// look compares free space with what must stay free. Downloads go on once there is a twentieth more than that, so that
// they do not start and stop with each megabyte.
func (g *diskGuard) look() {
	free, err := g.free(g.dir)
	if err != nil {
		g.last.Store(-1)
		g.log.Warn("cannot tell how much disk space is free", "err", err)
		return
	}
	g.last.Store(max(0, free))
	low := g.low.Load()
	switch {
	case low == nil && free < g.need:
		msg := fmt.Sprintf("downloads are paused: only %s of disk space is free. Free some; they go on above %s",
			engine.Bytes(max(0, free)), engine.Bytes(g.need+g.need/20))
		g.low.Store(opError("disk", engine.Unavailable, msg, errNearlyFull))
		g.each(func(h *handle) { h.allowDownload(false) })
	case low != nil && free >= g.need+g.need/20:
		g.low.Store(nil)
		g.each(func(h *handle) { h.allowDownload(h.faults.own() == nil) })
	}
}

// retry clears the faults of torrents if data can be written again.
func (g *diskGuard) retry() {
	var faulty []*handle
	g.each(func(h *handle) {
		if h.faults.own() != nil {
			faulty = append(faulty, h)
		}
	})
	if len(faulty) == 0 || g.probe(g.dir) != nil {
		return
	}
	for _, h := range faulty {
		if h.data.Load() == nil {
			h.openAgain()
		} else {
			h.writeAgain()
		}
	}
}

// writeAgain goes on with a torrent whose data can be written again. What a failed flush may have lost is written
// once more and hashed.
func (h *handle) writeAgain() {
	unchecked, err := h.data.Load().Rewrite()
	if err != nil {
		h.c.log.Warn("cannot write a torrent's data yet", "torrent", h.name, "err", err)
		return
	}
	h.faults.set(nil)
	h.allowDownload(!h.c.guard.stopped())
	h.life.Lock()
	defer h.life.Unlock()
	peers := h.peers.Load()
	switch {
	case h.dropped || len(unchecked) == 0:
	case peers != nil:
		h.wg.Go(func() {
			if err := peers.Check(h.ctx, unchecked); err != nil && h.ctx.Err() == nil {
				h.c.log.Warn("cannot check what was written once more", "torrent", h.name, "err", err)
			}
		})
	default:
		h.alone.end()
		h.checkAlone()
	}
}

func (g *diskGuard) each(f func(*handle)) {
	for _, h := range g.torrents.all() {
		f(h)
	}
}

// probeWrite finds out whether data can be written.
func probeWrite(dir string) error {
	path := filepath.Join(dir, ".probe")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 64<<10))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(path))
}

// diskFault is called by the store when data could not be flushed.
func (c *Client) diskFault(hash [20]byte, err error) {
	c.log.Error("cannot keep a torrent's data", "err", err)
	if h := c.torrents.get(hash); h != nil {
		h.allowDownload(false)
		h.faults.set(writeFault(err))
	}
}

func writeFault(err error) error {
	return opError("write", engine.Unavailable, diskAdvice(err)+"; it goes on by itself then", err)
}

// errNearlyFull is the cause of a fault by which downloads stand still before the disk is full.
var errNearlyFull = errors.New("less disk space than is to stay free")

// IsFull reports whether a fault is that the disk is full, or nearly so.
func IsFull(fault error) bool {
	return errors.Is(fault, syscall.ENOSPC) || errors.Is(fault, errDiskQuota) || errors.Is(fault, errNearlyFull)
}

// diskAdvice says what happened to the data folder and what to do.
func diskAdvice(err error) string {
	switch {
	case IsFull(err):
		return "the disk is full: free some space"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, errReadOnlyFS):
		return "the data folder cannot be written to: make it writable"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many files are open: raise the limit (ulimit -n)"
	}
	return "the data folder does not work: look at the disk"
}

// faults are what keeps a torrent from getting on.
type faults struct {
	content *content
	guard   *diskGuard
	inPlace bool   // the torrent is seeded from a folder that nothing is written to
	changed func() // is called when a fault has come or gone

	mu    sync.Mutex
	fault error // of the torrent's own data; nil when all is well
}

func (f *faults) set(err error) {
	f.mu.Lock()
	f.fault = err
	f.mu.Unlock()
	f.changed()
}

// own is the fault of the torrent's own data.
func (f *faults) own() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fault
}

// current is the torrent's own fault, or a full disk while something is missing.
func (f *faults) current() error {
	if err := f.own(); err != nil {
		return err
	}
	if err := f.changedInPlace(); err != nil {
		return err
	}
	if low := f.guard.low.Load(); low != nil && !f.content.complete() {
		return low
	}
	return nil
}

// changedInPlace is why a torrent that is seeded in place is not complete; nil when it is, or is still being hashed. What
// is missing is not fetched: there is no place for it.
func (f *faults) changedInPlace() error {
	data := f.content.data.Load()
	if !f.inPlace || data == nil || f.content.complete() || data.Progress().Unchecked > 0 {
		return nil
	}
	return opError("read", engine.Damaged, "files of the folder have changed since it was published: publish it again, or put them back and verify", nil)
}

// mayFetch reports whether what is missing is fetched while the torrent is in its swarm.
func (f *faults) mayFetch() bool { return !f.guard.stopped() && f.own() == nil && !f.inPlace }
