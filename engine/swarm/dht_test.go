package swarm

import (
	"testing"
	"time"
)

// Who was added last is announced first, however many wait, and of the others the one that has waited for longest.
func TestOrderInTheDHT(t *testing.T) {
	d := newDHTAnnouncer(nil)
	now := time.Now()
	names := map[*handle]string{}
	handleOf := func(name string) *handle {
		h := &handle{}
		names[h] = name
		return h
	}
	for i := range 100 {
		d.due[handleOf("overdue")] = dhtTurn{at: now.Add(-time.Duration(i) * time.Second)}
	}
	d.due[handleOf("longest due")] = dhtTurn{at: now.Add(-time.Hour)}
	d.due[handleOf("later")] = dhtTurn{at: now.Add(time.Minute)}
	d.add(handleOf("first asked"))
	d.add(handleOf("last asked"))
	running := handleOf("running")
	d.add(running)
	d.running[running] = func() {}
	for _, want := range []string{"last asked", "first asked", "longest due", "overdue"} {
		h, wait := d.next(now)
		if names[h] != want || wait != 0 {
			t.Errorf("next is %q in %v, want %q", names[h], wait, want)
		}
		d.remove(h)
	}
	for range 99 {
		h, _ := d.next(now)
		d.remove(h)
	}
	if h, wait := d.next(now); names[h] != "later" || wait != time.Minute {
		t.Errorf("next is %q in %v", names[h], wait)
	}
	clear(d.due)
	if h, wait := d.next(now); h != nil || wait <= 0 {
		t.Errorf("with nothing to announce: %v in %v", h, wait)
	}
}
