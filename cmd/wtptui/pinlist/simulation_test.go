package pinlist

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// The simulation has many followers with small disks share a long list, in virtual time and without a network. Trackers
// tell what was true a while ago, and what is let go of is seeded for some time after.

const (
	simStep   = 15 * time.Minute
	simLag    = 2 // steps
	simLeaves = 2 // steps for which a site is seeded after it was let go of
	simRate   = 1 << 20
	simPeriod = 30 * time.Minute
	simMet    = 6 * time.Hour
)

// simSite is a site of the list.
type simSite struct {
	host      string
	size      int64
	published bool        // its publisher seeds it
	seeds     [simLag]int // as trackers count them, the newest first
	fetching  [simLag]int
	lie       int // what a tracker claims; 0 for the truth, -1 for nothing
	whole     map[int]time.Time
}

// simFollower is a follower. Its sites are in the order of the simulation's.
type simFollower struct {
	policy Policy
	phase  time.Duration
	left   bool
	listed []Listed
	done   map[int]time.Time // when what is being fetched will be whole, if anybody has it
	leaves map[int]int       // steps for which it is still seeded
	index  map[string]int
}

type simulation struct {
	t             *testing.T
	rand          *rand.Rand
	now           time.Time
	sites         []*simSite
	followers     []*simFollower
	copies        int
	takenBytes    int64 // bytes
	releases      int
	releasesOfFew int // times that one was let go of of which there were too few then
	lost          int // sites that had a copy, and have none
}

func newSimulation(t *testing.T, followers, sites, copies int, room float64) *simulation {
	s := &simulation{
		t: t, rand: rand.New(rand.NewPCG(1, 2)), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), copies: copies,
	}
	total := s.addSites(sites)
	shares := make([]float64, followers)
	sum := 0.0
	for i := range shares {
		shares[i] = 0.5 + s.rand.Float64()
		sum += shares[i]
	}
	for i, share := range shares {
		f := &simFollower{
			policy: Policy{
				Self: fmt.Sprint("follower ", i), Copies: copies, Every: simPeriod,
				MaxSize: int64(room * float64(total) * share / sum),
			},
			phase: simStep * time.Duration(s.rand.IntN(int(simPeriod/simStep))),
			done:  map[int]time.Time{}, leaves: map[int]int{}, index: map[string]int{},
		}
		s.followers = append(s.followers, f)
	}
	return s
}

// addSites publishes sites of 5 MB to 300 MB, most of them small, and returns their size.
func (s *simulation) addSites(n int) (total int64) {
	for range n {
		size := int64(5e6 * math.Pow(60, math.Pow(s.rand.Float64(), 2)))
		host := fmt.Sprintf("site%04d.example", len(s.sites))
		s.sites = append(s.sites, &simSite{host: host, size: size, published: true, whole: map[int]time.Time{}})
		total += size
	}
	return total
}

// pass lets time pass.
func (s *simulation) advance(d time.Duration) {
	for end := s.now.Add(d); s.now.Before(end); s.now = s.now.Add(simStep) {
		s.announce()
		for i, f := range s.followers {
			if !f.left {
				s.runFollower(i, f)
			}
		}
	}
}

// announce has trackers count, and finishes what was being fetched.
func (s *simulation) announce() {
	for _, site := range s.sites {
		copy(site.seeds[1:], site.seeds[:])
		copy(site.fetching[1:], site.fetching[:])
		site.seeds[0], site.fetching[0] = 0, 0
		if site.published {
			site.seeds[0] = 1
		}
	}
	for n, f := range s.followers {
		if f.left {
			continue
		}
		for i, l := range f.listed {
			if l.Whole {
				s.sites[i].seeds[0]++
				s.sites[i].whole[n] = s.now
			}
		}
		for i := range f.leaves {
			s.sites[i].seeds[0]++
		}
	}
	for _, site := range s.sites {
		if site.seeds[0] == 0 && site.seeds[1] > 0 {
			s.lost++
		}
	}
	for _, f := range s.followers {
		for i, at := range f.done {
			switch site := s.sites[i]; {
			case f.left:
			case site.seeds[0] > 0 && !s.now.Before(at):
				f.listed[i].Whole = true
				delete(f.done, i)
			default:
				site.fetching[0]++
			}
		}
	}
}

