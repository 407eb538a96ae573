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

// guardInterval is how often free space is checked and writing to a failed folder is tried again.
const guardInterval = 3 * time.Second

// diskGuard stops all downloads while the disk is nearly full, and those of torrents whose data cannot be written.
type diskGuard struct {
	dir      string
	minFree  int64 // bytes that must stay free
	torrents *registry
	log      *slog.Logger

	interval time.Duration
	free     func(dir string) (int64, error)
	probe    func(dir string) error
	low      atomic.Pointer[engine.Error]
	lastFree atomic.Int64 // free bytes at the last check; -1 if unknown
	wake     chan struct{}
}

func newDiskGuard(cfg Config, torrents *registry, h hooks) *diskGuard {
	g := &diskGuard{
		dir: cfg.Dir, minFree: cfg.MinFree, torrents: torrents, log: cfg.Logger,
		interval: cmp.Or(h.guardInterval, guardInterval), free: freeSpace, probe: probeWrite, wake: make(chan struct{}, 1),
	}
	if h.free != nil {
		g.free = h.free
	}
	if h.probe != nil {
		g.probe = h.probe
	}
	g.checkFreeSpace()
	return g
}

func (g *diskGuard) isLow() bool { return g.low.Load() != nil }

func (g *diskGuard) run(ctx context.Context) {
	tick := time.NewTicker(g.interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-g.wake:
		case <-tick.C:
			g.retry()
		}
		g.checkFreeSpace()
	}
}

// checkFreeSpace compares the free space with what must stay free. Downloads resume when a twentieth more than that is
// free, so that they do not start and stop with each megabyte.
func (g *diskGuard) checkFreeSpace() {
	free, err := g.free(g.dir)
	if err != nil {
		g.lastFree.Store(-1)
		g.log.Warn("cannot tell how much disk space is free", "err", err)
		return
	}
	g.lastFree.Store(max(0, free))
	low := g.low.Load()
	switch {
	case low == nil && free < g.minFree:
		msg := fmt.Sprintf("downloads are paused: only %s of disk space is free. Free some; they go on above %s",
			engine.Bytes(max(0, free)), engine.Bytes(g.minFree+g.minFree/20))
		g.low.Store(opError("disk", engine.Unavailable, msg, errNearlyFull))
		g.forEachTorrent(func(h *handle) { h.setDownloadAllowed(false) })
	case low != nil && free >= g.minFree+g.minFree/20:
		g.low.Store(nil)
		g.forEachTorrent(func(h *handle) { h.setDownloadAllowed(h.faults.dataFault() == nil) })
	}
}

// retry clears the faults of torrents if data can be written again.
func (g *diskGuard) retry() {
	var faulty []*handle
	g.forEachTorrent(func(h *handle) {
		if h.faults.dataFault() != nil {
			faulty = append(faulty, h)
		}
	})
	if len(faulty) == 0 || g.probe(g.dir) != nil {
		return
	}
	for _, h := range faulty {
		if h.data.Load() == nil {
			h.retryOpen()
		} else {
			h.retryWrite()
		}
	}
}

// retryWrite resumes a torrent whose data can be written again. Data that a failed flush may have lost is written once
// more and hashed.
func (h *handle) retryWrite() {
	unchecked, err := h.data.Load().Rewrite()
	if err != nil {
		h.client.log.Warn("cannot write a torrent's data yet", "torrent", h.name, "err", err)
		return
	}
	h.faults.set(nil)
	h.setDownloadAllowed(!h.client.guard.isLow())
	if len(unchecked) > 0 {
		h.change(func(l *lifecycle) { l.checkRewritten(unchecked) })
	}
}

// checkRewritten hashes pieces that were written once more.
func (l *lifecycle) checkRewritten(pieces []int) {
	h, peers := l.handle, l.swarm.Load()
	switch {
	case l.dropped:
	case peers != nil:
		h.wg.Go(func() {
			if err := peers.Check(h.ctx, pieces); err != nil && h.ctx.Err() == nil {
				h.client.log.Warn("cannot check rewritten data", "torrent", h.name, "err", err)
			}
		})
	default:
		l.pausedCheck.cancel()
		l.checkWhilePaused()
	}
}

func (g *diskGuard) forEachTorrent(f func(*handle)) {
	for _, h := range g.torrents.all() {
		f(h)
	}
}

// probeWrite checks whether data can be written.
func probeWrite(dir string) error {
	path := filepath.Join(dir, ".probe")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 64<<10))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(path))
}

// handleDiskFault is called by the store when data could not be flushed.
func (c *Client) handleDiskFault(hash [20]byte, err error) {
	c.log.Error("cannot flush a torrent's data", "err", err)
	if h := c.torrents.get(hash); h != nil {
		h.setDownloadAllowed(false)
		h.faults.set(newWriteFault(err))
	}
}

func newWriteFault(err error) error {
	return opError("write", engine.Unavailable, diskAdvice(err)+"; it goes on by itself then", err)
}

// errNearlyFull is the cause of the fault that pauses downloads before the disk is full.
var errNearlyFull = errors.New("less disk space is free than must stay free")

// IsFull reports whether the cause of a fault is that the disk is full or nearly full.
func IsFull(fault error) bool {
	return errors.Is(fault, syscall.ENOSPC) || errors.Is(fault, errDiskQuota) || errors.Is(fault, errNearlyFull)
}

// diskAdvice returns what is wrong with the data folder and what to do.
func diskAdvice(err error) string {
	switch {
	case IsFull(err):
		return "the disk is full: free some space"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, errReadOnlyFS):
		return "the data folder cannot be written to: make it writable"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many files are open: raise the limit (ulimit -n)"
	}
	return "the data folder does not work: check the disk"
}

// faults holds what prevents a torrent from making progress.
type faults struct {
	content  *content
	guard    *diskGuard
	inPlace  bool   // seeded from a folder that is never written to
	onChange func() // called when a fault has been set or cleared

	mu    sync.Mutex
	fault error // of the torrent's own data; nil if there is none
}

func (f *faults) set(err error) {
	f.mu.Lock()
	f.fault = err
	f.mu.Unlock()
	f.onChange()
}

// dataFault returns the fault of the torrent's own data, nil if there is none.
func (f *faults) dataFault() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fault
}

// current returns the torrent's own fault, or the low disk space while something is missing.
func (f *faults) current() error {
	if err := f.dataFault(); err != nil {
		return err
	}
	if err := f.changedInPlace(); err != nil {
		return err
	}
	if low := f.guard.low.Load(); low != nil && !f.content.isComplete() {
		return low
	}
	return nil
}

// changedInPlace returns why a torrent that is seeded in place is not complete; nil if it is, or is still being
// hashed. Missing pieces are not fetched, since nothing may be written there.
func (f *faults) changedInPlace() error {
	data := f.content.data.Load()
	if !f.inPlace || data == nil || f.content.isComplete() || data.Progress().Unchecked > 0 {
		return nil
	}
	return opError("read", engine.Damaged,
		"files of the folder have changed since it was published: publish it again, or put them back and verify", nil)
}

// allowsFetch reports whether missing pieces are fetched while the torrent is in its swarm.
func (f *faults) allowsFetch() bool { return !f.guard.isLow() && f.dataFault() == nil && !f.inPlace }
