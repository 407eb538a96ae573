package question

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

const day = 24 * time.Hour

func plain() engine.Site { return engine.Site{Host: "a.example", Size: 10, Completed: 10, Copies: 5} }

func last() engine.Site    { return engine.Site{Host: "b.example", Size: 10, Completed: 10, Copies: 0} }
func pinned() engine.Site  { s := plain(); s.Pinned = true; return s }
func mine() engine.Site    { s := last(); s.Mine, s.Own, s.Pinned = true, true, true; return s }
func welcome() engine.Site { s := last(); s.Mine, s.Pinned = true, true; return s }
func found() engine.Site   { return engine.Site{Host: "c.example", State: engine.Found, Copies: -1} }

func some(n int, s engine.Site) []engine.Site {
	sites := make([]engine.Site, n)
	for i := range sites {
		sites[i] = s
	}
	return sites
}

// What can be undone is done at once; the last copy that is known, what is about many sites, and a removal are asked
// about.
func TestWhatAsks(t *testing.T) {
	unknown := last()
	unknown.Copies = -1
	half := last()
	half.Completed = 5
	for _, tc := range []struct {
		name  string
		verb  engine.Verb
		sites []engine.Site
		bin   time.Duration
		asks  bool
	}{
		{"evict", engine.Evict, some(10, plain()), day, false},
		{"evict a pinned one", engine.Evict, some(1, pinned()), day, false},
		{"evict a pinned one without a bin", engine.Evict, some(1, pinned()), 0, true},
		{"evict the last copy", engine.Evict, append(some(3, plain()), last()), day, true},
		{"evict where nobody knows", engine.Evict, some(1, unknown), day, false},
		{"evict what is not complete", engine.Evict, some(1, half), day, false},
		{"evict what wtptui brought along", engine.Evict, some(1, welcome()), day, false},
		{"evict eleven", engine.Evict, some(11, plain()), day, true},
		{"unpin", engine.Unpin, some(1, pinned()), day, false},
		{"unpin the last copy", engine.Unpin, some(1, last()), day, true},
		{"remove", engine.Remove, some(1, plain()), day, true},
		{"pin the last copy", engine.Pin, some(1, last()), day, false},
		{"pause eleven", engine.Pause, some(11, plain()), day, true},
	} {
		if _, asks := For(tc.verb, tc.sites, "", tc.bin, nil); asks != tc.asks {
			t.Errorf("%s: asks %v", tc.name, asks)
		}
	}
}

func TestTexts(t *testing.T) {
	for _, tc := range []struct {
		verb  engine.Verb
		sites []engine.Site
		bin   time.Duration
		want  string
	}{
		{
			engine.Remove, some(1, plain()), 0,
			"Its data, its pin and its history are deleted, and this cannot be undone. To keep the history, evict.",
		},
		{
			engine.Remove, some(1, mine()), day,
			"This is the last known copy: nobody else has all of it. It was published here. " +
				"Its data, its pin and its history go to the bin. All of it can be brought back for 1d, unless the space is " +
				"needed, and is deleted then.",
		},
		{
			engine.Remove, some(1, found()), 0, "It was found in the data folder, and nothing else knows what it is. " +
				"Its data, its pin and its history are deleted, and this cannot be undone.",
		},
		{
			engine.Remove, []engine.Site{mine(), found(), plain()}, 0, "1 of them is pinned. 1 of them was published here. " +
				"1 of them was found in the data folder, and nothing else knows what it is. 1 of them is the last known copy: " +
				"nobody else has all of it. " +
				"Their data, their pins and their history are deleted, and this cannot be undone.",
		},
		{
			engine.Evict, append(some(257, pinned()), append(some(3, last()), some(719, plain())...)...), day,
			"This is about every marked site, including those that are not on the screen. 257 of them are pinned. " +
				"3 of them are the last known copies: nobody else has all of them. Their data goes to the bin, and is deleted " +
				"after 1d: it can be undone until then.",
		},
		{
			engine.Evict, some(1, last()), day,
			"This is the last known copy: nobody else has all of it. Its data goes to the bin, and is deleted after 1d: it " +
				"can be undone until then.",
		},
	} {
		if q, _ := For(tc.verb, tc.sites, "", tc.bin, nil); q.Text != tc.want {
			t.Errorf("%s:\ngot  %q\nwant %q", tc.verb, q.Text, tc.want)
		}
	}
}

func TestQuestionsNameWhatIsLeftOut(t *testing.T) {
	q, _ := For(engine.Evict, some(11, plain()), "Left out: My blog: it was published here", day, nil)
	if want := "it can be undone until then. Left out: My blog: it was published here."; !strings.HasSuffix(q.Text, want) {
		t.Errorf("got %q, want %q at its end", q.Text, want)
	}
}

func TestTitlesNameTheSite(t *testing.T) {
	s := engine.Site{Host: strings.Repeat("0123456789", 4), Title: "Garden notes"}
	for _, got := range []string{
		Switch(s, "abc").Title, Switch(s, "").Title, first(For(engine.Remove, some(1, s), "", day, nil)).Title,
	} {
		if !strings.Contains(got, "Garden notes") || strings.Contains(got, s.Host) {
			t.Errorf("%q", got)
		}
	}
	if q := first(For(engine.Evict, some(1000, s), "", day, nil)); q.Title != "Evict 1,000 sites?" {
		t.Errorf("%q", q.Title)
	}
}

func first(q Question, _ bool) Question { return q }
