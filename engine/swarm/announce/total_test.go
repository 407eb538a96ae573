package announce

import (
	"testing"
	"time"
)

func TestStatesAddUp(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(1_700_000_000+s, 0) }
	sum := State{URL: "u", Status: Idle, Seeds: -1, Leechers: 2, Peers: 1}
	sum.add(State{URL: "u", Status: Working, Seeds: 3, Leechers: 4, Peers: 5, Last: at(10), Next: at(100)})
	sum.add(State{URL: "u", Status: Failing, Seeds: -1, Leechers: -1, Last: at(5), Next: at(50)})
	want := State{URL: "u", Status: Working, Seeds: 3, Leechers: 6, Peers: 6, Last: at(10), Next: at(50)}
	if sum != want {
		t.Errorf("%+v, want %+v", sum, want)
	}
}
