package pinlist

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wtptui/engine"
)

// suspiciousReadings are what a followed list may turn to. Whatever is held back keeps what was pinned before.
var suspiciousReadings = []struct {
	name          string
	before, after string // the list, as lines without .example
	maxSites      int
	pinned        string // while it is held back, or for good
	why           string // empty when it is not held back
	accepted      string // what is pinned once it is accepted
}{
	{"empty", "a b c mine", "", 0, "a b c mine", "names no site and would unpin 3 of 3", "mine"},
	{"comments", "a b c mine", "# moved\n\n", 0, "a b c mine", "names no site and would unpin 3 of 3", "mine"},
	{
		"a page", "a b c", "<!doctype html><title>Not available</title>\n", 0, "a b c",
		"names no site and would unpin 3 of 3", "",
	},
	{"NULs", "a b c", strings.Repeat("\x00", 60), 0, "a b c", "names no site and would unpin 3 of 3", ""},
	{"the only one", "a", "", 0, "a", "names no site and would unpin 1 of 1", ""},
	{"the only one is another", "a", "b.example", 0, "a b", "would unpin 1 of 1", "b"},
	{"one of two", "a b", "a.example", 0, "a", "", ""},
	{"one of three", "a b c", "a.example\nc.example", 0, "a c", "", ""},
	{"two of three", "a b c", "a.example", 0, "a b c", "would unpin 2 of 3", "a"},
	{"two of four", "a b c d", "a.example\nb.example", 0, "a b", "", ""},
	{"all are others", "a b", "c.example\nd.example\ne.example", 0, "a b c d e", "would unpin 2 of 2", "c d e"},
	{
		"pushed out", "a b c", "w.example\nx.example\ny.example\na.example\nb.example\nc.example", 4, "a b c w",
		"would unpin 2 of 3", "a w x y",
	},
	{
		"a typo and new ones", "a b c", "a.example\nb exam ple\nc.example\nd.example\ne.example", 0, "a b c d e",
		"names no site in line 2 and would unpin 1 of 3", "a c d e",
	},
	{
		"bad lines", "a b c d", "a.example\n<b>\nc.example\nd.example\n<i>\n", 0, "a b c d",
		"names no site in 2 lines, the first is line 2, and would unpin 1 of 4", "a c d",
	},
	{"a typo that unpins nothing", "a b", "a.example\n<b>\nb.example\nc.example", 0, "a b c", "", ""},
	{"nothing that is the list's", "mine", "", 0, "mine", "", ""},
}

func TestSuspiciousReadingIsHeldBack(t *testing.T) {
	for _, c := range suspiciousReadings {
		t.Run(c.name, func(t *testing.T) {
			b := newHarness(t)
			b.engine.pin("mine.example", true)
			b.writeList(c.before)
			b.putOrder(Order{Follow: true, MaxSites: c.maxSites})
			b.pollTwice()
			before := b.engine.pinned()
			b.writeText(c.after)
			b.pollTwice()
			b.pollTwice()
			b.expectHeld(c.why)
			b.expectPinnedAndMine(c.pinned)
			// A restart applies nothing that was held back, and reports it once.
			b.restart()
			b.pollTwice()
			b.expectHeld(c.why)
			b.expectPinnedAndMine(c.pinned)
			if c.why == "" {
				if s := b.state(); c.after == "" && s.Error != "the list names no site" {
					t.Errorf("the error is %q", s.Error)
				}
				return
			}
			if n := strings.Count(b.log.String(), "held back"); n != 1 {
				t.Errorf("it is logged %d times:\n%s", n, b.log.String())
			}
			// The former list comes back.
			b.writeList(c.before)
			b.pollTwice()
			b.expectHeld("")
			b.expectPinned(before)
			// And turns bad again, which is then accepted.
			b.writeText(c.after)
			b.pollTwice()
			b.expectHeld(c.why)
			b.accept(b.state().Reading)
			b.pollTwice()
			b.expectHeld("")
			b.expectPinnedAndMine(c.accepted)
		})
	}
}

