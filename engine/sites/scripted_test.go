package sites

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// fakeTorrent is one torrent of the fakeSwarm.
type fakeTorrent struct {
	w       *fakeSwarm
	spec    swarm.Spec
	ready   chan struct{}
	info    *swarm.Info
	err     error
	paused  bool
	stats   swarm.Stats
	fault   error
	stalled bool // peers stop sending

	found    swarm.FilesState // when it was added
	believed bool
}

// finishInfo makes the metadata known, or refuses it. The caller must hold w.mu.
func (t *fakeTorrent) finishInfo() {
	t.info = t.w.sources[t.spec.Infohash]
	if content, published := t.w.content[t.spec.Infohash]; published {
		if t.info = infoOf(t.spec.Info, content); t.info == nil { // it was joined before
			t.info = makeInfo(t.spec.Infohash, len(content))
			t.info.Size = t.w.disk[t.spec.Infohash]
		}
	}
	if t.info == nil {
		n, _ := strconv.Atoi(strings.TrimPrefix(string(t.spec.Info), "info of ")) // 0 for what makeInfo did not write
		t.info = makeInfo(t.spec.Infohash, n)
	}
	why, limits := "", t.spec.Limits
	switch {
	case limits.Size > 0 && t.info.Size > limits.Size:
		why = "size"
	case limits.Files > 0 && len(t.info.Files) > limits.Files:
		why = "files"
	case limits.Cache > 0 && t.info.Size > limits.Cache:
		why = "cache"
	}
	if why != "" {
		t.info = nil
		t.err = &engine.Error{Op: "world: add", Kind: engine.TooLarge, Msg: "it is over the limit of " + why}
	}
	close(t.ready)
}

func (t *fakeTorrent) isReady() bool {
	select {
	case <-t.ready:
		return true
	default:
		return false
	}
}

// Stats advances the download by one step.
func (t *fakeTorrent) Stats() swarm.Stats {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	s := t.w.others
	s.Downloaded, s.Fault, s.Checking, s.MirrorFault = t.stats.Downloaded, t.fault, t.w.hashing, t.w.deadMirror
	if t.w.joined[t.spec.Infohash] == t && t.w.sources[t.spec.Infohash] != nil && !t.paused && t.err == nil {
		s.Peers, s.Seeds, s.Known = 1, 1, 2
		if !t.isReady() {
			t.finishInfo()
		} else if have := t.w.disk[t.spec.Infohash]; have < t.info.Size && !t.stalled && !t.w.stalls[t.spec.Infohash] {
			t.w.disk[t.spec.Infohash] = have + 1000
			s.Downloaded += 1000
		}
	}
	if t.isReady() && t.err == nil {
		s.Completed = t.w.disk[t.spec.Infohash]
		s.Kept = s.Completed
		if t.w.unflushed[t.spec.Infohash] {
			s.Kept--
		}
	}
	if s.Checking {
		s.Completed, s.Kept = 0, 0 // as after an unclean exit
	}
	t.stats = s
	return s
}

func (t *fakeTorrent) Infohash() string { return t.spec.Infohash }

func (t *fakeTorrent) Ready() <-chan struct{} {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	return t.ready
}

func (t *fakeTorrent) Info() *swarm.Info {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	return t.info
}

func (t *fakeTorrent) Err() error {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	return t.err
}

func (t *fakeTorrent) SetLimits(l swarm.SiteLimits) (goesOn bool) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.spec.Limits = l
	if t.err == nil {
		return false
	}
	t.err, t.ready = nil, make(chan struct{})
	t.finishInfo()
	return t.err == nil
}

func (t *fakeTorrent) Peers() []engine.Peer {
	return []engine.Peer{{Address: "192.0.2.1:1", Via: engine.TCP}}
}
func (t *fakeTorrent) Trackers() []engine.Tracker { return t.w.trackers }
func (t *fakeTorrent) Announce()                  {}

func (t *fakeTorrent) AddSources(trackers, webSeeds, peers []string) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.w.hinted[t.spec.Infohash] = slices.Concat(trackers, webSeeds, peers)
}

func (w *fakeSwarm) Trackers() []engine.Tracker { return nil }

// setStalled stalls a torrent, or has it go on.
func (w *fakeSwarm) setStalled(infohash string, stalled bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stalls[infohash] = stalled
}

// lastSpec returns how a torrent was added last.
func (w *fakeSwarm) lastSpec(infohash string) (last swarm.Spec) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.specs {
		if s.Infohash == infohash {
			last = s
		}
	}
	return last
}

