package swarm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"wtptui/engine"
)

// guardEvery is how often free space is looked at, and a folder that could not be written to is tried again.
const guardEvery = 3 * time.Second

// diskGuard stops downloads while the disk is nearly full, and those of torrents whose data cannot be written.
type diskGuard struct {
	c     *Client
	every time.Duration
	free  func(dir string) (int64, error)
	probe func(dir string) error
	low   atomic.Pointer[engine.Error]
	check chan struct{}
}

func newDiskGuard(c *Client) *diskGuard {
	g := &diskGuard{c: c, every: guardEvery, free: freeSpace, probe: probeWrite, check: make(chan struct{}, 1)}
	if c.hooks.free != nil {
		g.free = c.hooks.free
	}
	if c.hooks.probe != nil {
		g.probe = c.hooks.probe
	}
	if c.hooks.guardEvery > 0 {
		g.every = c.hooks.guardEvery
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
	free, err := g.free(g.c.cfg.Dir)
	if err != nil {
		g.c.log.Warn("cannot tell how much disk space is free", "err", err)
		return
	}
	need := g.c.cfg.MinFree
	low := g.low.Load()
	switch {
	case low == nil && free < need:
		msg := fmt.Sprintf("downloads are paused: only %s of disk space is free. Free some; they go on above %s",
			engine.Bytes(max(0, free)), engine.Bytes(need+need/20))
		g.low.Store(opError("disk", engine.Unavailable, msg, errNearlyFull))
		g.each(func(h *handle) { h.allowDownload(false) })
	case low != nil && free >= need+need/20:
		g.low.Store(nil)
		g.each(func(h *handle) { h.allowDownload(h.ownFault() == nil) })
	}
}

// retry clears the faults of torrents if data can be written again.
func (g *diskGuard) retry() {
	var faulty []*handle
	g.each(func(h *handle) {
		if h.ownFault() != nil {
			faulty = append(faulty, h)
		}
	})
	if len(faulty) == 0 || g.probe(g.c.cfg.Dir) != nil {
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
	h.setFault(nil)
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
		h.endAlone()
		h.checkAlone()
	}
}

func (g *diskGuard) each(f func(*handle)) {
	for _, h := range g.c.handles() {
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

// allowDownload starts or stops the fetching of data; what is here is still served.
func (h *handle) allowDownload(allow bool) {
	allow = allow && h.spec.InPlace == nil
	if peers := h.peers.Load(); peers != nil {
		peers.Fetch(allow)
	}
	if !allow {
		h.wants.wake() // What they wait for does not come now.
	}
}

// mayFetch reports whether what is missing is fetched while the torrent is in its swarm.
func (h *handle) mayFetch() bool {
	return !h.c.guard.stopped() && h.ownFault() == nil && h.spec.InPlace == nil
}

// WriteFailed implements torrent.Events.
func (h *handle) WriteFailed(err error) {
	if h.ctx.Err() != nil || errors.Is(err, fs.ErrClosed) {
		return
	}
	h.setFault(opError("write", engine.Unavailable, diskAdvice(err)+"; it goes on by itself then", err))
	h.c.log.Error("cannot write a torrent's data", "torrent", h.name, "err", err)
}

// diskFault is called by the store when data could not be flushed.
func (c *Client) diskFault(hash [20]byte, err error) {
	c.log.Error("cannot keep a torrent's data", "err", err)
	if h := c.handle(hash); h != nil {
		h.allowDownload(false)
		h.setFault(opError("write", engine.Unavailable, diskAdvice(err)+"; it goes on by itself then", err))
	}
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

func (h *handle) setFault(err error) {
	h.mu.Lock()
	h.fault = err
	h.mu.Unlock()
	h.wants.wake()
}

func (h *handle) ownFault() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fault
}

// currentFault is what keeps the torrent from getting on: its own fault, or a full disk while something is missing.
func (h *handle) currentFault() error {
	if err := h.ownFault(); err != nil {
		return err
	}
	if err := h.changedInPlace(); err != nil {
		return err
	}
	if low := h.c.guard.low.Load(); low != nil && !h.complete() {
		return low
	}
	return nil
}
