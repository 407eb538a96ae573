package keys_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// pageLoader is a client that loads a site's files again and again, and records what it gets.
type pageLoader struct {
	mu     sync.Mutex
	seen   []string // the versions, without repetitions
	rounds int
	failed []string
}

// startPageLoader loads the site's files again and again until the test ends.
func startPageLoader(t *testing.T, w *peers.Wtptui, local string) *pageLoader {
	l := new(pageLoader)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			version, failed := loadOnce(ctx, w, local)
			if ctx.Err() == nil {
				l.add(version, failed)
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return l
}

func loadOnce(ctx context.Context, w *peers.Wtptui, local string) (version string, failed []string) {
	for _, name := range []string{"", "version.txt", "same.bin"} {
		status, body, err := w.Get(ctx, local, name)
		if err != nil || status != http.StatusOK || name == "same.bin" && len(body) != commonFileLength {
			failed = append(failed, fmt.Sprintf("/%s: status %d, %d bytes, %v", name, status, len(body), err))
		}
		if name == "version.txt" {
			version = string(body)
		}
	}
	return version, failed
}

func (l *pageLoader) add(version string, failed []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rounds++
	l.failed = append(l.failed, failed...)
	if len(l.seen) == 0 || l.seen[len(l.seen)-1] != version {
		l.seen = append(l.seen, version)
	}
}

// waitSeen waits until the client has seen these versions, and has loaded everything a few times more.
func (l *pageLoader) waitSeen(t *testing.T, versions ...string) {
	t.Helper()
	rounds := 0
	peers.Eventually(t, waitLong, "the client to load pages", func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if rounds == 0 || !slices.Equal(l.seen, versions) {
			rounds = l.rounds + 3
		}
		if l.rounds < rounds || !slices.Equal(l.seen, versions) {
			return fmt.Errorf("it has seen %q in %d rounds, want %q", l.seen, l.rounds, versions)
		}
		return nil
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.failed) > 0 {
		t.Errorf("%d requests failed: %q", len(l.failed), l.failed[:min(len(l.failed), 5)])
	}
}

// A new version is signed while a follower's pages are loaded. No request fails.
func TestNoRequestFailsWhileTheSiteMoves(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	owner, follower := n.startWtptui(t), n.startWtptui(t)
	dir := makeSiteFolder(t, "one")
	first := publish(t, owner, dir, "--key", "blog")
	waitResolved(t, follower, first.Host, first.Infohash)
	follower.Run(t, "add", "--pin", "wtp://"+first.Host+"/")
	pages := startPageLoader(t, follower, waitVersion(t, follower, first.Host, first.Infohash).LocalURL)
	own := startPageLoader(t, owner, waitVersion(t, owner, first.Host, first.Infohash).LocalURL)
	pages.waitSeen(t, "one")
	own.waitSeen(t, "one")

	writeVersion(t, dir, "two")
	second := publish(t, owner, dir)
	waitResolved(t, follower, first.Host, second.Infohash)
	checkSameSite(t, follower, waitVersion(t, follower, first.Host, second.Infohash).LocalURL, dir)
	pages.waitSeen(t, "one", "two")
	own.waitSeen(t, "one", "two")
}

// newKeyRepublishedSoon makes a key whose record is put again 6 to 12 s after a start, when our node has met others:
// the times of all sites are spread over ten minutes, by a hash of their hosts.
func newKeyRepublishedSoon(t *testing.T) key {
	t.Helper()
	for {
		k := newKey(t)
		h := fnv.New32a()
		_, _ = h.Write([]byte(k.host)) // It never fails.
		if part := h.Sum32() % 1000; part >= 10 && part < 20 {
			return k
		}
	}
}

// The owner's machine is gone, and the nodes of the DHT have forgotten the record. A follower has the site, puts the
// record again unchanged, and gives the site to others.
func TestSiteOutlivesItsOwner(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	k := newKeyRepublishedSoon(t)
	owner, follower := n.startWtptui(t), n.startWtptui(t)
	k.addTo(t, owner, "blog")
	dir := makeSiteFolder(t, "one")
	p := publish(t, owner, dir, "--key", "blog")
	waitResolved(t, follower, k.host, p.Infohash)
	follower.Run(t, "add", "--pin", "wtp://"+k.host+"/")
	waitVersion(t, follower, k.host, p.Infohash)
	before, err := n.Get(t, k.public)
	if err != nil {
		t.Fatal(err)
	}
	owner.Terminate(t)
	follower.Terminate(t)
	n.Forget(t, k.public)

	follower.Start(t)
	peers.Eventually(t, waitLong, "the follower to put the record", func() error {
		after, err := n.Get(t, k.public)
		if err == nil && after != before {
			err = fmt.Errorf("%+v, it was %+v", after, before)
		}
		return err
	})
	visitor := n.startWtptui(t)
	waitResolved(t, visitor, k.host, p.Infohash)
	visitor.Run(t, "add", "wtp://"+k.host+"/")
	checkSameSite(t, visitor, waitVersion(t, visitor, k.host, p.Infohash).LocalURL, dir)
}

// A follower never puts an older record than the DHT has.
func TestFollowerPutsTheNewestRecord(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	k := newKeyRepublishedSoon(t)
	_, one := n.makeVersion(t, "one")
	_, two := n.makeVersion(t, "two")
	seq := time.Now().UnixMicro()
	n.PkarrPut(t, k.seed, seq, "wtpkey="+one.InfoHash)
	w := n.startWtptui(t)
	waitResolved(t, w, k.host, one.InfoHash)
	w.Run(t, "add", "--pin", "wtp://"+k.host+"/")
	waitVersion(t, w, k.host, one.InfoHash)
	w.Terminate(t)

	// One node alone has the newer record, as after a put that was cut short.
	n.StoreAtNearest(t, n.PkarrSign(t, k.seed, seq+1, "wtpkey="+two.InfoHash), 1)
	w.Start(t)
	peers.Eventually(t, waitLong, "the nearest nodes to have the newer record", func() error {
		return n.checkStored(t, k, seq+1)
	})
	waitVersion(t, w, k.host, two.InfoHash)
}
