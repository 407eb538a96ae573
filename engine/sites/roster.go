package sites

import (
	"wtptui/engine"
)

// roster has all sites by host: those that are here and those in the bin.
type roster struct {
	here, binned map[string]*site
}

func newRoster() *roster {
	return &roster{here: map[string]*site{}, binned: map[string]*site{}}
}

// find returns the site. The error says that it is not here, or that it is in the bin.
func (r *roster) find(op, host string) (*site, error) {
	if s := r.here[host]; s != nil {
		return s, nil
	}
	return nil, engine.MissingSiteError(op, host, r.binned[host] != nil)
}

// findAnywhere returns the site, here or in the bin; nil if there is none.
func (r *roster) findAnywhere(host string) *site {
	if s := r.here[host]; s != nil {
		return s
	}
	return r.binned[host]
}

// isHere reports whether the site is still here and has not been replaced by another one with the same host.
func (r *roster) isHere(s *site) bool { return r.here[s.row.Host] == s }

// remove removes the site for good.
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

// selectSites returns the sites of a group that meet a condition.
func selectSites(group map[string]*site, condition func(*site) bool) []*site {
	var picked []*site
	for _, s := range group {
		if condition(s) {
			picked = append(picked, s)
		}
	}
	return picked
}

// referenced returns the infohashes of all versions that a site serves, fetches, keeps or could bring back from the
// bin.
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
