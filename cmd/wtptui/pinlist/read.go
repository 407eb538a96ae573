package pinlist

import (
	"context"

	"wtptui/engine"
)

// read reads the list if its source has changed since it was read last, in this run.
func (f *Follower) read(ctx context.Context, l *following, w world) (changed bool, err error) {
	source := l.state.Order.Source
	if host := wtpHost(source); host != "" {
		return f.readSite(ctx, l, host, w)
	}
	version, err := fileVersion(source)
	if err != nil {
		return false, err
	}
	// One that has just changed may be half written. A new order need not wait: whoever gave it has seen the list,
	// unless it accepts what the list said before.
	settled := version == l.seen || version == l.state.Version || l.fresh && l.state.Order.Accept == ""
	l.seen = version
	if l.list != nil && version == l.state.Version || !settled {
		return false, nil
	}
	list, err := readFile(source)
	if err != nil {
		return false, err
	}
	f.take(l, list, version, w)
	return true, nil
}

// readSite keeps the list's own site too: without it there would be nothing to follow.
func (f *Follower) readSite(ctx context.Context, l *following, host string, w world) (bool, error) {
	source := l.state.Order.Source
	site, there := w.sites[host]
	if !there {
		if _, err := f.cfg.Engine.Add(ctx, engine.AddRequest{Address: source}); err != nil {
			return false, err
		}
		return false, nil
	}
	l.seen = site.Infohash
	if l.list != nil && site.Infohash == l.state.Version {
		return false, nil
	}
	switch site.State {
	case engine.Downloading, engine.Seeding, engine.Paused:
	case engine.Failed:
		return false, &engine.Error{Op: "pin list", Kind: engine.Unavailable, Msg: host + ": " + site.Error}
	default:
		f.note(l, "waits for "+host+": "+site.Awaiting)
		return false, nil // The next look finds it further on.
	}
	list, err := readSite(ctx, source, site)
	if err != nil {
		return false, err
	}
	// The list's own site comes first, so that no limit leaves it out.
	own := List{Entries: []Entry{{host, "wtp://" + host + "/"}}, Rubbish: list.Rubbish, Skipped: list.Skipped}
	for _, e := range list.Entries {
		if e.Host != host {
			own.Entries = append(own.Entries, e)
		}
	}
	f.take(l, own, site.Infohash, w)
	return true, nil
}

// note says what is waited for, without that being a failure.
func (f *Follower) note(l *following, what string) {
	if l.state.Error != what {
		l.state.Error = what
		f.save(l)
	}
}

func (f *Follower) take(l *following, list List, version string, w world) {
	l.list = &list
	l.state.Version, l.state.ReadAt = version, w.now
	l.state.Sites, l.state.Skipped, l.state.Rubbish = len(list.Entries), list.Skipped, list.Rubbish
	l.state.Applied = false
	if list.Skipped > 0 {
		f.cfg.Log.Warn("lines of a pin list name no site", "list", l.state.Order.Source, "lines", list.Skipped, "first", list.Rubbish[0].Line)
	}
}
