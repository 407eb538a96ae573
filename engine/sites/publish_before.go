package sites

import (
	"cmp"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/publish"
)

// findFormer finds the publication that the folder, or the name, had before.
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
			job.name = names[0] // the folder is already published under it
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
	// Its data is not a copy of ours, or not read yet, as right after a start. Its files are known all the same.
	if job.former != nil && job.former.Dir == job.dir && job.former.Infohash == job.served {
		stamps = job.former.Stamps
	}
	job.compared, err = job.readVersion(job.served, stamps)
	return err
}

// readVersion reads the list of files of a version; nil if infohash is empty or the list is unknown.
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

// hostsOf returns the hosts that a folder is published as: the one that is an infohash, if any, and the names. Hosts
// for which isUnderWay returns false are left out.
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

// findBase sets the version that the folder is compared with: what the site serves if that is complete, or else the
// newest one. It returns the times of its files if they are usable.
func (job *publishJob) findBase(st *state) (stamps []int64) {
	if s := st.roster.findAnywhere(job.former.Host); s != nil {
		job.served = s.row.Infohash
	}
	sameFolder := job.former.Dir == job.dir
	switch {
	case job.former.InPlace && job.req.InPlace && sameFolder:
		job.base = job.former.Infohash
	case job.former.InPlace: // there is no copy
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

// isComplete reports whether a torrent is in the swarm and complete.
func (m *membership) isComplete(infohash string) bool {
	t := m.torrents.byHash[infohash]
	return t != nil && t.complete
}