// expectPinnedAndMine is expectPinned without the site that a person has pinned, which is always there.
func (b *harness) expectPinnedAndMine(pinned string) {
	b.t.Helper()
	names := append(strings.Fields(strings.ReplaceAll(pinned, "mine", "")), "mine")
	slices.Sort(names)
	b.expectPinned(strings.Join(names, " "))
}

// expectHeld expects that a reading is held back for a reason, in the state and in the warnings; none if that is empty.
func (b *harness) expectHeld(why string) {
	b.t.Helper()
	got := ""
	if held := b.state().Held; held != nil {
		got = held.Reason
	}
	if got != why {
		b.t.Errorf("held back is %q, want %q", got, why)
	}
	want := "held back: pin list list.txt " + why + ": `wtptui pin --from " + b.list + " --accept` if that is meant"
	if why != "" && !slices.Equal(b.warnings, []string{want}) || why == "" && len(b.warnings) > 0 {
		b.t.Errorf("the warnings are %q, want %q", b.warnings, want)
	}
}

func TestNewOrdersAndHeldReadings(t *testing.T) {
	b := newHarness(t)
	b.writeList("a b c d")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	// Limits that a person lowers are meant.
	b.putOrder(Order{Follow: true, MaxSites: 1})
	b.pollTwice()
	b.expectHeld("")
	b.expectPinned("a")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	b.expectPinned("a b c d")
	b.writeList("a b c")
	b.putOrder(Order{Follow: true, MaxSites: 1})
	b.pollTwice()
	b.expectHeld("")
	b.expectPinned("a")
	b.writeList("a b c d")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	b.expectPinned("a b c d")
	// The same order again accepts nothing.
	b.writeText("")
	b.pollTwice()
	b.putOrder(Order{Follow: true, MaxSites: 2})
	b.pollTwice()
	b.expectHeld("names no site and would unpin 4 of 4")
	b.expectPinned("a b c d")
	// What is unpinned by hand need not be asked for any more.
	for _, host := range []string{"a", "b", "c", "d"} {
		b.engine.pin(host+".example", false)
	}
	b.pollTwice()
	b.expectHeld("")
	b.writeList("a b")
	b.pollTwice()
	b.expectPinned("a b")
	b.writeText("")
	b.pollTwice()
	b.expectHeld("names no site and would unpin 2 of 2")
	if err := b.folder.Cancel(b.list); err != nil {
		t.Fatal(err)
	}
	b.pollTwice()
	b.expectPinned("")
	if len(b.warnings) != 0 {
		t.Errorf("it is not followed any more, and still warned of: %q", b.warnings)
	}
}

// TestLimitsHoldForHeldReadings has the limits hold for what a list pins that is held back.
func TestLimitsHoldForHeldReadings(t *testing.T) {
	b := newHarness(t)
	b.engine.sizes = map[string]int64{"a.example": 50, "b.example": 40, "x.example": 60, "y.example": 20}
	b.writeList("a b")
	b.putOrder(Order{Follow: true, MaxSize: 120, MaxSites: 4})
	b.pollTwice()
	b.pollTwice()
	b.writeList("x y z")
	b.pollTwice() // The sizes are known when the sites have been looked at.
	b.pollTwice()
	b.expectHeld("would unpin 2 of 2")
	b.expectPinned("a b y z")
	b.writeList("z")
	b.pollTwice()
	b.expectHeld("would unpin 2 of 2")
	b.expectPinned("a b z")
	b.accept(b.state().Reading)
	b.pollTwice()
	b.expectPinned("z")
	if s := b.state(); s.Marks["z.example"] != Ours || len(s.Marks) != 1 || len(s.Sizes) != 0 {
		t.Errorf("%+v", s)
	}
}

