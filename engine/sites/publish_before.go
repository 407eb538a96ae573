package sites

import (
	"cmp"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/publish"
)

// lookBack finds out what the folder, or the name, was published as before.
func (ed *edition) lookBack() error {
	unnamed, names := ed.publishedBefore()
	if ed.name == "" && len(names) > 1 {
		return &engine.Error{Op: ed.op, Kind: engine.Invalid, Msg: "the folder is published as " + strings.Join(names, " and ") + ": name the one that is to have a new version"}
	}
	if ed.name == "" && len(names) == 1 {
		ed.name = names[0] // the folder has a name already
	}
	ed.e.mu.Lock()
	p, ok := ed.e.published[cmp.Or(ed.name, unnamed)]
	if !ok {
		p, ok = ed.e.published[unnamed]
	}
	ed.e.mu.Unlock()
	if !ok {
		return nil
	}
	ed.former = &p
	return ed.findBase()
}

// publishedBefore gives the sites that the folder is: the one that is named by its infohash, if any, and those that are
// named by domains.
func (ed *edition) publishedBefore() (unnamed string, names []string) {
	ed.e.mu.Lock()
	defer ed.e.mu.Unlock()
	for host, p := range ed.e.published {
		switch {
		case p.Dir != ed.dir:
		case engine.IsInfohash(host):
			unnamed = host
		default:
			names = append(names, host)
		}
	}
	slices.Sort(names)
	return unnamed, names
}

// findBase picks the version with which the folder is compared: the newest one if it is still here, or else what the
// site serves.
func (ed *edition) findBase() error {
	e := ed.e
	e.mu.Lock()
	if s := e.siteOrEvicted(ed.former.Host); s != nil {
		ed.current = s.row.Infohash
	}
	e.mu.Unlock()
	var stamps []int64
	e.membership.Lock()
	switch {
	case ed.former.InPlace && ed.req.InPlace && ed.former.Dir == ed.dir:
		ed.base, stamps = ed.former.Infohash, ed.former.Stamps
	case ed.former.InPlace: // nothing of it is ours
	case e.isHere(ed.former.Infohash):
		ed.base = ed.former.Infohash
		if ed.former.Dir == ed.dir {
			stamps = ed.former.Stamps
		}
	case e.isHere(ed.current):
		ed.base = ed.current
	}
	e.membership.Unlock()
	if ed.base == "" {
		return nil
	}
	info, err := e.cfg.Store.Info(ed.base)
	if err != nil || info == nil {
		ed.base = ""
		return err
	}
	ed.previous, err = publish.ReadPrevious(info, stamps)
	return err
}

func (e *Engine) isHere(infohash string) bool {
	there, complete := e.hasTorrent(infohash)
	return there && complete
}
