package sites

import (
	"net/url"
	"strings"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// maxTried is how many lines engine.WaitStatus has room for.
const maxTried = 6

// WaitStatus returns what a request for a site waits for now; the zero value for a site that is not here. It is cheap,
// since waiting pages call it several times a second.
func (e *Engine) WaitStatus(host string) engine.WaitStatus {
	var w engine.WaitStatus
	var joined swarm.Torrent
	_ = e.withState("sites: wait status", host, func(st *state) error { // An engine that is stopping waits for nothing.
		s := st.roster.here[host]
		if s == nil {
			return nil
		}
		if !s.isComplete() {
			w.Text = s.describeAwaited(st.clock.Now())
		}
		if !engine.IsInfohash(host) {
			asked := "DHT"
			if !s.isKey {
				asked = describeServers(st.poll.resolvers)
			}
			w.Tried = append(w.Tried, s.name.describeTried(asked, s.torrent != nil))
		}
		if t := s.torrent; t != nil {
			w.Peers, w.Seeds, w.Rate = t.stats.Peers, t.stats.Seeds, t.down.rate()
			joined = t.joined
		}
		return nil
	})
	if joined != nil && w.Text != "" {
		w.Tried = append(w.Tried, joined.DiscoveryStatus()...)
	}
	w.Tried = w.Tried[:min(len(w.Tried), maxTried)]
	return w
}

// describeServers returns which servers are queried for domains, as text.
func describeServers(resolvers []engine.Resolver) string {
	var names []string
	for _, r := range resolvers {
		if u, err := url.Parse(r.URL); err == nil && u.Host != "" && len(names) < 3 {
			names = append(names, u.Host)
		}
	}
	if len(names) == 0 {
		return "DNS"
	}
	return "DNS: " + strings.Join(names, ", ")
}

// describeTried returns what has been done to find out where the domain or key points. queried names who is asked;
// known reports whether it has named a torrent.
func (l *nameLookup) describeTried(queried string, known bool) string {
	switch {
	case l.running:
		queried += " asked, no answer yet"
	case l.err != nil:
		queried += ": " + engine.Message(l.err)
	case known:
		queried += " named its torrent"
	default:
		queried += " not asked yet"
	}
	return engine.Clean(queried)
}
