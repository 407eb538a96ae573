package pinlist

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var policyNow = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func testPolicy() Policy {
	return Policy{Self: "me", Copies: 3, MaxSize: 100, Every: 30 * time.Minute}
}

// shortSite returns a site of which others have had too few copies for long, so that it is everybody's turn.
func shortSite(name string, size int64, copies int) Listed {
	return Listed{
		Host: name, Size: size, Copies: copies, At: policyNow, ToldAt: policyNow,
		Since: policyNow.Add(-24 * time.Hour),
	}
}

// keptSite returns a site that is kept here, and has been well kept for long.
func keptSite(name string, size int64, copies, met int) Listed {
	return Listed{
		Host: name, Size: size, Kept: true, Whole: true, Copies: copies, Met: met, At: policyNow, ToldAt: policyNow,
		Since: policyNow.Add(-24 * time.Hour),
	}
}

func TestChoose(t *testing.T) {
	with := func(l Listed, change func(*Listed)) Listed {
		change(&l)
		return l
	}
	kept := with(keptSite("kept", 90, 1, 1), func(l *Listed) { l.Since = time.Time{} })
	for name, c := range map[string]struct {
		listed        []Listed
		take, release string
		left          string // of those that are not kept, in order
	}{
		"the fewest first": {
			listed: []Listed{shortSite("two", 60, 2), shortSite("one", 60, 1)},
			take:   "one", left: "no room",
		},
		"a smaller one beside it": {
			listed: []Listed{shortSite("two", 40, 2), shortSite("one", 60, 1), shortSite("three", 1, 3)},
			take:   "one two", left: "well kept",
		},
		"nobody tells": {
			listed: []Listed{shortSite("unknown", 60, -1), shortSite("none", 60, 0)}, take: "unknown",
			left: "no room",
		},
		"never counted":   {listed: []Listed{{Host: "new", Size: 1, Copies: 0}}, left: "uncounted"},
		"larger than all": {listed: []Listed{shortSite("huge", 101, 0)}, left: "no room"},
		"others fetch it": {
			listed: []Listed{with(shortSite("a", 10, 1), func(l *Listed) { l.Fetching, l.Since = 2, policyNow })},
			left:   "waiting",
		},
		"others fetch it in vain": {
			listed: []Listed{with(shortSite("a", 10, 1), func(l *Listed) { l.Fetching = 2 })}, take: "a",
		},
		"enough wait for what nobody has": {
			listed: []Listed{with(shortSite("a", 10, 0), func(l *Listed) { l.Fetching = 3 })}, left: "waiting",
		},
		"room is made": {
			listed: []Listed{keptSite("spare", 90, 4, 4), shortSite("last", 60, 0)}, take: "last", release: "spare",
			left: "well kept",
		},
		"no room is made for what is well kept": {
			listed: []Listed{keptSite("spare", 90, 4, 4), shortSite("a", 60, 3)}, left: "well kept",
		},
		"few keep it":        {listed: []Listed{kept, shortSite("last", 60, 0)}, left: "no room"},
		"a tracker claims":   {listed: []Listed{keptSite("claimed", 90, 1000, 2), shortSite("last", 60, 0)}, left: "no room"},
		"they were met once": {listed: []Listed{keptSite("gone", 90, 2, 9), shortSite("last", 60, 0)}, left: "no room"},
		"a person's": {
			listed: []Listed{with(keptSite("mine", 90, 9, 9), func(l *Listed) { l.Fixed = true }), shortSite("last", 60, 0)},
			left:   "no room",
		},
		"too large after all": {
			listed:  []Listed{keptSite("whole", 60, 9, 9), {Host: "part", Size: 50, Kept: true, Copies: 1, At: policyNow}},
			release: "part", left: "no room",
		},
		"the limit has fallen": {
			listed: []Listed{keptSite("a", 60, 2, 2), keptSite("b", 60, 7, 7), keptSite("c", 30, 1, 1)}, release: "b",
			left: "no room",
		},
		"old numbers": {
			listed: []Listed{with(shortSite("old", 60, 1), func(l *Listed) {
				l.At, l.ToldAt = policyNow.Add(-20*time.Minute), policyNow.Add(-20*time.Minute)
			})}, left: "waiting",
		},
		"told long ago": {
			listed: []Listed{with(shortSite("old", 60, 1), func(l *Listed) { l.ToldAt = policyNow.Add(-time.Hour) })},
			left:   "waiting",
		},
		"nobody tells now, old numbers": {
			listed: []Listed{with(shortSite("old", 60, 1), func(l *Listed) {
				l.At, l.ToldAt = policyNow.Add(-16*time.Minute), policyNow.Add(-time.Hour)
			})}, left: "waiting",
		},
		"what would make room was told of long ago": {
			listed: []Listed{
				with(keptSite("spare", 90, 4, 4), func(l *Listed) { l.ToldAt = policyNow.Add(-time.Hour) }),
				shortSite("last", 60, 0),
			},
			left: "waiting",
		},
		"nobody has ever told": {
			listed: []Listed{with(shortSite("unknown", 60, -1), func(l *Listed) { l.ToldAt = time.Time{} })}, take: "unknown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := testPolicy().Choose(c.listed, policyNow)
			left := slices.DeleteFunc(slices.Clone(got.Reasons), func(l LeftOutReason) bool { return l == "" })
			if take := strings.Join(got.Take, " "); take != c.take {
				t.Errorf("takes %q, want %q", take, c.take)
			}
			if release := strings.Join(got.Release, " "); release != c.release {
				t.Errorf("lets go of %q, want %q", release, c.release)
			}
			if l := fmt.Sprint(left); l != "["+c.left+"]" {
				t.Errorf("leaves out %s, want %s", l, c.left)
			}
			if wantRecount := strings.Contains(name, "old numbers"); wantRecount != (len(got.Recount) > 0) {
				t.Errorf("wants newer numbers of %v", got.Recount)
			}
		})
	}
}