// joinedWhenIdle returns the torrents that are joined when everything that was begun is done.
func (b *fixture) joinedWhenIdle() string {
	b.t.Helper()
	b.waitIdle()
	return b.swarm.joinedHashes()
}

func (w *fakeSwarm) joinedHashes() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(w.joined)), " ")
}

func (w *fakeSwarm) hintsOf(infohash string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.hinted[infohash], " ")
}

func (t *fakeTorrent) Pieces() engine.Pieces {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	have := int(t.w.disk[t.spec.Infohash] / 1000)
	p := engine.Pieces{
		Length: 1000, Count: t.info.Pieces, Runs: []engine.PieceRun{{State: engine.PieceComplete, Count: have}},
	}
	if have < t.info.Pieces {
		p.Runs = append(p.Runs, engine.PieceRun{State: engine.PieceMissing, Count: t.info.Pieces - have})
	}
	return p
}

func (t *fakeTorrent) FileProgress() []int64 {
	out := make([]int64, len(t.Info().Files))
	for i := range out {
		out[i] = 1000
	}
	return out
}

func (t *fakeTorrent) Open(_ context.Context, index int, _ engine.Urgency) (io.ReadSeekCloser, error) {
	t.w.mu.Lock()
	content, published := t.w.content[t.spec.Infohash]
	t.w.mu.Unlock()
	if published {
		return nopCloser{bytes.NewReader(content[index])}, nil
	}
	return nopCloser{bytes.NewReader(bytes.Repeat([]byte{byte(index)}, 1000))}, nil
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

func (t *fakeTorrent) Prefetch(indexes []int, u engine.Urgency) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.w.raised = append(t.w.raised, fmt.Sprint(indexes, u))
}

func (*fakeTorrent) VerifiedBytes(int) int64 { return 0 }

func (*fakeTorrent) ArrivedBytes(int, int64) (came, all int64) { return 0, 0 }

func (*fakeTorrent) DiscoveryStatus() []string { return []string{"1 tracker asked, no answer yet"} }

func (*fakeTorrent) LastArrival() time.Time { return time.Time{} }

func (t *fakeTorrent) SetPaused(paused bool) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.paused = paused
}

func (t *fakeTorrent) SetLabels(labels []string) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.spec.Labels = labels
}

func (t *fakeTorrent) SetTracked(tracked bool) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.spec.Tracked = tracked
}

func (t *fakeTorrent) SetInfo(info []byte) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	if !t.isReady() {
		t.spec.Info = info
		t.finishInfo()
	}
}

func (t *fakeTorrent) Verify(context.Context) error { return nil }

func (t *fakeTorrent) FilesAtOpen() (swarm.FilesState, bool) { return t.found, t.believed }

// StatFiles returns the state that the test has set.
func (t *fakeTorrent) StatFiles(newest time.Time) (swarm.FilesState, error) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	look := t.w.looks[t.spec.Infohash]
	if !look.Newest.After(newest) {
		look.Changed = nil
	}
	return look, nil
}

// Scrub removes a damaged piece from the simulated disk.
func (t *fakeTorrent) Scrub(ctx context.Context, piece int) (read int64, damaged int, err error) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	hash := t.spec.Infohash
	if ctx.Err() != nil || t.w.joined[hash] != t {
		return 0, 0, fmt.Errorf("swarm: %s has left: %w", hash, fs.ErrClosed)
	}
	if t.w.disk[hash] < t.info.Size && piece == t.info.Pieces-1 {
		return 0, 0, nil
	}
	t.w.scrubbed = append(t.w.scrubbed, fmt.Sprintf("%s/%d", hash[:1], piece))
	if t.w.whenScrubbed != nil {
		t.w.whenScrubbed()
	}
	if t.w.rotten[hash][piece] {
		delete(t.w.rotten[hash], piece)
		t.w.disk[hash] = max(0, t.w.disk[hash]-t.info.PieceLength)
		damaged++
	}
	return t.info.PieceLength, damaged, nil
}

func (t *fakeTorrent) Discard() {
	t.Drop()
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.w.discarded = append(t.w.discarded, t.spec.Infohash)
}

func (t *fakeTorrent) Drop() {
	t.w.mu.Lock()
	slow := t.w.slow
	t.w.mu.Unlock()
	if slow != nil {
		<-slow
	}
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	delete(t.w.joined, t.spec.Infohash)
	t.w.dropped = append(t.w.dropped, t.spec.Infohash)
}
