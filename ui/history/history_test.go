package history

import (
	"slices"
	"testing"

	"wtptui/engine"
)

// Which seconds are drawn together does not change when the next one comes.
func TestHalvedKeepsItsPairs(t *testing.T) {
	var r Rates
	sample := func(down int64) {
		r.Sample(engine.Snapshot{Status: engine.Status{DownRate: down}})
	}
	for i := range int64(5) {
		sample(i + 1)
	}
	if got := r.Total().Halved().Down; !slices.Equal(got, []int64{2, 4, 5}) {
		t.Errorf("after five seconds %v", got)
	}
	sample(6)
	if got := r.Total().Halved().Down; !slices.Equal(got, []int64{2, 4, 6}) {
		t.Errorf("after six seconds %v", got)
	}
	for i := range int64(Seconds) {
		sample(i + 7)
		got := r.Total().Halved().Down
		for _, v := range got[:len(got)-1] {
			if v%2 != 0 {
				t.Fatalf("after %d seconds the pairs have moved: %v", i+7, got)
			}
		}
	}
	if got := r.Total().Halved().Down; len(got) != Seconds/2 {
		t.Errorf("a minute has %d pairs", len(got))
	}
}

func TestASiteIsForgottenAfterAStillMinute(t *testing.T) {
	var r Rates
	snap := engine.Snapshot{Sites: []engine.Site{{Host: "a.example", UpRate: 5}}}
	r.Sample(snap)
	snap.Sites = []engine.Site{{Host: "a.example"}}
	for range Seconds {
		if _, up := r.Site("a.example").Max(); up != 5 {
			t.Fatal("forgotten too soon")
		}
		r.Sample(snap)
	}
	if _, up := r.Site("a.example").Max(); up != 0 {
		t.Error("not forgotten")
	}
}
