package fleet

import (
	"slices"

	"wtptui/engine"
)

// merger merges the snapshots of all members into one. A single goroutine uses it.
type merger struct {
	members []Member
	sites   []engine.Site // of the last snapshot; never modified
	sources []source      // what sites was made of
}

// source is what a member's sites in the merged snapshot were made of.
type source struct {
	sites []engine.Site
	away  bool
}

// equal reports whether two sources have the same content. Snapshots are immutable, so it is enough to compare the
// slices' addresses and lengths.
func (s source) equal(other source) bool {
	if s.away != other.away || len(s.sites) != len(other.sites) {
		return false
	}
	return len(s.sites) == 0 || &s.sites[0] == &other.sites[0]
}

// takeEvents returns the new events of all members, oldest first, with Refs as hosts.
func (m *merger) takeEvents(reports []report) (all []engine.Event) {
	for i, r := range reports {
		name := m.members[i].Name
		for _, ev := range r.events {
			switch {
			case ev.Host != "":
				ev.Host = engine.Ref(ev.Host, name)
			case name != "":
				ev.Text = name + ": " + ev.Text
			}
			all = append(all, ev)
		}
	}
	slices.SortStableFunc(all, func(a, b engine.Event) int { return a.At.Std().Compare(b.At.Std()) })
	return all
}

// snapshot merges the last snapshots of all members into one.
func (m *merger) snapshot(reports []report) engine.Snapshot {
	var s engine.Snapshot
	for _, r := range reports {
		if r.last.At.Std().After(s.At.Std()) {
			s.At = r.last.At
		}
	}
	s.Sites = m.mergeSites(reports)
	s.Status = m.status(reports)
	return s
}

// mergeSites returns the sites of all members, sorted. The slice is reused as long as no member has changed.
func (m *merger) mergeSites(reports []report) []engine.Site {
	from, n := make([]source, len(reports)), 0
	for i, r := range reports {
		from[i] = source{r.last.Sites, r.awayReason != ""}
		n += len(r.last.Sites)
	}
	if m.sources != nil && slices.EqualFunc(m.sources, from, source.equal) {
		return m.sites
	}
	m.sources, m.sites = from, make([]engine.Site, 0, n)
	next := make([]int, len(from))
	for len(m.sites) < n {
		m.sites = append(m.sites, m.takeSite(m.nextMember(next), next))
	}
	return m.sites
}

// nextMember returns the member whose next site is the first in order.
func (m *merger) nextMember(next []int) int {
	best := -1
	for i, f := range m.sources {
		if next[i] == len(f.sites) {
			continue
		}
		if best < 0 || m.sortsBefore(&f.sites[next[i]], i, &m.sources[best].sites[next[best]], best) {
			best = i
		}
	}
	return best
}

// sortsBefore reports whether site a of member i comes before site b of member j.
func (m *merger) sortsBefore(a *engine.Site, i int, b *engine.Site, j int) bool {
	if a.Host != b.Host {
		return a.Host < b.Host
	}
	return m.members[i].Name < m.members[j].Name
}

// takeSite returns the next site of member i with its machine. The rates and peers of a machine that is away are 0.
func (m *merger) takeSite(i int, next []int) engine.Site {
	s := m.sources[i].sites[next[i]]
	next[i]++
	s.Machine = m.members[i].Name
	if m.sources[i].away {
		s.Away, s.DownRate, s.UpRate, s.Peers, s.Seeds, s.WebPeers, s.InUse = true, 0, 0, 0, 0, 0, false
	}
	return s
}