// act is a follower's turn.
func (s *simulation) runFollower(n int, f *simFollower) {
	for i := range f.leaves {
		if f.leaves[i]--; f.leaves[i] == 0 {
			delete(f.leaves, i)
		}
	}
	for i := len(f.listed); i < len(s.sites); i++ {
		f.listed = append(f.listed, Listed{Host: s.sites[i].host, Size: s.sites[i].size, Copies: -1})
		f.index[s.sites[i].host] = i
	}
	if time.Duration(s.now.Unix())*time.Second%simPeriod == f.phase {
		for i := range f.listed {
			s.count(n, f, i)
		}
	}
	choice := f.policy.Choose(f.listed, s.now)
	if len(choice.Recount) > 0 {
		for _, host := range choice.Recount {
			s.count(n, f, f.index[host])
		}
		again := f.policy.Choose(f.listed, s.now)
		choice.Take, choice.Release = append(choice.Take, again.Take...), append(choice.Release, again.Release...)
	}
	for _, host := range choice.Release {
		s.release(f, f.index[host])
	}
	for _, host := range choice.Take {
		if l := &f.listed[f.index[host]]; !l.Kept {
			l.Kept, l.Taken, l.Since = true, s.now, time.Time{}
			f.done[f.index[host]] = s.now.Add(time.Duration(l.Size/simRate) * time.Second)
			s.takenBytes += l.Size
		}
	}
	used := int64(0)
	for _, l := range f.listed {
		if l.Kept {
			used += l.Size
		}
	}
	if used > f.policy.MaxSize {
		s.t.Fatalf("%s keeps %d of %d bytes", f.policy.Self, used, f.policy.MaxSize)
	}
}

func (s *simulation) release(f *simFollower, i int) {
	l := &f.listed[i]
	if !l.Kept {
		return
	}
	if l.Whole {
		f.leaves[i] = simLeaves
	}
	l.Kept, l.Whole, l.Since = false, false, time.Time{}
	delete(f.done, i)
	s.releases++
	if s.kept(i) < s.copies {
		s.releasesOfFew++
	}
}

// count gives a follower the numbers of a site.
func (s *simulation) count(n int, f *simFollower, i int) {
	site, l := s.sites[i], &f.listed[i]
	l.Copies, l.Fetching, l.Met, l.At = site.seeds[simLag-1], site.fetching[simLag-1], 0, s.now
	l.ToldAt = s.now
	if site.lie != 0 {
		l.Copies = site.lie
	}
	switch {
	case l.Whole:
		l.Copies = max(min(l.Copies, 0), l.Copies-1)
	case l.Kept:
		l.Fetching = max(0, l.Fetching-1)
	}
	if l.Kept {
		for other, at := range site.whole {
			if other != n && s.now.Sub(at) < simMet {
				l.Met++
			}
		}
	}
	l.Since = f.policy.Since(*l, s.now)
}

// kept counts the copies of a site: of the followers that have all of it and keep it, and its publisher's.
func (s *simulation) kept(i int) int {
	n := 0
	if s.sites[i].published {
		n++
	}
	for _, f := range s.followers {
		if !f.left && i < len(f.listed) && f.listed[i].Kept && f.listed[i].Whole {
			n++
		}
	}
	return n
}

// leave has some followers leave at once, and returns how many sites nobody else had.
func (s *simulation) leave(n int) (gone int) {
	for _, f := range s.followers[:n] {
		f.left = true
	}
	for i := range s.sites {
		if s.kept(i) == 0 {
			gone++
		}
	}
	s.lost -= gone
	return gone
}

