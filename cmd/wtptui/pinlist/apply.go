package pinlist

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"wtptui/engine"
)

// apply pins what is on the list and unpins what has left it, unless that is held back. The state is written before
// anything is pinned and after anything is unpinned, so that whatever cuts this short, the next run knows which pins
// are the list's.
func (f *Follower) apply(ctx context.Context, l *following, w world) error {
	wanted := f.wanted(l, w)
	before := maps.Clone(l.state.Marks)
	var toPin []Entry
	for _, e := range wanted {
		site, there := w.sites[e.Host]
		switch l.state.Marks[e.Host] {
		case Ours, Theirs, Meanwhile: // Whoever unpins it by hand now means it.
		case Intended:
			if there && site.Pinned { // An earlier run got as far as that.
				l.state.Marks[e.Host] = l.ownMark()
				continue
			}
			toPin = append(toPin, e)
		default:
			if there && site.Pinned {
				l.state.Marks[e.Host] = Theirs
				continue
			}
			l.state.Marks[e.Host] = Intended
			toPin = append(toPin, e)
		}
	}
	if !maps.Equal(before, l.state.Marks) && !f.save(l) {
		return &engine.Error{Op: "pin list", Kind: engine.Unavailable, Msg: "the state of the list cannot be written: is the disk full?"}
	}
	failed := f.pin(ctx, l, toPin)
	f.release(ctx, l, wanted, w)
	if err := ctx.Err(); err != nil {
		return err
	}
	l.state.Pinned, l.state.LeftOut = 0, len(l.list.Entries)-len(wanted)
	for _, mark := range l.state.Marks {
		if mark != Intended {
			l.state.Pinned++
		}
	}
	l.state.Applied = failed == nil
	if failed == nil {
		l.state.Error, l.state.Failures = "", 0
		switch {
		case l.isShared():
			l.state.Error = l.sayNoRoom()
		case l.state.LeftOut > 0:
			l.state.Error = fmt.Sprintf("%d sites are left out: over the limit of %s", l.state.LeftOut, l.limits())
		case l.state.Held == nil && l.namedSites() == 0:
			l.state.Error = "the list names no site"
		}
	}
	f.saveChanged(l)
	return failed
}

// saveChanged writes the state unless the file has it already.
func (f *Follower) saveChanged(l *following) {
	if !sameState(l.saved, l.state) {
		f.save(l)
	}
}

func sameState(a, b State) bool {
	return a.Order == b.Order && a.ReadAt.Equal(b.ReadAt) && a.Error == b.Error && a.Applied == b.Applied &&
		a.Failures == b.Failures && a.Pinned == b.Pinned && a.LeftOut == b.LeftOut &&
		a.Reading == b.Reading && a.Held == b.Held && maps.Equal(a.Marks, b.Marks) && maps.Equal(a.Sizes, b.Sizes) &&
		maps.EqualFunc(a.Counts, b.Counts, Count.equal)
}

func (l *following) limits() string {
	o := l.state.Order
	switch {
	case o.MaxSize == 0:
		return fmt.Sprintf("%d sites", o.MaxSites)
	case o.MaxSites == 0:
		return fmt.Sprintf("%d bytes", o.MaxSize)
	}
	return fmt.Sprintf("%d sites or %d bytes", o.MaxSites, o.MaxSize)
}

// wanted returns the entries that are to be pinned.
func (f *Follower) wanted(l *following, w world) []Entry {
	if l.isShared() {
		return l.share(w, f.counts.every(l), func(host string) bool { return f.otherList(l.state.Order.Source, host) != nil })
	}
	return l.choose(w, l.kept())
}

// choose returns the entries that the limits leave, in the order of the list. The sites that are kept count first,
// whether the list names them or not. A site whose size is not known yet counts as nothing, and may turn out not to
// fit.
func (l *following) choose(w world, kept map[string]bool) []Entry {
	o := l.state.Order
	wanted := make([]Entry, 0, len(l.list.Entries))
	sites, total := len(kept), int64(0)
	for host := range kept {
		total += l.size(host, w)
	}
	for _, e := range l.list.Entries {
		if kept[e.Host] {
			wanted = append(wanted, e)
			continue
		}
		size := l.size(e.Host, w)
		if o.MaxSites > 0 && sites >= o.MaxSites || o.MaxSize > 0 && size > o.MaxSize-total {
			continue
		}
		sites, total = sites+1, total+size
		wanted = append(wanted, e)
	}
	return wanted
}

