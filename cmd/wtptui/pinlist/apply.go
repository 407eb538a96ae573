package pinlist

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"wtptui/engine"
)

// apply pins what is on the list and unpins what has left it, unless the reading is held back. The state is written
// before anything is pinned and after anything is unpinned, so that after a crash the next run knows which pins are
// the list's.
func (f *Follower) apply(ctx context.Context, l *followedList, st engineState) error {
	wanted := f.chooseEntries(l, st)
	before := maps.Clone(l.state.Marks)
	var toPin []Entry
	for _, e := range wanted {
		site, there := st.sites[e.Host]
		switch l.state.Marks[e.Host] {
		case Ours, Theirs, Meanwhile: // If one is unpinned by hand now, that is a decision.
		case Intended:
			if there && site.Pinned { // An earlier run has pinned it, and was interrupted.
				l.state.Marks[e.Host] = l.pinMark()
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
	if !maps.Equal(before, l.state.Marks) && !f.saveState(l) {
		return &engine.Error{
			Op: "pin list", Kind: engine.Unavailable, Msg: "the state of the list cannot be written: is the disk full?",
		}
	}
	failed := f.pinEntries(ctx, l, toPin)
	f.releaseUnwanted(ctx, l, wanted, st)
	if err := ctx.Err(); err != nil {
		return err
	}
	l.state.Pinned, l.state.LeftOut = 0, len(l.contents.Entries)-len(wanted)
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
			l.state.Error = l.noRoomText()
		case l.state.LeftOut > 0:
			l.state.Error = fmt.Sprintf("%d sites are left out: over the limit of %s", l.state.LeftOut, l.limitsText())
		case l.state.Held == nil && l.countNamedSites() == 0:
			l.state.Error = "the list names no site"
		}
	}
	f.saveIfChanged(l)
	return failed
}

// saveIfChanged writes the state unless the file has it already.
func (f *Follower) saveIfChanged(l *followedList) {
	if !equalStates(l.savedState, l.state) {
		f.saveState(l)
	}
}

func equalStates(a, b State) bool {
	return a.Order == b.Order && a.ReadAt.Equal(b.ReadAt) && a.Error == b.Error && a.Applied == b.Applied &&
		a.Failures == b.Failures && a.Pinned == b.Pinned && a.LeftOut == b.LeftOut &&
		a.Reading == b.Reading && a.Held == b.Held && maps.Equal(a.Marks, b.Marks) && maps.Equal(a.Sizes, b.Sizes) &&
		maps.EqualFunc(a.Counts, b.Counts, Count.equal)
}

func (l *followedList) limitsText() string {
	o := l.state.Order
	switch {
	case o.MaxSize == 0:
		return fmt.Sprintf("%d sites", o.MaxSites)
	case o.MaxSites == 0:
		return fmt.Sprintf("%d bytes", o.MaxSize)
	}
	return fmt.Sprintf("%d sites or %d bytes", o.MaxSites, o.MaxSize)
}

// chooseEntries returns the entries that are to be pinned.
func (f *Follower) chooseEntries(l *followedList, st engineState) []Entry {
	if l.isShared() {
		return l.chooseShared(st, f.counts.interval(l), func(host string) bool {
			return f.otherList(l.state.Order.Source, host) != nil
		})
	}
	return l.chooseWithinLimits(st, l.heldPins())
}

// chooseWithinLimits returns the entries that fit into the limits, in the order of the list. The kept sites count
// first, even if the list does not name them. A site of unknown size counts as 0 bytes, and may turn out not to fit.
func (l *followedList) chooseWithinLimits(st engineState, kept map[string]bool) []Entry {
	o := l.state.Order
	wanted := make([]Entry, 0, len(l.contents.Entries))
	sites, total := len(kept), int64(0)
	for host := range kept {
		total += l.knownSize(host, st)
	}
	for _, e := range l.contents.Entries {
		if kept[e.Host] {
			wanted = append(wanted, e)
			continue
		}
		size := l.knownSize(e.Host, st)
		if o.MaxSites > 0 && sites >= o.MaxSites || o.MaxSize > 0 && size > o.MaxSize-total {
			continue
		}
		sites, total = sites+1, total+size
		wanted = append(wanted, e)
	}
	return wanted
}

// knownSize returns how many bytes a site has, as far as that has ever been known, and remembers it.
func (l *followedList) knownSize(host string, st engineState) int64 {
	if site, there := st.sites[host]; there && site.Size >= 0 {
		l.state.Sizes[host] = site.Size
	}
	return l.state.Sizes[host]
}

// pinEntries pins these entries. If one fails, it continues, and returns the first error.
func (f *Follower) pinEntries(ctx context.Context, l *followedList, entries []Entry) (failed error) {
	n := 0
	for _, e := range entries {
		if ctx.Err() != nil {
			return failed
		}
		if _, err := f.cfg.Engine.Add(ctx, engine.AddRequest{Address: e.Address, Pin: true}); err != nil {
			if failed == nil {
				failed = &engine.Error{
					Op: "pin list", Host: e.Host, Kind: engine.KindOf(err), Err: err,
					Msg: "cannot pin " + e.Host + ": " + engine.Message(err),
				}
			}
			continue
		}
		l.state.Marks[e.Host] = l.pinMark()
		n++
	}
	if n > 0 {
		f.cfg.Log.Info("pin list", "list", l.state.Order.Source, "pinned", n)
	}
	return failed
}

// releaseUnwanted unpins what is not wanted any more. Without Order.Follow, only sites over a limit are unpinned.
func (f *Follower) releaseUnwanted(ctx context.Context, l *followedList, wanted []Entry, st engineState) {
	keep, onList := hostSet(wanted), hostSet(l.contents.Entries)
	maps.Copy(keep, l.heldPins())
	n := 0
	for _, host := range slices.Sorted(maps.Keys(l.state.Marks)) {
		mark := l.state.Marks[host]
		switch {
		case ctx.Err() != nil:
		case keep[host]:
			if mark == Meanwhile {
				l.state.Marks[host] = l.pinMark()
			}
		case mark == Theirs, !l.state.Order.Follow && !onList[host]:
			delete(l.state.Marks, host)
		case f.unpin(ctx, l.state.Order.Source, host, st.sites):
			delete(l.state.Marks, host)
			n++
		}
	}
	maps.DeleteFunc(l.state.Sizes, func(host string, _ int64) bool { return !onList[host] && l.state.Marks[host] == "" })
	if n > 0 {
		f.cfg.Log.Info("pin list", "list", l.state.Order.Source, "unpinned", n)
	}
}

// unpin unpins a site that a list has pinned, or leaves the pin to another list that has the site too. It reports
// whether that succeeded.
func (f *Follower) unpin(ctx context.Context, source, host string, sites map[string]engine.Site) bool {
	if other := f.otherList(source, host); other != nil {
		if other.state.Marks[host] == Theirs {
			other.state.Marks[host] = Ours
			f.saveState(other)
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
func (f *Follower) otherList(source, host string) *followedList {
	for other, l := range f.lists {
		if other != source && l.state.Marks[host] != "" {
			return l
		}
	}
	return nil
}

func hostSet(entries []Entry) map[string]bool {
	hosts := make(map[string]bool, len(entries))
	for _, e := range entries {
		hosts[e.Host] = true
	}
	return hosts
}

// unpinCancelled unpins what a cancelled list has pinned.
func (f *Follower) unpinCancelled(ctx context.Context, s State) {
	delete(f.lists, s.Order.Source)
	for _, host := range slices.Sorted(maps.Keys(s.Marks)) {
		if s.Marks[host] != Theirs && !f.unpin(ctx, s.Order.Source, host, nil) {
			return // The next poll continues.
		}
	}
	f.removeState(s.Order.Source)
	f.cfg.Log.Info("pin list ended", "list", s.Order.Source)
}

func (f *Follower) removeState(source string) {
	if err := f.cfg.Folder.removeState(source); err != nil {
		f.cfg.Log.Warn("pin list", "list", source, "error", err)
	}
}
