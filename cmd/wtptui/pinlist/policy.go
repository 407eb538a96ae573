package pinlist

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// Policy decides which sites of a list one of many followers keeps, so that each site has so many copies somewhere.
// They do not talk to each other: each of them sees the numbers of copies, which are late, and what it has itself. So
// that not all of them do the same thing at the same time, each has an order and times of its own for every site,
// which follow from a hash of both.
type Policy struct {
	// Self is this follower among all; any text that no other has.
	Self string
	// Copies is how many copies others must have for a site to be left to them.
	Copies int
	// MaxSites and MaxSize bound how many sites are kept, and their bytes together; 0 means no limit.
	MaxSites int
	MaxSize  int64
	// Every is how often copies are counted.
	Every time.Duration
}

// Listed is a site of a list, as far as it is known.
type Listed struct {
	Host string
	// Size is in bytes; -1 while it is not known.
	Size int64
	// Kept reports whether it is pinned here, Whole that all of it is here too, and Fixed that it stays whatever is
	// decided: it is a person's, or kept for another reason.
	Kept, Whole, Fixed bool
	// Copies is how many others have all of it, and -1 if nobody tells; Fetching how many are fetching it, and Met how
	// many peers with all of it were met from here.
	Copies, Fetching, Met int
	// At is when that was counted; zero for never. What was never counted is not taken. ToldAt is when somebody told it,
	// which is before At if nobody did then and what was told before is still believed.
	At, ToldAt time.Time
	// Since is since when it has been short of copies, for one that is not kept, or spare, for one that is: see
	// Policy.Since.
	Since time.Time
	// Taken is when it was taken.
	Taken time.Time
}

// LeftOut is why a site is not kept.
type LeftOut string

// The reasons.
const (
	WellKept  LeftOut = "well kept" // others have enough copies
	NoRoom    LeftOut = "no room"   // it would not fit
	Waiting   LeftOut = "waiting"   // its turn here has not come, or others are fetching it
	Uncounted LeftOut = "uncounted" // its copies have not been counted yet
	Unpinned  LeftOut = "unpinned"  // a person has unpinned it, and it is not counted any more
)

// Choice is what to do now.
type Choice struct {
	// Take are sites to pin, and Release sites to unpin, of which there were enough copies elsewhere or no room here.
	Take, Release []string
	// Recount are sites about which something would be decided, if only the numbers were newer.
	Recount []string
	// Left says of each of the listed sites why it is not kept from now on; empty for one that is.
	Left []LeftOut
}

const (
	// patience is how many periods pass until the last follower has taken a site that is short of copies.
	patience = 8
	// spread is about how many followers there may be, as a power of two, for only a few of them to take a site first.
	spread = 10
	// slots is how many slots a day of releasing has, each of slotPeriods periods: a follower lets go of a site in one of
	// them only.
	slots       = 24
	slotPeriods = 2
	// freshPart of a period is how old a number may be of which something is decided.
	freshPart = 6
	// quickPart of the room is filled without waiting for others.
	quickPart = 4
	// mostUnmeasured is how many sites of unknown size are fetched at a time.
	mostUnmeasured = 6
	// mostRecounted is how many sites are counted again out of turn at a time: one request's worth.
	mostRecounted = 60
)

// Short reports whether a site has fewer copies elsewhere than it should. One of which nobody tells has the fewest.
func (p Policy) Short(l Listed) bool { return l.Copies < p.Copies }

// isSpare reports whether a site that is kept would have enough copies without this one. A tracker can claim anything:
// only as many count as were met.
func (p Policy) isSpare(l Listed) bool {
	return l.Kept && l.Whole && !l.Fixed && spareCopies(l) >= p.Copies
}

func spareCopies(l Listed) int { return min(l.Copies, l.Met) }

// Since returns what Listed.Since is from now on, for numbers that are new.
func (p Policy) Since(l Listed, now time.Time) time.Time {
	switch {
	case l.Kept && !p.isSpare(l), !l.Kept && !p.Short(l):
		return time.Time{}
	case l.Since.IsZero():
		return now
	}
	return l.Since
}