// status merges the last statuses of all members into one.
func (m *merger) status(reports []report) engine.Status {
	if len(reports) == 1 && m.members[0].Name == "" {
		return reports[0].last.Status
	}
	sum := engine.Status{DHTNodes: -1}
	for i := range reports {
		r, member := &reports[i], m.members[i]
		machine := newMachine(member, r)
		sum.Machines = append(sum.Machines, machine)
		if machine.Away != "" {
			sum.Warnings = append(sum.Warnings, member.Name+" is away: "+machine.Away)
			continue
		}
		addStatus(&sum, &r.last.Status)
		for _, w := range r.last.Status.Warnings {
			sum.Warnings = append(sum.Warnings, member.Name+": "+w)
		}
	}
	for i := range reports {
		m.addPerMachineValues(&sum, i, &reports[i].last.Status)
	}
	sum.CacheLimit, sum.Limits, sum.Bin.Period = combineLimits(sum.Machines)
	engine.SortHomes(sum.Homes)
	return sum
}

// addPerMachineValues adds the homes and limits of labels of member i, with their machine, also if it is away.
func (m *merger) addPerMachineValues(sum *engine.Status, i int, st *engine.Status) {
	for _, h := range st.Homes {
		h.Machine = m.members[i].Name
		sum.Homes = append(sum.Homes, h)
	}
	for _, l := range st.LabelLimits {
		l.Machine = m.members[i].Name
		sum.LabelLimits = append(sum.LabelLimits, l)
	}
}

// addStatus adds the status of a connected machine.
func addStatus(sum, st *engine.Status) {
	if sum.Version == "" {
		sum.Version, sum.StartedAt = st.Version, st.StartedAt
	}
	sum.Online = sum.Online || st.Online
	sum.PortOpen = sum.PortOpen || st.PortOpen
	if st.DHTNodes >= 0 {
		sum.DHTNodes = max(sum.DHTNodes, 0) + st.DHTNodes
	}
	sum.WebTrackers += st.WebTrackers
	sum.Peers += st.Peers
	sum.WebPeers += st.WebPeers
	sum.DownRate += st.DownRate
	sum.UpRate += st.UpRate
	sum.CacheUsed += st.CacheUsed
	sum.Bin.Sites += st.Bin.Sites
	sum.Bin.Bytes += st.Bin.Bytes
}

// combineLimits returns the sums of the cache limits and of the limits over all sites, each 0 if a machine has none,
// and the shortest period of a bin. Machines that are away do not count.
func combineLimits(machines []engine.Machine) (cache int64, limits engine.Limits, bin int64) {
	first := true
	var endless, down, up bool
	for _, m := range machines {
		if m.Away != "" {
			continue
		}
		endless, down, up = endless || m.CacheLimit == 0, down || m.Limits.Down == 0, up || m.Limits.Up == 0
		cache += m.CacheLimit
		limits.Down += m.Limits.Down
		limits.Up += m.Limits.Up
		if first || m.Bin.Period < bin {
			bin = m.Bin.Period
		}
		first = false
	}
	if endless {
		cache = 0
	}
	if down {
		limits.Down = 0
	}
	if up {
		limits.Up = 0
	}
	return cache, limits, bin
}

// newMachine returns a member as it is in the fleet's status.
func newMachine(member Member, r *report) engine.Machine {
	st := &r.last.Status
	m := engine.Machine{
		Name: member.Name, Away: r.awayReason, ReadOnly: member.ReadOnly,
		Version: st.Version, DataDir: st.DataDir, Online: st.Online,
		Peers: st.Peers, DownRate: st.DownRate, UpRate: st.UpRate,
		CacheUsed: st.CacheUsed, CacheLimit: st.CacheLimit,
		Limits: st.Limits, LabelLimits: st.LabelLimits, Schedule: st.Schedule,
		Goals: st.Goals, Enough: st.Enough, Bin: st.Bin,
		TrackerURLs: st.HomeTracker.URLs, Sites: len(r.last.Sites),
	}
	switch {
	case !r.reported:
		m.Away = "it has not answered yet"
	case r.awayReason != "":
		m.Online, m.Peers, m.DownRate, m.UpRate = false, 0, 0, 0
	}
	return m
}
