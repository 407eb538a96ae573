package question

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

const day = 24 * time.Hour

func plainSite() engine.Site {
	return engine.Site{Host: "a.example", Size: 10, Completed: 10, Copies: 5}
}

func lastCopy() engine.Site {
	return engine.Site{Host: "b.example", Size: 10, Completed: 10, Copies: 0}
}
func pinnedSite() engine.Site  { s := plainSite(); s.Pinned = true; return s }
func ownSite() engine.Site     { s := lastCopy(); s.Mine, s.Own, s.Pinned = true, true, true; return s }
func welcomeSite() engine.Site { s := lastCopy(); s.Mine, s.Pinned = true, true; return s }
func foundSite() engine.Site   { return engine.Site{Host: "c.example", State: engine.Found, Copies: -1} }

func repeat(n int, s engine.Site) []engine.Site {
	sites := make([]engine.Site, n)
	for i := range sites {
		sites[i] = s
	}
	return sites
}

// What can be undone is done without a question. The last known copy, many sites, and a removal are asked about.
func TestOnlyIrreversibleLastCopyAndManyAreAsked(t *testing.T) {
	unknown := lastCopy()
	unknown.Copies = -1
	half := lastCopy()
	half.Completed = 5
	for _, tc := range []struct {
		name  string
		verb  engine.Verb
		sites []engine.Site
		bin   time.Duration
		asks  bool
	}{
		{"evict", engine.Evict, repeat(10, plainSite()), day, false},
		{"evict a pinned one", engine.Evict, repeat(1, pinnedSite()), day, false},
		{"evict a pinned one without a bin", engine.Evict, repeat(1, pinnedSite()), 0, true},
		{"evict the last copy", engine.Evict, append(repeat(3, plainSite()), lastCopy()), day, true},
		{"evict where nobody knows", engine.Evict, repeat(1, unknown), day, false},
		{"evict what is not complete", engine.Evict, repeat(1, half), day, false},
		{"evict what wtptui brought along", engine.Evict, repeat(1, welcomeSite()), day, false},
		{"evict eleven", engine.Evict, repeat(11, plainSite()), day, true},
		{"unpin", engine.Unpin, repeat(1, pinnedSite()), day, false},
		{"unpin the last copy", engine.Unpin, repeat(1, lastCopy()), day, true},
		{"remove", engine.Remove, repeat(1, plainSite()), day, true},
		{"pin the last copy", engine.Pin, repeat(1, lastCopy()), day, false},
		{"pause eleven", engine.Pause, repeat(11, plainSite()), day, true},
	} {
		if _, asks := ForVerb(tc.verb, tc.sites, "", tc.bin, nil); asks != tc.asks {
			t.Errorf("%s: asks %v", tc.name, asks)
		}
	}
}

func TestTextsNameCountsAndConsequences(t *testing.T) {
	for _, tc := range []struct {
		verb  engine.Verb
		sites []engine.Site
		bin   time.Duration
		want  string
	}{
		{
			engine.Remove, repeat(1, plainSite()), 0,
			"Its data, its pin and its history are deleted, and this cannot be undone. To keep the history, evict instead.",
		},
		{
			engine.Remove, repeat(1, ownSite()), day,
			"This is the last known copy: nobody else has all of it. It was published here. " +
				"Its data, its pin and its history go to the bin. All of it can be brought back for 1 day, or until " +
				"the space is needed; then it is deleted.",
		},
		{
			engine.Remove, repeat(1, foundSite()), 0, "It was found in the data folder, and nothing else knows what it is. " +
				"Its data, its pin and its history are deleted, and this cannot be undone.",
		},
		{
			engine.Remove,
			[]engine.Site{ownSite(), foundSite(), plainSite()},
			0,
			"1 of them is pinned. 1 of them was published here. " +
				"1 of them was found in the data folder, and nothing else knows what it is. 1 of them is the last known copy: " +
				"nobody else has all of it. " +
				"Their data, their pins and their history are deleted, and this cannot be undone.",
		},
		{
			engine.Evict, append(repeat(257, pinnedSite()), append(repeat(3, lastCopy()), repeat(719, plainSite())...)...), day,
			"This is about every marked site, including those that are not on the screen. 257 of them are pinned. " +
				"3 of them are the last known copies: nobody else has all of them. Their data goes to the bin. This can be " +
				"undone for 1 day, then it is deleted.",
		},
		{
			engine.Evict, repeat(1, lastCopy()), day,
			"This is the last known copy: nobody else has all of it. Its data goes to the bin. This can be " +
				"undone for 1 day, then it is deleted.",
		},
	} {
		if q, _ := ForVerb(tc.verb, tc.sites, "", tc.bin, nil); q.Text != tc.want {
			t.Errorf("%s:\ngot  %q\nwant %q", tc.verb, q.Text, tc.want)
		}
	}
}

func TestQuestionsNameWhatIsLeftOut(t *testing.T) {
	q, _ := ForVerb(engine.Evict, repeat(11, plainSite()), "Left out: My blog: it was published here", day, nil)
	want := "undone for 1 day, then it is deleted. Left out: My blog: it was published here."
	if !strings.HasSuffix(q.Text, want) {
		t.Errorf("got %q, want %q at its end", q.Text, want)
	}
}

func TestTitlesNameTheSite(t *testing.T) {
	s := engine.Site{Host: strings.Repeat("0123456789", 4), Title: "Garden notes"}
	for _, got := range []string{
		ForSwitch(s, "abc").Title, ForSwitch(s, "").Title,
		questionOf(ForVerb(engine.Remove, repeat(1, s), "", day, nil)).Title,
	} {
		if !strings.Contains(got, "Garden notes") || strings.Contains(got, s.Host) {
			t.Errorf("%q", got)
		}
	}
	if q := questionOf(ForVerb(engine.Evict, repeat(1000, s), "", day, nil)); q.Title != "Evict 1,000 sites?" {
		t.Errorf("%q", q.Title)
	}
}

func questionOf(q Question, _ bool) Question { return q }
