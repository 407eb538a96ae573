package pinlist

import (
	"context"

	"wtptui/engine"
)

// readSource reads the list if its source has changed since it was last read in this run.
func (f *Follower) readSource(ctx context.Context, l *followedList, st engineState) (changed bool, err error) {
	source := l.state.Order.Source
	if host := wtpHost(source); host != "" {
		return f.readSiteSource(ctx, l, host, st)
	}
	version, err := fileVersion(source)
	if err != nil {
		return false, err
	}
	// A file that has just changed may be half written. A new order need not wait: whoever gave it has seen the list,
	// unless it accepts an earlier reading.
	settled := version == l.lastVersion || version == l.state.Version || l.isNewOrder && l.state.Order.Accept == ""
	l.lastVersion = version
	if l.contents != nil && version == l.state.Version || !settled {
		return false, nil
	}
	list, err := readFile(source)
	if err != nil {
		return false, err
	}
	f.setContents(l, list, version, st)
	return true, nil
}

// readSiteSource adds the list's own site if necessary: without it there would be nothing to follow.
func (f *Follower) readSiteSource(ctx context.Context, l *followedList, host string, st engineState) (bool, error) {
	source := l.state.Order.Source
	site, there := st.sites[host]
	if !there {
		if _, err := f.cfg.Engine.Add(ctx, engine.AddRequest{Address: source}); err != nil {
			return false, err
		}
		return false, nil
	}
	l.lastVersion = site.Infohash
	if l.contents != nil && site.Infohash == l.state.Version {
		return false, nil
	}
	switch site.State {
	case engine.Downloading, engine.Seeding, engine.Paused:
	case engine.Failed:
		return false, &engine.Error{Op: "pin list", Kind: engine.Unavailable, Msg: host + ": " + site.Error}
	default:
		f.setWaiting(l, "waits for "+host+": "+site.Awaiting)
		return false, nil // The next poll continues.
	}
	list, err := fetchList(ctx, source, site)
	if err != nil {
		return false, err
	}
	// The list's own site comes first, so that no limit excludes it.
	own := List{Entries: []Entry{{host, "wtp://" + host + "/"}}, BadLines: list.BadLines, Skipped: list.Skipped}
	for _, e := range list.Entries {
		if e.Host != host {
			own.Entries = append(own.Entries, e)
		}
	}
	f.setContents(l, own, site.Infohash, st)
	return true, nil
}

// setWaiting stores what the list waits for, which is not a failure.
func (f *Follower) setWaiting(l *followedList, what string) {
	if l.state.Error != what {
		l.state.Error = what
		f.saveState(l)
	}
}

func (f *Follower) setContents(l *followedList, list List, version string, st engineState) {
	l.contents = &list
	l.state.Version, l.state.ReadAt = version, st.now
	l.state.Sites, l.state.Skipped, l.state.BadLines = len(list.Entries), list.Skipped, list.BadLines
	l.state.Applied = false
	if list.Skipped > 0 {
		f.cfg.Log.Warn("lines of a pin list name no site", "list", l.state.Order.Source, "lines", list.Skipped, "first",
			list.BadLines[0].Line)
	}
}
