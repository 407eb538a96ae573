package sites

import (
	"wtptui/engine"
)

// roster has all sites by host: those that are here, and those that lie in the bin.
type roster struct {
	here, binned map[string]*site
}

func newRoster() *roster {
	return &roster{here: map[string]*site{}, binned: map[string]*site{}}
}

// find gives the site, or an error that says that there is none.
func (r *roster) find(op, host string) (*site, error) {
	if s := r.here[host]; s != nil {
		return s, nil
	}
	return nil, engine.RefuseMissing(op, host, r.binned[host] != nil)
}

// either gives the site, here or in the bin, or nil.
func (r *roster) findAnywhere(host string) *site {
	if s := r.here[host]; s != nil {
		return s
	}
	return r.binned[host]
}

// has says that the site is here still, and was not replaced by another one of its host.
func (r *roster) isHere(s *site) bool { return r.here[s.row.Host] == s }

// remove takes the site away for good.
func (r *roster) remove(s *site) {
	s.deleted = true
	host := s.row.Host
	if r.here[host] == s {
		delete(r.here, host)
	}
	if r.binned[host] == s {
		delete(r.binned, host)
	}
}

// pick gives the sites of a group that a condition holds for.
func selectSites(group map[string]*site, condition func(*site) bool) []*site {
	var picked []*site
	for _, s := range group {
		if condition(s) {
			picked = append(picked, s)
		}
	}
	return picked
}

// references are the infohashes of all versions that a site has, is to have, or could have back.
func (r *roster) referenced() map[string]bool {
	refs := make(map[string]bool, len(r.here))
	for _, group := range []map[string]*site{r.here, r.binned} {
		for _, s := range group {
			refs[s.row.Infohash] = true
			for _, h := range s.otherInfohashes() {
				refs[h] = true
			}
		}
	}
	return refs
}
