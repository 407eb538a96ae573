package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine"
	"wtptui/localserve/control"
)

// workload is what several people do with a program at once until it crashes.
type workload struct {
	t      *testing.T
	ctx    context.Context // ends when the program has ended
	w      *peers.Wtptui
	client *control.Client
	ledger *ledger
	round  uint64
	// ending reports whether the program is being ended: from then on nothing need succeed.
	ending atomic.Bool
	wg     sync.WaitGroup
}

// start starts the workers, each of which runs one operation after the other.
func (k *workload) start(seed uint64) {
	for i, do := range []func(*rand.Rand) bool{k.publishVersion, k.addSite, k.doVerb, k.doVerb} {
		rnd := rand.New(rand.NewPCG(seed, k.round<<8+uint64(i)+1))
		k.wg.Go(func() {
			for k.ctx.Err() == nil && !k.ending.Load() {
				if do(rnd) {
					continue
				}
				select { // Until another one has done something.
				case <-time.After(5 * time.Millisecond):
				case <-k.ctx.Done():
				}
			}
		})
	}
}

// finish records the outcome of an operation, unless the program is being crashed.
func (k *workload) finish(s *operation, err error) {
	switch {
	case err == nil:
		k.ledger.markSucceeded(s)
	case !k.ending.Load():
		k.t.Errorf("%s %s: %v", s.what, s.entries[0].name, err)
	}
}

// runVerb runs a verb of the command line, and calls line with each line that it prints.
func (k *workload) runVerb(line func(string), args ...string) error {
	cmd := k.w.Command(args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var output strings.Builder
	cmd.Stderr = &output
	if err := cmd.Start(); err != nil {
		return err
	}
	defer context.AfterFunc(k.ctx, func() { _ = cmd.Process.Kill() })()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line(lines.Text())
	}
	_, _ = io.Copy(io.Discard, out) // What is left of a line that is too long.
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, output.String())
	}
	return nil
}

// addSite adds a site of others and waits for it.
func (k *workload) addSite(rnd *rand.Rand) bool {
	pin := rnd.IntN(2) == 0
	s := k.ledger.start(rnd, 1, action{"add --wait", func(e *entry) bool {
		return e.isFetched() && !e.large &&
			(e.state.host == "" || e.state.canUndo() || e.state.isListed() && !e.state.complete)
	}, []func(*entry, siteState) siteState{
		func(e *entry, at siteState) siteState {
			if at.takenAwayBy == engine.Remove {
				at.pinned, at.paused = false, false
			}
			at.host, at.content, at.takenAwayBy, at.pinned = e.hosts()[0], e.versions[0], "", at.pinned || pin
			return at
		},
		func(_ *entry, at siteState) siteState { at.complete = true; return at },
	}})
	if s == nil {
		return false
	}
	args := []string{"add", "--wait", s.entries[0].hosts()[0]}
	if pin {
		args = append(args, "--pin")
	}
	k.finish(s, k.runVerb(func(line string) {
		if strings.HasPrefix(line, "added ") {
			k.ledger.markStage(s, 1)
		}
	}, args...))
	return true
}

// publishVersion publishes a folder as a site, or as the next version of its site.
func (k *workload) publishVersion(rnd *rand.Rand) bool {
	var next *content
	s := k.ledger.start(rnd, 1, action{"publish", (*entry).isOwn, []func(*entry, siteState) siteState{
		func(e *entry, at siteState) siteState {
			others := slices.DeleteFunc(slices.Clone(e.versions), func(c *content) bool { return c == at.content })
			next = others[rnd.IntN(len(others))]
			return e.stateAfterPublish(at, next)
		},
	}})
	if s == nil {
		return false
	}
	e := s.entries[0]
	if e.state.isListed() {
		s.what = "publish again"
	}
	if err := next.writeFolder(e.dir); err != nil {
		k.t.Error(err)
		return false
	}
	args := []string{"publish", "--json", e.dir}
	if e.domain != "" {
		args = append(args, "--name", e.domain)
	}
	err := k.runVerb(func(string) {}, args...)
	if err != nil && strings.Contains(err.Error(), "the same content is being fetched here") {
		k.ledger.markUnchanged(s) // What was published in this run is still being hashed, as all is after an end like this.
		return true
	}
	k.finish(s, err)
	return true
}

// maxFormerVersions is how many former versions of a site are checked, which is fewer than the program keeps.
const maxFormerVersions = 4

// stateAfterPublish returns the state of the site after another version was published.
func (e *entry) stateAfterPublish(at siteState, next *content) siteState {
	if at.takenAwayBy != "" { // It begins anew.
		at = siteState{}
	}
	kept := slices.DeleteFunc(slices.Clone(at.formerVersions), func(c *content) bool { return c == next })
	if at.content != nil {
		kept = append(kept, at.content)
	}
	at.formerVersions = kept[max(0, len(kept)-maxFormerVersions):]
	at.host, at.content, at.pinned, at.complete = e.domain, next, true, true
	if e.domain == "" {
		at.host = next.infohash
	}
	return at
}

// writeFolder makes a folder hold the content. Only files that differ are written.
func (c *content) writeFolder(dir string) error {
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		path := filepath.Join(dir, name)
		if was, err := os.ReadFile(path); err == nil && string(was) == string(c.files[name]) {
			continue
		}
		if err := os.WriteFile(path, c.files[name], 0o600); err != nil {
			return err
		}
	}
	return nil
}

// doVerb sends a verb over the control socket, for several sites at once where the verb allows it.
func (k *workload) doVerb(rnd *rand.Rand) bool {
	a, percent := testedVerbs[rnd.IntN(len(testedVerbs))], 1
	if rnd.IntN(2) == 0 { // In each round one of them is done more than the others.
		a, percent = testedVerbs[k.round%uint64(len(testedVerbs))], 5
	}
	if rnd.IntN(100) >= percent*a.percent {
		return true
	}
	change := func(e *entry, at siteState) siteState { a.change(e, &at); return at }
	s := k.ledger.start(rnd, 1+rnd.IntN(a.most), action{a.what, a.fits, []func(*entry, siteState) siteState{change}})
	if s == nil {
		return false
	}
	var hosts []string
	for _, e := range s.entries {
		hosts = append(hosts, e.state.host)
	}
	asExpected, err := k.apply(s, hosts)
	if !asExpected {
		k.ledger.markUnchanged(s)
		return true
	}
	k.finish(s, err)
	return true
}

// apply sends the operation's request. It returns false if nothing was changed, as is possible.
func (k *workload) apply(s *operation, hosts []string) (asExpected bool, err error) {
	switch s.what {
	case "set limits":
		return true, k.client.SetLimits(k.ctx, s.outcomes[1][0].limits)
	case "add large":
		_, err = k.client.Add(k.ctx, engine.AddRequest{Address: s.entries[0].hosts()[0]})
		return true, err
	case "show":
		d, err := k.client.Detail(k.ctx, hosts[0])
		return err != nil || isComplete(d.Site), err
	case string(engine.Undo):
		err = k.client.Do(k.ctx, engine.Undo, hosts...)
		left, _ := s.entries[0].state.undoTimeLeft()
		return left > 0 || engine.KindOf(err) != engine.NotFound, err // That took very long.
	}
	return true, k.client.Do(k.ctx, engine.Verb(s.what), hosts...)
}
