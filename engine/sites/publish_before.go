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
	var stamps []int64
	err := ed.p.ask(ed.op, ed.name, func(st *state) error {
		unnamed, names := st.own.of(ed.dir, func(host string) bool { return st.continues(host) != nil })
		switch {
		case ed.name == "" && ed.req.Key != "":
			ed.name = ed.hostOfKey(st, names)
		case ed.name == "" && len(names) > 1:
			return &engine.Error{
				Op: ed.op, Kind: engine.Invalid,
				Msg: "the folder is published as " + strings.Join(names, " and ") + ": name the one that is to have a new version",
			}
		case ed.name == "" && len(names) == 1:
			ed.name = names[0] // the folder has a name already
		}
		if _, published := st.own.byHost[ed.name]; engine.IsKey(ed.name) && ed.req.Key == "" && !published {
			return errNameIsKey(ed.op)
		}
		p, ok := st.own.byHost[cmp.Or(ed.name, unnamed)]
		if !ok || st.continues(p.Host) == nil {
			p, ok = st.own.byHost[unnamed]
		}
		if ok {
			ed.former = &p
			stamps = ed.findBase(st)
		}
		return nil
	})
	if err == nil {
		err = ed.findFormerKey()
	}
	if err != nil {
		return err
	}
	if ed.previous, err = ed.readVersion(ed.base, stamps); err != nil {
		return err
	}
	if ed.live = ed.previous; ed.live != nil {
		return nil
	}
	ed.base = ""
	// Its data is not ours, or not read yet, as right after a start; what is in it is known all the same.
	if ed.former != nil && ed.former.Dir == ed.dir && ed.former.Infohash == ed.current {
		stamps = ed.former.Stamps
	}
	ed.live, err = ed.readVersion(ed.current, stamps)
	return err
}

// readVersion reads what files a version has; nil for none, and for one that is not known.
func (ed *edition) readVersion(infohash string, stamps []int64) (*publish.Previous, error) {
	if infohash == "" {
		return nil, nil
	}
	info, err := ed.p.cfg.Store.Info(infohash)
	if err != nil || info == nil {
		return nil, err
	}
	return publish.ReadPrevious(info, stamps)
}

// of gives the sites that a folder is: the one that is named by its infohash, if any, and those that are named by
// domains; of all of them those that go on.
func (p *publications) of(dir string, goesOn func(host string) bool) (unnamed string, names []string) {
	for host, r := range p.byHost {
		switch {
		case r.Dir != dir || !goesOn(host):
		case engine.IsInfohash(host):
			unnamed = host
		default:
			names = append(names, host)
		}
	}
	slices.Sort(names)
	return unnamed, names
}

// findBase picks the version with which the folder is compared, what the site serves if all of it is here, or else the
// newest one; and returns the times of its files where they say something.
func (ed *edition) findBase(st *state) (stamps []int64) {
	if s := st.roster.either(ed.former.Host); s != nil {
		ed.current = s.row.Infohash
	}
	sameFolder := ed.former.Dir == ed.dir
	switch {
	case ed.former.InPlace && ed.req.InPlace && sameFolder:
		ed.base = ed.former.Infohash
	case ed.former.InPlace: // nothing of it is ours
	case st.swarm.isWhole(ed.current):
		ed.base = ed.current
	case st.swarm.isWhole(ed.former.Infohash):
		ed.base = ed.former.Infohash
	}
	if sameFolder && ed.base == ed.former.Infohash {
		stamps = ed.former.Stamps
	}
	return stamps
}

// isWhole says that a torrent is in the swarm, and all of it here.
func (m *membership) isWhole(infohash string) bool {
	t := m.torrents.byHash[infohash]
	return t != nil && t.complete
}
