package pinlist

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// Policy decides which sites of a list one of many followers keeps, so that each site has enough copies somewhere. The
// followers do not communicate: each sees only the numbers of copies, which are late, and its own sites. So that not
// all of them do the same at the same time, each has its own order and times for every site, derived from a hash of
// both.
type Policy struct {
	// Self identifies this follower; any unique text.
	Self string
	// Copies is how many copies others must have for a site to be left to them.
	Copies int
	// MaxSites and MaxSize bound how many sites are kept, and their total size in bytes; 0 means no limit.
	MaxSites int
	MaxSize  int64
	// Every is how often copies are counted.
	Every time.Duration
}

// Listed is a site of a list, as far as it is known.
type Listed struct {
	Host string
	// Size is in bytes; -1 if it is unknown.
	Size int64
	// Kept reports whether the site is pinned here, Whole whether it is also complete, and Fixed whether it stays
	// whatever is decided: a person has pinned it, or it is kept for another reason.
	Kept, Whole, Fixed bool
	// Copies is how many others have all of it; -1 if that is unknown. Fetching is how many others are downloading it,
	// and Met how many peers with all of it were met from here.
	Copies, Fetching, Met int
	// At is when that was counted; zero for never. A site that was never counted is not taken. ToldAt is when a
	// tracker last reported the numbers; it is before At if none did at the last count and the earlier numbers are
	// still used.
	At, ToldAt time.Time
	// Since is since when the site has been short of copies, if it is not kept, or spare, if it is: see Policy.Since.
	Since time.Time
	// Taken is when it was taken.
	Taken time.Time
}

// LeftOutReason is why a site is not kept.
type LeftOutReason string

// The reasons.
const (
	WellKept  LeftOutReason = "well kept" // others have enough copies
	NoRoom    LeftOutReason = "no room"   // it would not fit
	Waiting   LeftOutReason = "waiting"   // it is not this follower's turn, or others are downloading it
	Uncounted LeftOutReason = "uncounted" // its copies have not been counted yet
	Unpinned  LeftOutReason = "unpinned"  // a person has unpinned it, and it is no longer counted
)

// Choice is the result of Policy.Choose.
type Choice struct {
	// Take are sites to pin. Release are sites to unpin, because others have enough copies or there is no room.
	Take, Release []string
	// Recount are sites for which a decision needs newer numbers.
	Recount []string
	// Reasons says of each of the listed sites, by index, why it is not kept; empty for one that is.
	Reasons []LeftOutReason
}

const (
	// takePeriods is how many periods pass until the last follower has taken a site that is short of copies.
	takePeriods = 8
	// spread is the binary logarithm of the number of followers for which only a few take a site first.
	spread = 10
	// slots is how many slots for releases a day has, each of slotPeriods periods: a follower releases a site in one
	// of them only.
	slots       = 24
	slotPeriods = 2
	// Numbers that are older than a freshPart-th of a period are too old for decisions.
	freshPart = 6
	// The first quickPart-th of the room is filled without waiting for others.
	quickPart = 4
	// maxUnmeasured bounds how many sites of unknown size are fetched at a time.
	maxUnmeasured = 6
	// maxRecounts bounds how many sites are recounted at a time: one request's worth.
	maxRecounts = 60
)

// Short reports whether a site has fewer copies elsewhere than it should. An unknown number counts as the fewest.
func (p Policy) Short(l Listed) bool { return l.Copies < p.Copies }

// isSpare reports whether a kept site would have enough copies without this one. Since a tracker can claim anything,
// only as many copies count as peers were met.
func (p Policy) isSpare(l Listed) bool {
	return l.Kept && l.Whole && !l.Fixed && spareCopies(l) >= p.Copies
}

func spareCopies(l Listed) int { return min(l.Copies, l.Met) }

// Since returns the new value of Listed.Since after the numbers have been updated.
func (p Policy) Since(l Listed, now time.Time) time.Time {
	switch {
	case l.Kept && !p.isSpare(l), !l.Kept && !p.Short(l):
		return time.Time{}
	case l.Since.IsZero():
		return now
	}
	return l.Since
}

