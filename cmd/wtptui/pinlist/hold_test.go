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

// badReadings are what a followed list may turn to. Whatever is held back keeps what was pinned before.
var badReadings = []struct {
	name          string
	before, after string // the list, as lines without .example
	maxSites      int
	pinned        string // while it is held back, or for good
	why           string // empty when it is not held back
	accepted      string // what is pinned once it is accepted
}{
	{"empty", "a b c mine", "", 0, "a b c mine", "names no site and would unpin 3 of 3", "mine"},
	{"comments", "a b c mine", "# moved\n\n", 0, "a b c mine", "names no site and would unpin 3 of 3", "mine"},
	{"a page", "a b c", "<!doctype html><title>Not available</title>\n", 0, "a b c", "names no site and would unpin 3 of 3", ""},
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

func TestHeldBack(t *testing.T) {
	for _, c := range badReadings {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.k.pin("mine.example", true)
			b.write(c.before)
			b.order(Order{Follow: true, MaxSites: c.maxSites})
			b.look()
			before := b.k.pinned()
			b.writeText(c.after)
			b.look()
			b.look()
			b.expectHeld(c.why)
			b.expectSites(c.pinned)
			// A restart applies nothing that was held back, and reports it once.
			b.restart()
			b.look()
			b.expectHeld(c.why)
			b.expectSites(c.pinned)
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
			b.write(c.before)
			b.look()
			b.expectHeld("")
			b.expect(before)
			// And turns bad again, which is then accepted.
			b.writeText(c.after)
			b.look()
			b.expectHeld(c.why)
			b.accept(b.state().Reading)
			b.look()
			b.expectHeld("")
			b.expectSites(c.accepted)
		})
	}
}

// expectSites is expect without the site that a person has pinned, which is always there.
func (b *bench) expectSites(pinned string) {
	b.t.Helper()
	names := append(strings.Fields(strings.ReplaceAll(pinned, "mine", "")), "mine")
	slices.Sort(names)
	b.expect(strings.Join(names, " "))
}

// expectHeld expects that a reading is held back for a reason, in the state and in the warnings; none if that is empty.
func (b *bench) expectHeld(why string) {
	b.t.Helper()
	got := ""
	if held := b.state().Held; held != nil {
		got = held.Why
	}
	if got != why {
		b.t.Errorf("held back is %q, want %q", got, why)
	}
	want := "held back: pin list list.txt " + why + ": `wtptui pin --from " + b.list + " --accept` if that is meant"
	if why != "" && !slices.Equal(b.warned, []string{want}) || why == "" && len(b.warned) > 0 {
		b.t.Errorf("the warnings are %q, want %q", b.warned, want)
	}
}

func TestHeldBackOrders(t *testing.T) {
	b := newBench(t)
	b.write("a b c d")
	b.order(Order{Follow: true})
	b.look()
	// Limits that a person lowers are meant.
	b.order(Order{Follow: true, MaxSites: 1})
	b.look()
	b.expectHeld("")
	b.expect("a")
	b.order(Order{Follow: true})
	b.look()
	b.expect("a b c d")
	b.write("a b c")
	b.order(Order{Follow: true, MaxSites: 1})
	b.look()
	b.expectHeld("")
	b.expect("a")
	b.write("a b c d")
	b.order(Order{Follow: true})
	b.look()
	b.expect("a b c d")
	// The same order again accepts nothing.
	b.writeText("")
	b.look()
	b.order(Order{Follow: true, MaxSites: 2})
	b.look()
	b.expectHeld("names no site and would unpin 4 of 4")
	b.expect("a b c d")
	// What is unpinned by hand need not be asked for any more.
	for _, host := range []string{"a", "b", "c", "d"} {
		b.k.pin(host+".example", false)
	}
	b.look()
	b.expectHeld("")
	b.write("a b")
	b.look()
	b.expect("a b")
	b.writeText("")
	b.look()
	b.expectHeld("names no site and would unpin 2 of 2")
	if err := b.folder.Cancel(b.list); err != nil {
		t.Fatal(err)
	}
	b.look()
	b.expect("")
	if len(b.warned) != 0 {
		t.Errorf("it is not followed any more, and still warned of: %q", b.warned)
	}
}