// rank is this follower's number for a site, from 0 to below 1 (rendezvous hashing): the followers with the lowest
// numbers are the first to take it.
func (p Policy) rank(host, what string) float64 {
	sum := sha256.Sum256([]byte(p.Self + "\x00" + what + "\x00" + host))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// delay is how long the follower waits until it takes a site. There are few whose delay is much shorter than the
// longest, and twice as many with each step: whether there are five followers or a thousand, only some act before the
// others see that (as with the timers of multicast feedback).
func (p Policy) delay(rank float64) time.Duration {
	part := 1 + math.Log2(max(rank, math.SmallestNonzeroFloat64))/spread
	return time.Duration(max(0, part) * float64(patience*p.Every))
}

// mayRelease reports whether this follower may let go of a site now, in so many slots of the day. Those that have it
// have other turns, which are longer than what one of them does takes to be seen.
func (p Policy) mayRelease(l Listed, width int, now time.Time) bool {
	slot := slotPeriods * p.Every
	if l.Since.IsZero() || now.Sub(l.Since) < slot {
		return false
	}
	turn, current := int(p.rank(l.Host, "release")*slots), int(now.UnixNano()/int64(slot)%slots)
	return (current-turn+slots)%slots < width
}

// turns is in how many slots of the day sites may be let go of for one that is short: the closer that is to its end,
// and the larger it is, the more.
func (c *choosing) turns(copies int, size int64) int {
	switch {
	case copies <= 0:
		return slots
	case copies == 1 || c.guess == 0:
		return slots / 4
	}
	return int(min(slots/4, 1+size/c.guess))
}

// isFresh reports whether the numbers of a site are new. Those that are only believed, because nobody tells any more,
// are not, however lately that was asked.
func (p Policy) isFresh(l Listed, now time.Time) bool {
	at := l.ToldAt
	if l.Copies < 0 {
		at = l.At
	}
	return now.Sub(at) <= p.Every/freshPart
}

// choosing is a decision that is being made.
type choosing struct {
	Policy

	now    time.Time
	listed []Listed
	choice Choice
	kept   int   // sites
	used   int64 // bytes, of which some are a guess
	// unmeasured counts those that are being fetched and whose size is not known; guess is what each is taken for.
	unmeasured int
	guess      int64
	spare      []int // of the listed, those with the most copies first
}

// Choose decides what to take and what to let go of. It keeps within the limits; it lets go of whole sites only for one
// that is short of copies, unless the limits have fallen or sites have grown.
func (p Policy) Choose(listed []Listed, now time.Time) Choice {
	c := &choosing{Policy: p, now: now, listed: listed, choice: Choice{Left: make([]LeftOut, len(listed))}}
	c.fit()
	c.guess = p.guessSize(listed)
	var short []ranked
	for i, l := range listed {
		switch {
		case c.choice.Left[i] != "": // It has just been let go of.
		case l.Kept:
			c.keep(i)
		case l.At.IsZero():
			c.choice.Left[i] = Uncounted
		case !p.Short(l):
			c.choice.Left[i] = WellKept
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
		c.choice.Left[r.index] = c.consider(r)
	}
	return c.choice
}

// keep counts a site that is kept.
func (c *choosing) keep(i int) {
	l := c.listed[i]
	c.kept++
	c.used += c.cost(l)
	if c.isUnmeasured(l) {
		c.unmeasured++
	}
	if c.isSpare(l) {
		c.spare = append(c.spare, i)
	}
}

// release lets go of a site.
func (c *choosing) release(i int, why LeftOut) {
	c.choice.Release = append(c.choice.Release, c.listed[i].Host)
	c.choice.Left[i] = why
}

// ranked is one of the listed sites with this follower's rank for it.
type ranked struct {
	index  int
	copies int
	rank   float64
}

// consider takes a site that is short of copies, or returns why not.
func (c *choosing) consider(r ranked) LeftOut {
	l := c.listed[r.index]
	size := max(l.Size, 0)
	if l.Size < 0 {
		size = c.guess
	}
	switch {
	case c.MaxSize > 0 && size > c.MaxSize:
		return NoRoom
	case !c.isTurn(l, r.rank), l.Size < 0 && l.Copies != 0 && c.unmeasured >= mostUnmeasured:
		return Waiting
	}
	room, waits := c.room(size, c.turns(l.Copies, size))
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
	c.kept, c.used = c.kept+1, c.used+c.cost(l)
	if c.isUnmeasured(l) {
		c.unmeasured++
	}
	c.choice.Take = append(c.choice.Take, l.Host)
	return ""
}

// recount asks for newer numbers of a site, once, and of not too many at a time. Where nobody told the last time, that
// waits for half a period.
func (c *choosing) recount(l Listed) {
	if l.Copies >= 0 && l.ToldAt.Before(l.At) && c.now.Sub(l.At) < c.Every/2 {
		return
	}
	if len(c.choice.Recount) < mostRecounted && !slices.Contains(c.choice.Recount, l.Host) {
		c.choice.Recount = append(c.choice.Recount, l.Host)
	}
}

// isTurn reports whether this follower is to take the site now, as far as others do not.
func (c *choosing) isTurn(l Listed, rank float64) bool {
	waited := c.now.Sub(l.Since)
	coming := max(l.Copies, 0) + l.Fetching
	switch {
	case l.Since.IsZero():
		return false
	case coming >= c.Copies && (l.Copies == 0 || waited < 2*patience*c.Every):
		return false // Those who fetch it will have it soon, or nobody will.
	case c.MaxSize == 0 || c.used < c.MaxSize/quickPart:
		return true
	}
	return waited >= c.delay(rank)
}

// room returns what to let go of for a site to fit, which is nothing if it fits or cannot. It waits for numbers that
// are newer.
func (c *choosing) room(size int64, width int) (release []int, waits bool) {
	if c.fits(size, 1) {
		return nil, false
	}
	freed := int64(0)
	for _, i := range c.spare {
		l := c.listed[i]
		if c.choice.Left[i] != "" || !c.mayRelease(l, width, c.now) {
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
func (c *choosing) fits(size int64, sites int) bool {
	return (c.MaxSize == 0 || c.used+size <= c.MaxSize) && (c.MaxSites == 0 || c.kept+sites <= c.MaxSites)
}

// cost is what a site that is kept counts in bytes. One whose size has not come to be known for long costs nothing.
func (c *choosing) cost(l Listed) int64 {
	switch {
	case l.Size >= 0:
		return l.Size
	case c.isUnmeasured(l):
		return c.guess
	}
	return 0
}

// isUnmeasured reports whether a site is being fetched whose size is to be known soon.
func (c *choosing) isUnmeasured(l Listed) bool {
	return l.Size < 0 && l.Copies != 0 && c.now.Sub(l.Taken) < patience*c.Every
}

// guessSize is what a site of unknown size is taken for.
func (p Policy) guessSize(listed []Listed) int64 {
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