// size returns how many bytes a site has, as far as that has ever been known, and remembers it.
func (l *following) size(host string, w world) int64 {
	if site, there := w.sites[host]; there && site.Size >= 0 {
		l.state.Sizes[host] = site.Size
	}
	return l.state.Sizes[host]
}

// pin pins what is intended, all of it even where some fails.
func (f *Follower) pin(ctx context.Context, l *following, entries []Entry) (failed error) {
	n := 0
	for _, e := range entries {
		if ctx.Err() != nil {
			return failed
		}
		if _, err := f.cfg.Engine.Add(ctx, engine.AddRequest{Address: e.Address, Pin: true}); err != nil {
			if failed == nil {
				failed = &engine.Error{Op: "pin list", Host: e.Host, Kind: engine.KindOf(err), Err: err, Msg: "cannot pin " + e.Host + ": " + engine.Message(err)}
			}
			continue
		}
		l.state.Marks[e.Host] = l.ownMark()
		n++
	}
	if n > 0 {
		f.cfg.Log.Info("pin list", "list", l.state.Order.Source, "pinned", n)
	}
	return failed
}

// release lets go of what is not wanted any more. An order to pin a list once takes back only what a limit leaves out.
func (f *Follower) release(ctx context.Context, l *following, wanted []Entry, w world) {
	keep, onList := hostsOf(wanted), hostsOf(l.list.Entries)
	maps.Copy(keep, l.kept())
	n := 0
	for _, host := range slices.Sorted(maps.Keys(l.state.Marks)) {
		mark := l.state.Marks[host]
		switch {
		case ctx.Err() != nil:
		case keep[host]:
			if mark == Meanwhile {
				l.state.Marks[host] = l.ownMark()
			}
		case mark == Theirs, !l.state.Order.Follow && !onList[host]:
			delete(l.state.Marks, host)
		case f.letGo(ctx, l.state.Order.Source, host, w.sites):
			delete(l.state.Marks, host)
			n++
		}
	}
	maps.DeleteFunc(l.state.Sizes, func(host string, _ int64) bool { return !onList[host] && l.state.Marks[host] == "" })
	if n > 0 {
		f.cfg.Log.Info("pin list", "list", l.state.Order.Source, "unpinned", n)
	}
}

// letGo unpins a site that a list has pinned, or leaves it to another list that has it too. It says whether that is
// done.
func (f *Follower) letGo(ctx context.Context, source, host string, sites map[string]engine.Site) bool {
	if other := f.otherList(source, host); other != nil {
		if other.state.Marks[host] == Theirs {
			other.state.Marks[host] = Ours
			f.save(other)
		}
		return true
	}
	if site, there := sites[host]; there && !site.Pinned {
		return true
	}
	err := f.cfg.Engine.Do(ctx, engine.Unpin, host)
	if err != nil && engine.KindOf(err) != engine.NotFound {
		f.cfg.Log.Warn("pin list", "list", source, "host", host, "error", engine.Message(err))
		return false
	}
	return true
}

// otherList returns another list that has a site too, or nil.
func (f *Follower) otherList(source, host string) *following {
	for other, l := range f.lists {
		if other != source && l.state.Marks[host] != "" {
			return l
		}
	}
	return nil
}

func hostsOf(entries []Entry) map[string]bool {
	hosts := make(map[string]bool, len(entries))
	for _, e := range entries {
		hosts[e.Host] = true
	}
	return hosts
}

// end takes back what a cancelled list has pinned.
func (f *Follower) end(ctx context.Context, s State) {
	delete(f.lists, s.Order.Source)
	for _, host := range slices.Sorted(maps.Keys(s.Marks)) {
		if s.Marks[host] != Theirs && !f.letGo(ctx, s.Order.Source, host, nil) {
			return // The next look goes on with it.
		}
	}
	f.drop(s.Order.Source)
	f.cfg.Log.Info("pin list ended", "list", s.Order.Source)
}

func (f *Follower) drop(source string) {
	if err := f.cfg.Folder.dropState(source); err != nil {
		f.cfg.Log.Warn("pin list", "list", source, "error", err)
	}
}