// expect checks how many sites have too few copies, and how much was fetched since the last time, in lists.
func (s *simulation) expect(what string, few int, moved float64) {
	s.t.Helper()
	total, short, all := int64(0), 0, 0
	for i, site := range s.sites {
		n := s.kept(i)
		total, all = total+site.size, all+n
		if n < s.copies {
			short++
		}
	}
	got := float64(s.takenBytes) / float64(total)
	s.t.Logf("%-26s %3d sites with fewer than %d copies, %.2f each; fetched %.3f lists; "+
		"let go %d times, %d times of one of few",
		what, short, s.copies, float64(all)/float64(len(s.sites)), got, s.releases, s.releasesOfFew)
	if short > few || got > moved || s.lost > 0 {
		s.t.Errorf("%s: want at most %d sites with too few copies and %.3f lists fetched; lost were %d", what, few, moved,
			s.lost)
	}
	if s.releasesOfFew*10 > s.releases {
		s.t.Errorf("%s: %d of %d times, one of few was let go of", what, s.releasesOfFew, s.releases)
	}
	s.takenBytes, s.releases, s.releasesOfFew = 0, 0, 0
}

// TestHundredFollowersKeepEnoughCopies has a hundred small disks, which together hold the list three and a half times,
// keep three copies of each of a thousand sites, through everything that happens to them.
func TestHundredFollowersKeepEnoughCopies(t *testing.T) {
	size := 100
	if testing.Short() {
		size = 40
	}
	s := newSimulation(t, size, 10*size, 3, 3.6)
	s.advance(6 * time.Hour)
	s.expect("after six hours", 0, 4)
	for _, site := range s.sites {
		site.published = false
	}
	s.advance(24 * time.Hour)
	s.expect("the publishers have left", 0, 1.1)
	s.advance(24 * time.Hour)
	s.expect("a quiet day", 0, 0)
	gone := s.leave(size / 10)
	s.advance(24 * time.Hour)
	s.expect("a tenth has left", gone, 0.6)
	s.advance(24 * time.Hour)
	s.expect("a quiet day", gone, 0)
	s.addSites(size / 3)
	s.advance(12 * time.Hour)
	s.expect("new sites", gone+size/20, 0.3)
	s.advance(24 * time.Hour)
	s.expect("a day later", gone+size/20, 0.1)
	s.advance(24 * time.Hour)
	s.expect("a quiet day", gone+size/20, 0)
}

// TestLyingTracker: what one tracker claims makes nobody give up what few have, although there is need of room.
func TestLyingTracker(t *testing.T) {
	s := newSimulation(t, 40, 400, 3, 3.4)
	s.advance(12 * time.Hour)
	for _, site := range s.sites {
		site.published = false
	}
	s.advance(24 * time.Hour)
	before := make([]int, len(s.sites))
	for i := range s.sites[:100] {
		s.sites[i].lie, before[i] = 1000, s.kept(i)
	}
	s.addSites(12)
	s.advance(36 * time.Hour)
	for i := range s.sites[:100] {
		if n := s.kept(i); n < min(before[i], s.copies) {
			t.Errorf("of %s, %d copies are left of %d", s.sites[i].host, n, before[i])
		}
	}
	if s.releases == 0 {
		t.Error("nothing was let go of: there was no need of room")
	}
}

// TestSilentTracker: while nobody tells how many copies there are, everybody keeps what is there and fills the room.
func TestSilentTracker(t *testing.T) {
	s := newSimulation(t, 40, 400, 3, 3.4)
	for _, site := range s.sites {
		site.lie = -1
	}
	s.advance(12 * time.Hour)
	few := 0
	for i := range s.sites {
		if s.kept(i) < 2 {
			few++
		}
	}
	if few > 40 {
		t.Errorf("%d of %d sites have no copy but the publisher's", few, len(s.sites))
	}
	s.takenBytes = 0
	s.advance(24 * time.Hour)
	if s.takenBytes > 0 || s.releases > 0 {
		t.Errorf("without numbers, %d bytes were fetched and sites let go of %d times", s.takenBytes, s.releases)
	}
}
