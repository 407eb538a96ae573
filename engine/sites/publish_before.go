package sites

import (
	"cmp"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/publish"
)

// findFormer finds out what the folder, or the name, was published as before.
func (job *publishJob) findFormer() error {
	var stamps []int64
	err := job.p.withState(job.op, job.name, func(st *state) error {
		unnamed, names := st.own.hostsOf(job.dir, func(host string) bool { return st.continuedSite(host) != nil })
		switch {
		case job.name == "" && job.req.Key != "":
			job.name = job.hostOfKey(st, names)
		case job.name == "" && len(names) > 1:
			return &engine.Error{
				Op: job.op, Kind: engine.Invalid,
				Msg: "the folder is published as " + strings.Join(names, " and ") + ": name the one that is to have a new version",
			}
		case job.name == "" && len(names) == 1:
			job.name = names[0] // the folder has a name already
		}
		if _, published := st.own.byHost[job.name]; engine.IsKey(job.name) && job.req.Key == "" && !published {
			return errNameIsKey(job.op)
		}
		p, ok := st.own.byHost[cmp.Or(job.name, unnamed)]
		if !ok || st.continuedSite(p.Host) == nil {
			p, ok = st.own.byHost[unnamed]
		}
		if ok {
			job.former = &p
			stamps = job.findBase(st)
		}
		return nil
	})
	if err == nil {
		err = job.findFormerKey()
	}
	if err != nil {
		return err
	}
	if job.previous, err = job.readVersion(job.base, stamps); err != nil {
		return err
	}
	if job.compared = job.previous; job.compared != nil {
		return nil
	}
	job.base = ""
	// Its data is not ours, or not read yet, as right after a start; what is in it is known all the same.
	if job.former != nil && job.former.Dir == job.dir && job.former.Infohash == job.served {
		stamps = job.former.Stamps
	}
	job.compared, err = job.readVersion(job.served, stamps)
	return err
}

// readVersion reads what files a version has; nil for none, and for one that is not known.
func (job *publishJob) readVersion(infohash string, stamps []int64) (*publish.Previous, error) {
	if infohash == "" {
		return nil, nil
	}
	info, err := job.p.cfg.Store.Info(infohash)
	if err != nil || info == nil {
		return nil, err
	}
	return publish.ReadPrevious(info, stamps)
}

// of gives the sites that a folder is: the one that is named by its infohash, if any, and those that are named by
// domains; of all of them those that go on.
func (p *publications) hostsOf(dir string, goesOn func(host string) bool) (unnamed string, names []string) {
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
func (job *publishJob) findBase(st *state) (stamps []int64) {
	if s := st.roster.findAnywhere(job.former.Host); s != nil {
		job.served = s.row.Infohash
	}
	sameFolder := job.former.Dir == job.dir
	switch {
	case job.former.InPlace && job.req.InPlace && sameFolder:
		job.base = job.former.Infohash
	case job.former.InPlace: // nothing of it is ours
	case st.swarm.isComplete(job.served):
		job.base = job.served
	case st.swarm.isComplete(job.former.Infohash):
		job.base = job.former.Infohash
	}
	if sameFolder && job.base == job.former.Infohash {
		stamps = job.former.Stamps
	}
	return stamps
}

// isComplete says that a torrent is in the swarm, and all of it here.
func (m *membership) isComplete(infohash string) bool {
	t := m.torrents.byHash[infohash]
	return t != nil && t.complete
}