// TestReadingOfASiteIsHeldBack follows a list that is a file of a site, whose own pin does not count.
func TestReadingOfASiteIsHeldBack(t *testing.T) {
	text := "a.example\n"
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, text)
	}))
	defer pages.Close()
	b := newHarness(t)
	b.list = "wtp://lists.example/sets/a.txt?x=1"
	version := func(digit, now string) {
		text = now
		b.engine.sites["lists.example"] = engine.Site{
			Host: "lists.example", Title: "Our mirrors", Pinned: b.engine.sites["lists.example"].Pinned,
			State: engine.Seeding, Infohash: strings.Repeat(digit, 40), Size: 1,
			LocalURL: strings.Replace(pages.URL, "127.0.0.1", "lists-example.localhost", 1) + "/",
		}
	}
	version("1", text)
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	b.expectPinned("a lists")
	version("2", "<html>")
	b.pollTwice()
	want := "held back: pin list a.txt of Our mirrors names no site and would unpin 1 of 1: " +
		"`wtptui pin --from '" + b.list + "' --accept` if that is meant"
	if len(b.warnings) != 1 || b.warnings[0] != want {
		t.Errorf("the warnings are %q, want %q", b.warnings, want)
	}
	b.expectPinned("a lists")
	// The next version is on its way while the last one is accepted.
	b.accept(b.state().Reading)
	site := b.engine.sites["lists.example"]
	site.Infohash, site.State = strings.Repeat("3", 40), engine.Metadata
	b.engine.sites[site.Host] = site
	b.pollTwice()
	b.expectPinned("a lists")
	version("3", "a.example\nb.example\n")
	b.pollTwice()
	b.expectPinned("a b lists")
	version("4", "# nothing\n")
	b.pollTwice()
	b.expectPinned("a b lists")
	b.accept(b.state().Reading)
	b.pollTwice()
	b.expectPinned("lists")
}

func TestOrderWithoutFollowUnpinsNothing(t *testing.T) {
	b := newHarness(t)
	b.writeList("a b c")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	b.writeList("c d")
	b.putOrder(Order{})
	b.pollTwice()
	b.expectPinned("a b c d")
	b.writeList("e")
	b.putOrder(Order{})
	b.pollTwice()
	b.expectPinned("a b c d e")
	b.writeText("<html>")
	b.putOrder(Order{})
	b.pollTwice()
	s := b.state()
	want := b.list + " is not a list of sites: not one of its lines is the address of a site"
	if s.Applied || s.DoneAt.IsZero() || s.Error != want {
		t.Errorf("%+v", s)
	}
	if orders, err := b.folder.Orders(); err != nil || len(orders) != 0 {
		t.Errorf("%v, %v", orders, err)
	}
}

// TestSitesOfOtherListsAreNoLosses does not count sites that another list keeps.
func TestSitesOfOtherListsAreNoLosses(t *testing.T) {
	b := newHarness(t)
	first := b.list
	b.writeList("x y z")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	b.list = filepath.Join(filepath.Dir(first), "other.txt")
	b.writeList("x y")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	b.list = first
	b.writeList("z")
	b.pollTwice()
	b.expectHeld("")
	b.expectPinned("x y z")
	b.list = filepath.Join(filepath.Dir(first), "other.txt")
	b.writeList("x")
	b.pollTwice()
	b.expectPinned("x z")
}

// TestListsHeldBackTogether has two lists of the same sites turn bad at once: neither leaves the sites to the other.
func TestListsHeldBackTogether(t *testing.T) {
	for _, names := range [][2]string{{"a.txt", "b.txt"}, {"b.txt", "a.txt"}} {
		b := newHarness(t)
		b.list = filepath.Join(t.TempDir(), names[0])
		first := b.list
		b.writeList("x y")
		b.putOrder(Order{Follow: true})
		b.pollTwice()
		b.list = filepath.Join(filepath.Dir(first), names[1])
		b.writeList("x y")
		b.putOrder(Order{Follow: true})
		b.pollTwice()
		b.writeText("")
		b.list = first
		b.writeText("")
		b.pollTwice()
		b.restart()
		b.pollTwice()
		b.expectPinned("x y")
	}
}
