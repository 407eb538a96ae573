package pinlist

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"time"
)

// DefaultEvery is how often the copies of a shared list's sites are counted, unless its order says otherwise.
const DefaultEvery = 30 * time.Minute

// Count is what is known of the copies of a site that others have.
type Count struct {
	// Infohash is what the site pointed to when it was counted, empty if that is unknown. NamedAt is when its name was
	// resolved.
	Infohash string    `json:"infohash,omitempty"`
	NamedAt  time.Time `json:"named_at,omitzero"`
	// Trackers are the first that came with the name.
	Trackers []string `json:"trackers,omitempty"`
	// Copies, Fetching, Met, At, ToldAt, Since and Taken are those of Listed.
	Copies   int       `json:"copies"`
	Fetching int       `json:"fetching"`
	Met      int       `json:"met"`
	At       time.Time `json:"at,omitzero"`
	ToldAt   time.Time `json:"told_at,omitzero"`
	Since    time.Time `json:"since,omitzero"`
	Taken    time.Time `json:"taken,omitzero"`
	// Left is why the site is not kept; empty for one that is.
	Left LeftOutReason `json:"left,omitempty"`
}

func (n Count) equal(o Count) bool {
	return n.Infohash == o.Infohash && n.NamedAt.Equal(o.NamedAt) && slices.Equal(n.Trackers, o.Trackers) &&
		n.Copies == o.Copies && n.Fetching == o.Fetching && n.Met == o.Met && n.Left == o.Left &&
		n.At.Equal(o.At) && n.ToldAt.Equal(o.ToldAt) && n.Since.Equal(o.Since) && n.Taken.Equal(o.Taken)
}

// isShared reports whether the sites of the list are shared among its followers.
func (l *followedList) isShared() bool { return l.state.Order.Copies > 0 && l.state.Order.Follow }

// chooseShared returns the entries of a shared list that are kept from now on. every is how often its copies are
// counted. isOthers reports whether another list has pinned a site too.
func (l *followedList) chooseShared(st engineState, every time.Duration, isOthers func(host string) bool) []Entry {
	s := &l.state
	if s.Self == "" {
		s.Self = rand.Text()
	}
	if s.Counts == nil {
		s.Counts = map[string]Count{}
	}
	l.policy = Policy{
		Self: s.Self, Copies: s.Order.Copies, MaxSites: s.Order.MaxSites, MaxSize: s.Order.MaxSize, Every: every,
	}
	listed, unpinned := l.policyInput(st, isOthers)
	choice := l.policy.Choose(listed, st.now)
	l.recount = choice.Recount
	taken, wanted := map[string]bool{}, map[string]bool{}
	for _, host := range choice.Take {
		taken[host] = true
	}
	for i, li := range listed {
		n := s.Counts[li.Host]
		n.Left = choice.Reasons[i]
		switch {
		case taken[li.Host]:
			n.Taken, n.Since = st.now.UTC(), time.Time{}
		case li.Kept && n.Left != "":
			n.Since = time.Time{}
		}
		s.Counts[li.Host] = n
		wanted[li.Host] = n.Left == ""
	}
	for host := range unpinned {
		n := s.Counts[host]
		n.Left, n.Since = Unpinned, time.Time{}
		s.Counts[host] = n
	}
	onList := hostSet(l.contents.Entries)
	maps.DeleteFunc(s.Counts, func(host string, _ Count) bool { return !onList[host] })
	var entries []Entry
	for _, e := range l.contents.Entries {
		if wanted[e.Host] || unpinned[e.Host] {
			entries = append(entries, e)
		}
	}
	return entries
}

// policyInput returns the input of the policy: the sites of the list, and those that it does not name and that stay.
// unpinned are those that a person has unpinned, which stay so.
func (l *followedList) policyInput(
	st engineState, isOthers func(host string) bool,
) (listed []Listed, unpinned map[string]bool) {
	kept, own := l.heldPins(), wtpHost(l.state.Order.Source)
	unpinned = map[string]bool{}
	listed = make([]Listed, 0, len(l.contents.Entries))
	for _, e := range l.contents.Entries {
		if l.isUnpinned(e.Host, st) {
			unpinned[e.Host] = true
			continue
		}
		li := l.listedSite(e.Host, st)
		mark := l.state.Marks[e.Host]
		others := mark == Theirs || mark == "" && li.Kept || isOthers(e.Host)
		li.Fixed = li.Kept && others || kept[e.Host] || e.Host == own
		li.Kept = li.Kept || li.Fixed
		listed = append(listed, li)
	}
	onList := hostSet(l.contents.Entries)
	for host := range kept {
		if !onList[host] {
			li := l.listedSite(host, st)
			li.Kept, li.Fixed = true, true
			listed = append(listed, li)
		}
	}
	return listed, unpinned
}

// isUnpinned reports whether a person has unpinned a site since the list pinned it.
func (l *followedList) isUnpinned(host string, st engineState) bool {
	mark := l.state.Marks[host]
	return mark != "" && mark != Intended && !st.sites[host].Pinned
}

// listedSite returns what is known of a site.
func (l *followedList) listedSite(host string, st engineState) Listed {
	site, n := st.sites[host], l.state.Counts[host]
	li := Listed{
		Host: host, Size: -1, Kept: l.state.Marks[host] != "" || site.Pinned, Whole: site.IsComplete(),
		Copies: n.Copies, Fetching: n.Fetching, Met: n.Met, At: n.At, ToldAt: n.ToldAt,
		Since: n.Since, Taken: n.Taken,
	}
	l.knownSize(host, st)
	if size, known := l.state.Sizes[host]; known {
		li.Size = size
	}
	return li
}

// Sharing sums up the state of a shared list.
type Sharing struct {
	// Short counts the sites of which others have fewer copies than Order.Copies, without those that a person has
	// unpinned. Unknown counts those of them of which the number of copies is unknown.
	Short   int `json:"short"`
	Unknown int `json:"unknown"`
	// WellKept, NoRoom, Waiting, Uncounted and Unpinned count the sites that are left out, by reason.
	WellKept  int `json:"well_kept"`
	NoRoom    int `json:"no_room"`
	Waiting   int `json:"waiting"`
	Uncounted int `json:"uncounted"`
	Unpinned  int `json:"unpinned"`
	// Used is the total size of the kept sites in bytes, as far as it is known.
	Used int64 `json:"used"`
}

// Sharing sums up the state; it is zero for a list that is not shared.
func (s State) Sharing() Sharing {
	var sum Sharing
	for host, n := range s.Counts {
		if n.Left != Unpinned && !n.At.IsZero() && n.Copies < s.Order.Copies {
			sum.Short++
			if n.Copies < 0 {
				sum.Unknown++
			}
		}
		switch n.Left {
		case WellKept:
			sum.WellKept++
		case NoRoom:
			sum.NoRoom++
		case Waiting:
			sum.Waiting++
		case Uncounted:
			sum.Uncounted++
		case Unpinned:
			sum.Unpinned++
		default:
			sum.Used += s.Sizes[host]
		}
	}
	return sum
}

// noRoomText returns how many sites are short of copies and do not fit; empty if there are none.
func (l *followedList) noRoomText() string {
	n := l.state.Sharing().NoRoom
	if n == 0 {
		return ""
	}
	what := fmt.Sprintf("%d sites", n)
	if n == 1 {
		what = "1 site"
	}
	return what + fmt.Sprintf(" with fewer than %d copies: no room in the limit of %s", l.state.Order.Copies,
		l.limitsText())
}
