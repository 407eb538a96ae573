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

// work is what is done to a program until it ends, by several people at once.
type work struct {
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

// start begins to work; each does one thing after the other.
func (k *work) start(seed uint64) {
	for i, do := range []func(*rand.Rand) bool{k.publish, k.add, k.verb, k.verb} {
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

// end writes down how a step has ended, unless the program has ended before.
func (k *work) end(s *step, err error) {
	switch {
	case err == nil:
		k.ledger.done(s)
	case !k.ending.Load():
		k.t.Errorf("%s %s: %v", s.what, s.entries[0].name, err)
	}
}

// run runs a verb of the program's command line, and calls line with each line that it prints.
func (k *work) run(line func(string), args ...string) error {
	cmd := k.w.Command(args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return err
	}
	defer context.AfterFunc(k.ctx, func() { _ = cmd.Process.Kill() })()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		line(lines.Text())
	}
	_, _ = io.Copy(io.Discard, out) // What is left of a line that is too long.
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, said.String())
	}
	return nil
}

// add opens a site of others, as a person does who waits for it.
func (k *work) add(rnd *rand.Rand) bool {
	pin := rnd.IntN(2) == 0
	s := k.ledger.begin(rnd, 1, action{"add --wait", func(e *entry) bool {
		return e.isOthers() && !e.large && (e.now.host == "" || e.now.canUndo() || e.now.isHere() && !e.now.complete)
	}, []func(*entry, standing) standing{
		func(e *entry, at standing) standing {
			if at.gone == engine.Remove {
				at.pinned, at.paused = false, false
			}
			at.host, at.content, at.gone, at.pinned = e.hosts()[0], e.versions[0], "", at.pinned || pin
			return at
		},
		func(_ *entry, at standing) standing { at.complete = true; return at },
	}})
	if s == nil {
		return false
	}
	args := []string{"add", "--wait", s.entries[0].hosts()[0]}
	if pin {
		args = append(args, "--pin")
	}
	k.end(s, k.run(func(line string) {
		if strings.HasPrefix(line, "added ") {
			k.ledger.reached(s, 1)
		}
	}, args...))
	return true
}

// publish makes a folder a site, or another version of the site that it is.
func (k *work) publish(rnd *rand.Rand) bool {
	var next *content
	s := k.ledger.begin(rnd, 1, action{"publish", (*entry).isOwn, []func(*entry, standing) standing{
		func(e *entry, at standing) standing {
			others := slices.DeleteFunc(slices.Clone(e.versions), func(c *content) bool { return c == at.content })
			next = others[rnd.IntN(len(others))]
			return e.published(at, next)
		},
	}})
	if s == nil {
		return false
	}
	e := s.entries[0]
	if e.now.isHere() {
		s.what = "publish again"
	}
	if err := next.write(e.dir); err != nil {
		k.t.Error(err)
		return false
	}
	args := []string{"publish", "--json", e.dir}
	if e.domain != "" {
		args = append(args, "--name", e.domain)
	}
	err := k.run(func(string) {}, args...)
	if err != nil && strings.Contains(err.Error(), "the same content is being fetched here") {
		k.ledger.undone(s) // What was published in this run is still being hashed, as all is after an end like this.
		return true
	}
	k.end(s, err)
	return true
}

// mostKept is how many former versions of a site are looked for: fewer than the program keeps.
const mostKept = 4

// published is what a site is when another version of it has been published.
func (e *entry) published(at standing, next *content) standing {
	if at.gone != "" { // It begins anew.
		at = standing{}
	}
	kept := slices.DeleteFunc(slices.Clone(at.kept), func(c *content) bool { return c == next })
	if at.content != nil {
		kept = append(kept, at.content)
	}
	at.kept = kept[max(0, len(kept)-mostKept):]
	at.host, at.content, at.pinned, at.complete = e.domain, next, true, true
	if e.domain == "" {
		at.host = next.infohash
	}
	return at
}

// write makes a folder hold the content, and writes only files that differ, as a person does.
func (c *content) write(dir string) error {
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

// verb does something over the control socket, to several sites at once where that can be.
func (k *work) verb(rnd *rand.Rand) bool {
	a, percent := verbs[rnd.IntN(len(verbs))], 1
	if rnd.IntN(2) == 0 { // In each round one of them is done more than the others.
		a, percent = verbs[k.round%uint64(len(verbs))], 5
	}
	if rnd.IntN(100) >= percent*a.percent {
		return true
	}
	change := func(e *entry, at standing) standing { a.change(e, &at); return at }
	s := k.ledger.begin(rnd, 1+rnd.IntN(a.most), action{a.what, a.fits, []func(*entry, standing) standing{change}})
	if s == nil {
		return false
	}
	var hosts []string
	for _, e := range s.entries {
		hosts = append(hosts, e.now.host)
	}
	asExpected, err := k.ask(s, hosts)
	if !asExpected {
		k.ledger.undone(s)
		return true
	}
	k.end(s, err)
	return true
}

// ask does what a step is. It reports false if that has changed nothing, and need not have.
func (k *work) ask(s *step, hosts []string) (asExpected bool, err error) {
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
		left, _ := s.entries[0].now.undoLeft()
		return left > 0 || engine.KindOf(err) != engine.NotFound, err // That took very long.
	}
	return true, k.client.Do(k.ctx, engine.Verb(s.what), hosts...)
}