// rank returns this follower's number for a site, at least 0 and below 1 (rendezvous hashing): the followers with the
// lowest numbers are the first to take it.
func (p Policy) rank(host, what string) float64 {
	sum := sha256.Sum256([]byte(p.Self + "\x00" + what + "\x00" + host))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// delay returns how long the follower waits until it takes a site. Few followers have a delay that is much shorter
// than the longest, and each step towards it doubles their number: whether there are five followers or a thousand,
// only some act before the others see it (as with the timers of multicast feedback).
func (p Policy) delay(rank float64) time.Duration {
	part := 1 + math.Log2(max(rank, math.SmallestNonzeroFloat64))/spread
	return time.Duration(max(0, part) * float64(takePeriods*p.Every))
}

// mayRelease reports whether this follower may release a site now. width is the number of slots of the day in which it
// may. Other followers that have the site have other slots, and a slot is longer than it takes until a release is
// seen.
func (p Policy) mayRelease(l Listed, width int, now time.Time) bool {
	slot := slotPeriods * p.Every
	if l.Since.IsZero() || now.Sub(l.Since) < slot {
		return false
	}
	turn, current := int(p.rank(l.Host, "release")*slots), int(now.UnixNano()/int64(slot)%slots)
	return (current-turn+slots)%slots < width
}

// releaseSlots returns in how many slots of the day sites may be released to make room for a site with so few copies:
// the fewer copies and the larger the site, the more slots.
func (c *chooser) releaseSlots(copies int, size int64) int {
	switch {
	case copies <= 0:
		return slots
	case copies == 1 || c.guessedSize == 0:
		return slots / 4
	}
	return int(min(slots/4, 1+size/c.guessedSize))
}

// isFresh reports whether the numbers of a site are new. Numbers of an earlier count that no tracker confirmed are
// not, however recent that attempt.
func (p Policy) isFresh(l Listed, now time.Time) bool {
	at := l.ToldAt
	if l.Copies < 0 {
		at = l.At
	}
	return now.Sub(at) <= p.Every/freshPart
}

// chooser is the state of a Policy.Choose.
type chooser struct {
	Policy

	now    time.Time
	listed []Listed
	choice Choice
	kept   int   // sites
	used   int64 // bytes, of which some are a guess
	// unmeasured counts the sites of unknown size that are being fetched; guessedSize is what each counts as, in
	// bytes.
	unmeasured  int
	guessedSize int64
	spare       []int // indexes of listed, those with the most copies first
}

// Choose decides which sites to take and to release. It stays within the limits. It releases complete sites only for
// one that is short of copies, unless the limits were lowered or sites have grown.
func (p Policy) Choose(listed []Listed, now time.Time) Choice {
	c := &chooser{Policy: p, now: now, listed: listed, choice: Choice{Reasons: make([]LeftOutReason, len(listed))}}
	c.releaseExcess()
	c.guessedSize = p.averageSize(listed)
	var short []ranked
	for i, l := range listed {
		switch {
		case c.choice.Reasons[i] != "": // It has just been released.
		case l.Kept:
			c.addKept(i)
		case l.At.IsZero():
			c.choice.Reasons[i] = Uncounted
		case !p.Short(l):
			c.choice.Reasons[i] = WellKept
		default:
			short = append(short, ranked{i, l.Copies, p.rank(l.Host, "take")})
		}
	}
	slices.SortFunc(c.spare, func(a, b int) int {
		return cmp.Or(cmp.Compare(spareCopies(listed[b]), spareCopies(listed[a])), cmp.Compare(a, b))
	})
	slices.SortFunc(short, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.copies, b.copies), cmp.Compare(a.rank, b.rank))
	})
	for _, r := range short {
		c.choice.Reasons[r.index] = c.tryTake(r)
	}
	return c.choice
}

// addKept counts a site that is kept.
func (c *chooser) addKept(i int) {
	l := c.listed[i]
	c.kept++
	c.used += c.countedSize(l)
	if c.isUnmeasured(l) {
		c.unmeasured++
	}
	if c.isSpare(l) {
		c.spare = append(c.spare, i)
	}
}

// release adds a site to those that are released.
func (c *chooser) release(i int, why LeftOutReason) {
	c.choice.Release = append(c.choice.Release, c.listed[i].Host)
	c.choice.Reasons[i] = why
}

// ranked is a listed site with this follower's rank for it.
type ranked struct {
	index  int
	copies int
	rank   float64
}

