package announce

import "testing"

// The seeds that a tracker counts include this client once it has announced that it is complete; it is subtracted.
func TestCountedSeedsExcludeThisClient(t *testing.T) {
	for name, c := range map[string]struct {
		event event
		left  int64
		seeds int
		want  []int
	}{
		"a seed among three":      {none, 0, 3, []int{2}},
		"the only seed":           {none, 0, 1, []int{0}},
		"one that is just coming": {started, 0, 1, []int{0}},
		"it counts the others":    {started, 0, 0, []int{0}},
		"who fetches is no seed":  {none, 5, 3, []int{3}},
		"it does not say":         {none, 0, -1, nil},
		"whoever leaves":          {stopped, 0, 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int
			e := &entry{tracker: &tracker{Tracker: Tracker{URL: "udp://t"}}, torrent: Torrent{
				Counted: func(_ string, seeds int) { got = append(got, seeds) },
			}}
			e.reportSeeds(request{event: c.event, Counters: Counters{Left: c.left}}, response{seeds: c.seeds})
			if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
				t.Errorf("it counts %v, want %v", got, c.want)
			}
		})
	}
}
