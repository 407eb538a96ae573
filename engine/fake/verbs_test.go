package fake

import (
	"errors"
	"testing"

	"wtptui/engine"
)

func TestManyAreDoneInOneStep(t *testing.T) {
	e := New(Options{Scripts: ManySites(5000)})
	defer e.Close()
	before := newestSnapshot(t, e)
	var hosts []string
	mine := 0
	for _, s := range before.Sites {
		hosts = append(hosts, s.Host)
		if s.Mine {
			mine++
		}
	}
	if err := e.Do(t.Context(), engine.Pin, hosts...); err != nil {
		t.Fatal(err)
	}
	if after := newestSnapshot(t, e); after.Seq != before.Seq+1 {
		t.Errorf("%d snapshots for one step", after.Seq-before.Seq)
	}
	// Those that were published here are kept, as a real engine keeps them, and the others do not mind.
	for _, verb := range []engine.Verb{engine.Unpin, engine.Evict} {
		var some *engine.Failures
		if err := e.Do(t.Context(), verb, hosts...); !errors.As(err, &some) || some.Asked != 5000 || len(some.Each) != mine ||
			engine.KindOf(err) != engine.Conflict {
			t.Errorf("%s: %v, want it refused for %d sites", verb, err, mine)
		}
	}
	if left := newestSnapshot(t, e).Sites; len(left) != mine || !left[0].Pinned {
		t.Errorf("%d sites are left, want %d", len(left), mine)
	}
}
