package announce

import "time"

// currentState returns the entry's state with the time of its next announce.
func (e *entry) currentState() State {
	s := e.state
	s.Next = e.when
	if e.running {
		s.Status, s.Next = Announcing, time.Time{}
	}
	return s
}

// Total returns the latest state of each tracker, in no order: Seeds, Leechers and Peers are sums over the torrents,
// and Next is the earliest. It visits all torrents and trackers.
func (a *Announcer) Total() []State {
	a.mu.Lock()
	defer a.mu.Unlock()
	sums := make(map[*tracker]*State, len(a.trackers))
	for _, entries := range a.torrents {
		for _, e := range entries {
			s := e.currentState()
			if sum := sums[e.tracker]; sum != nil {
				sum.add(s)
			} else {
				first := s
				sums[e.tracker] = &first
			}
		}
	}
	total := make([]State, 0, len(sums))
	for _, s := range sums {
		total = append(total, *s)
	}
	return total
}

// add adds the state of one more torrent.
func (s *State) add(t State) {
	s.Seeds, s.Leechers = addCount(s.Seeds, t.Seeds), addCount(s.Leechers, t.Leechers)
	s.Peers += t.Peers
	if s.Last.Before(t.Last) || s.Last.IsZero() {
		s.Last, s.Status, s.Err, s.Warning = t.Last, t.Status, t.Err, t.Warning
	}
	if s.Next.IsZero() || !t.Next.IsZero() && t.Next.Before(s.Next) {
		s.Next = t.Next
	}
}

// addCount adds counts, where -1 means unknown.
func addCount(a, b int) int {
	if a < 0 || b < 0 {
		return max(a, b)
	}
	return a + b
}