// tryTake takes a site that is short of copies, or returns the reason why not.
func (c *chooser) tryTake(r ranked) LeftOutReason {
	l := c.listed[r.index]
	size := max(l.Size, 0)
	if l.Size < 0 {
		size = c.guessedSize
	}
	switch {
	case c.MaxSize > 0 && size > c.MaxSize:
		return NoRoom
	case !c.isTurn(l, r.rank), l.Size < 0 && l.Copies != 0 && c.unmeasured >= maxUnmeasured:
		return Waiting
	}
	room, waits := c.makeRoom(size, c.releaseSlots(l.Copies, size))
	switch {
	case waits:
		return Waiting
	case room == nil && !c.fits(size, 1):
		return NoRoom
	case !c.isFresh(l, c.now):
		c.recount(l)
		return Waiting
	}
	for _, i := range room {
		c.release(i, WellKept)
		c.kept, c.used = c.kept-1, c.used-c.listed[i].Size
	}
	l.Taken = c.now
	c.kept, c.used = c.kept+1, c.used+c.countedSize(l)
	if c.isUnmeasured(l) {
		c.unmeasured++
	}
	c.choice.Take = append(c.choice.Take, l.Host)
	return ""
}

// recount requests newer numbers of a site, up to maxRecounts. If no tracker reported any at the last count, that
// waits for half a period.
func (c *chooser) recount(l Listed) {
	if l.Copies >= 0 && l.ToldAt.Before(l.At) && c.now.Sub(l.At) < c.Every/2 {
		return
	}
	if len(c.choice.Recount) < maxRecounts && !slices.Contains(c.choice.Recount, l.Host) {
		c.choice.Recount = append(c.choice.Recount, l.Host)
	}
}

// isTurn reports whether it is this follower's turn to take the site, unless others do.
func (c *chooser) isTurn(l Listed, rank float64) bool {
	waited := c.now.Sub(l.Since)
	coming := max(l.Copies, 0) + l.Fetching
	switch {
	case l.Since.IsZero():
		return false
	case coming >= c.Copies && (l.Copies == 0 || waited < 2*takePeriods*c.Every):
		return false // They will have it soon, or nobody will.
	case c.MaxSize == 0 || c.used < c.MaxSize/quickPart:
		return true
	}
	return waited >= c.delay(rank)
}

// makeRoom returns the sites to release so that one of this size fits; none if it fits or cannot. waits reports that
// newer numbers are needed first.
func (c *chooser) makeRoom(size int64, width int) (release []int, waits bool) {
	if c.fits(size, 1) {
		return nil, false
	}
	freed := int64(0)
	for _, i := range c.spare {
		l := c.listed[i]
		if c.choice.Reasons[i] != "" || !c.mayRelease(l, width, c.now) {
			continue
		}
		release = append(release, i)
		if freed += l.Size; c.fits(size-freed, 1-len(release)) {
			break
		}
	}
	if !c.fits(size-freed, 1-len(release)) {
		return nil, false
	}
	for _, i := range release {
		if l := c.listed[i]; !c.isFresh(l, c.now) {
			c.recount(l)
			waits = true
		}
	}
	return release, waits
}

// fits reports whether there is room for so many more bytes and sites.
func (c *chooser) fits(size int64, sites int) bool {
	return (c.MaxSize == 0 || c.used+size <= c.MaxSize) && (c.MaxSites == 0 || c.kept+sites <= c.MaxSites)
}

// countedSize returns what a kept site counts as, in bytes. A site whose size has been unknown for long counts as 0.
func (c *chooser) countedSize(l Listed) int64 {
	switch {
	case l.Size >= 0:
		return l.Size
	case c.isUnmeasured(l):
		return c.guessedSize
	}
	return 0
}

// isUnmeasured reports whether a site of unknown size is being fetched, so that its size will be known soon.
func (c *chooser) isUnmeasured(l Listed) bool {
	return l.Size < 0 && l.Copies != 0 && c.now.Sub(l.Taken) < takePeriods*c.Every
}

// averageSize returns the average size of the sites, which a site of unknown size counts as.
func (p Policy) averageSize(listed []Listed) int64 {
	sum, n := int64(0), int64(0)
	for _, l := range listed {
		if l.Size >= 0 {
			sum, n = sum+l.Size, n+1
		}
	}
	if n == 0 {
		return p.MaxSize / 20
	}
	return sum / n
}