// TestMeanwhile has the limits hold for what a list pins that is held back.
func TestMeanwhile(t *testing.T) {
	b := newBench(t)
	b.k.sizes = map[string]int64{"a.example": 50, "b.example": 40, "x.example": 60, "y.example": 20}
	b.write("a b")
	b.order(Order{Follow: true, MaxSize: 120, MaxSites: 4})
	b.look()
	b.look()
	b.write("x y z")
	b.look() // The sizes are known when the sites have been looked at.
	b.look()
	b.expectHeld("would unpin 2 of 2")
	b.expect("a b y z")
	b.write("z")
	b.look()
	b.expectHeld("would unpin 2 of 2")
	b.expect("a b z")
	b.accept(b.state().Reading)
	b.look()
	b.expect("z")
	if s := b.state(); s.Marks["z.example"] != Ours || len(s.Marks) != 1 || len(s.Sizes) != 0 {
		t.Errorf("%+v", s)
	}
}

// TestHeldBackSite follows a list that is a file of a site, whose own pin does not count.
func TestHeldBackSite(t *testing.T) {
	text := "a.example\n"
	pages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, text)
	}))
	defer pages.Close()
	b := newBench(t)
	b.list = "wtp://lists.example/sets/a.txt?x=1"
	version := func(digit, now string) {
		text = now
		b.k.sites["lists.example"] = engine.Site{
			Host: "lists.example", Title: "Our mirrors", Pinned: b.k.sites["lists.example"].Pinned,
			State: engine.Seeding, Infohash: strings.Repeat(digit, 40), Size: 1,
			LocalURL: strings.Replace(pages.URL, "127.0.0.1", "lists-example.localhost", 1) + "/",
		}
	}
	version("1", text)
	b.order(Order{Follow: true})
	b.look()
	b.expect("a lists")
	version("2", "<html>")
	b.look()
	want := "held back: pin list a.txt of Our mirrors names no site and would unpin 1 of 1: " +
		"`wtptui pin --from '" + b.list + "' --accept` if that is meant"
	if len(b.warned) != 1 || b.warned[0] != want {
		t.Errorf("the warnings are %q, want %q", b.warned, want)
	}
	b.expect("a lists")
	// The next version is on its way while the last one is accepted.
	b.accept(b.state().Reading)
	site := b.k.sites["lists.example"]
	site.Infohash, site.State = strings.Repeat("3", 40), engine.Metadata
	b.k.sites[site.Host] = site
	b.look()
	b.expect("a lists")
	version("3", "a.example\nb.example\n")
	b.look()
	b.expect("a b lists")
	version("4", "# nothing\n")
	b.look()
	b.expect("a b lists")
	b.accept(b.state().Reading)
	b.look()
	b.expect("lists")
}

func TestOnceUnpinsNothing(t *testing.T) {
	b := newBench(t)
	b.write("a b c")
	b.order(Order{Follow: true})
	b.look()
	b.write("c d")
	b.order(Order{})
	b.look()
	b.expect("a b c d")
	b.write("e")
	b.order(Order{})
	b.look()
	b.expect("a b c d e")
	b.writeText("<html>")
	b.order(Order{})
	b.look()
	s := b.state()
	want := b.list + " is no list of sites: not one of its lines is the address of a site"
	if s.Applied || s.DoneAt.IsZero() || s.Error != want {
		t.Errorf("%+v", s)
	}
	if orders, err := b.folder.Orders(); err != nil || len(orders) != 0 {
		t.Errorf("%v, %v", orders, err)
	}
}

// TestHeldBackShared does not count sites that another list keeps.
func TestHeldBackShared(t *testing.T) {
	b := newBench(t)
	first := b.list
	b.write("x y z")
	b.order(Order{Follow: true})
	b.look()
	b.list = filepath.Join(filepath.Dir(first), "other.txt")
	b.write("x y")
	b.order(Order{Follow: true})
	b.look()
	b.list = first
	b.write("z")
	b.look()
	b.expectHeld("")
	b.expect("x y z")
	b.list = filepath.Join(filepath.Dir(first), "other.txt")
	b.write("x")
	b.look()
	b.expect("x z")
}

// TestListsHeldBackTogether has two lists of the same sites turn bad at once: neither leaves the sites to the other.
func TestListsHeldBackTogether(t *testing.T) {
	for _, names := range [][2]string{{"a.txt", "b.txt"}, {"b.txt", "a.txt"}} {
		b := newBench(t)
		b.list = filepath.Join(t.TempDir(), names[0])
		first := b.list
		b.write("x y")
		b.order(Order{Follow: true})
		b.look()
		b.list = filepath.Join(filepath.Dir(first), names[1])
		b.write("x y")
		b.order(Order{Follow: true})
		b.look()
		b.writeText("")
		b.list = first
		b.writeText("")
		b.look()
		b.restart()
		b.look()
		b.expect("x y")
	}
}