// TestUnknownSizesAreFetchedAFewAtATime: sites that nobody has are not downloaded, and count as 0 bytes.
func TestUnknownSizesAreFetchedAFewAtATime(t *testing.T) {
	p := testPolicy()
	p.MaxSize = 1 << 40
	var listed []Listed
	for i := range 3 * maxUnmeasured {
		listed = append(listed, shortSite(fmt.Sprint("some", i), -1, 1), shortSite(fmt.Sprint("none", i), -1, 0))
	}
	got := p.Choose(listed, policyNow)
	some := 0
	for _, host := range got.Take {
		if strings.HasPrefix(host, "some") {
			some++
		}
	}
	if none := len(got.Take) - some; some != maxUnmeasured || none != 3*maxUnmeasured {
		t.Errorf("takes %d that somebody has and %d that nobody has", some, none)
	}
	for i := range listed {
		if slices.Contains(got.Take, listed[i].Host) {
			listed[i].Kept, listed[i].Taken = true, policyNow
		}
	}
	later := policyNow.Add(time.Minute)
	if got := p.Choose(listed, later); len(got.Take) > 0 {
		t.Errorf("takes %v while the others have no size yet", got.Take)
	}
}

func TestMaxSites(t *testing.T) {
	p := testPolicy()
	p.MaxSites, p.MaxSize = 2, 0
	listed := []Listed{keptSite("a", 1, 5, 5), keptSite("b", 1, 4, 4), shortSite("c", 1, 0), shortSite("d", 1, 0)}
	if got := p.Choose(listed, policyNow); len(got.Take) != 2 || len(got.Release) != 2 {
		t.Errorf("%+v", got)
	}
	p.MaxSites = 1
	if got := p.Choose(listed[:2], policyNow); !slices.Equal(got.Release, []string{"a"}) {
		t.Errorf("%+v", got)
	}
}

// TestTurnsAreSpread: few of many followers go first, all have had their turn in time, and releases are spread over
// all slots.
func TestTurnsAreSpread(t *testing.T) {
	p := testPolicy()
	early, longest := 0, time.Duration(0)
	turns := map[int]bool{}
	l := keptSite("a.example", 1, 9, 9)
	for i := range 1000 {
		p.Self = fmt.Sprint(i)
		d := p.delay(p.rank("a.example", "take"))
		if d < takePeriods*p.Every/2 {
			early++
		}
		longest = max(longest, d)
		n := 0
		for slot := range slots {
			if p.mayRelease(l, 1, policyNow.Add(time.Duration(slot)*slotPeriods*p.Every)) {
				turns[slot] = true
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%s has %d turns", p.Self, n)
		}
	}
	if early == 0 || early > 60 || longest > takePeriods*p.Every {
		t.Errorf("%d of 1000 go in the first half of the time, the last after %v", early, longest)
	}
	if len(turns) != slots {
		t.Errorf("all let go in %d of %d slots", len(turns), slots)
	}
	l.Since = policyNow
	if p.mayRelease(l, slots, policyNow.Add(p.Every)) {
		t.Error("what has only just become well kept may be let go of")
	}
}

func TestSince(t *testing.T) {
	p := testPolicy()
	l := Listed{Host: "a", Copies: 2}
	l.Since = p.Since(l, policyNow)
	if again := p.Since(l, policyNow.Add(time.Hour)); !l.Since.Equal(policyNow) || !again.Equal(policyNow) {
		t.Errorf("short since %v, and %v", l.Since, again)
	}
	l.Copies = 3
	if since := p.Since(l, policyNow); !since.IsZero() {
		t.Errorf("well kept, and short since %v", since)
	}
}
