package columns

import (
	"slices"
	"testing"
)

const gutter = 3

func TestColumnsFitAndGoInOrder(t *testing.T) {
	gone := 0
	for w := 220; w >= 60; w-- {
		out := Default().Fit(w, gutter)
		if got := totalWidth(out) + gutter; got != w {
			t.Fatalf("at %d the columns have %d cells: %+v", w, got, out)
		}
		at := map[ID]Column{}
		for _, c := range out {
			at[c.ID] = c
		}
		if at[Site].Width < minSite {
			t.Fatalf("at %d the site has %d cells", w, at[Site].Width)
		}
		// What goes as the screen narrows, in this order, and never comes back.
		missing := []bool{
			!at[Copies].WithWeb(), at[Ratio].ID == "", !at[Expires].WithGauge(), at[Title].ID == "", at[Size].ID == "",
			!at[State].WithWord(),
		}
		if at[State].WithWord() && at[Site].Width < goodSite {
			t.Fatalf("at %d there is room for the state's word, and none for hosts: %+v", w, out)
		}
		n := 0
		for n < len(missing) && missing[n] {
			n++
		}
		if slices.Contains(missing[n:], true) {
			t.Fatalf("at %d something went out of turn: %+v", w, out)
		}
		if n < gone {
			t.Fatalf("at %d something came back: %+v", w, out)
		}
		gone = n
	}
}

// Whatever a person chooses, the columns fit, and the site is among them.
func TestAnyChoiceFits(t *testing.T) {
	for _, set := range []Set{allShown(), Parse([]string{"infohash", "site"}), Parse(nil), onlySite()} {
		for w := 60; w <= 240; w++ {
			out := set.Fit(w, gutter)
			if totalWidth(out)+gutter > w || !slices.ContainsFunc(out, func(c Column) bool { return c.ID == Site }) {
				t.Fatalf("at %d: %+v", w, out)
			}
		}
	}
	if out := allShown().Fit(300, gutter); len(out) != len(all) {
		t.Errorf("%d of %d columns at 300", len(out), len(all))
	}
}

func allShown() Set {
	set := Default().ForFleet(true)
	for i := range set {
		set[i].Shown = true
	}
	return set
}

func onlySite() Set {
	set := Default()
	for i := range set {
		set[i].Shown = set[i].ID == Site
	}
	return set
}

func TestParse(t *testing.T) {
	set := Parse([]string{"peers", "-title", "peers", "colour", "-site"})
	want := Set{{Peers, true, false}, {Title, false, false}, {Site, true, false}}
	if len(set) != len(All(false)) || !slices.Equal(set[:3], want) {
		t.Errorf("got %v", set)
	}
	if again := Parse(set.Strings()); !slices.Equal(again, set) {
		t.Errorf("written and read it is %v, not %v", again, set)
	}
	if !slices.Equal(Parse(nil), Default()) {
		t.Error("nothing is not the default")
	}
}

// In a fleet the machine stands behind the site unless it was moved, and nowhere else is there such a column.
func TestForFleetAddsTheMachine(t *testing.T) {
	set := Default().ForFleet(true)
	if i := slices.Index(set, Choice{ID: Machine, Shown: true}); i < 1 || set[i-1].ID != Site || len(set) != len(all) {
		t.Errorf("the machine is at %d of %v", i, set)
	}
	if again := set.ForFleet(true); !slices.Equal(again, set) {
		t.Errorf("twice: %v", again)
	}
	if back := set.ForFleet(false); !slices.Equal(back, Default()) {
		t.Errorf("and back: %v", back)
	}
	moved, _ := set.Move(slices.Index(set, Choice{ID: Machine, Shown: true}), 1)
	if again := Parse(moved.Strings()).ForFleet(true); !slices.Equal(again, moved) {
		t.Errorf("moved, written and read: %v, not %v", again, moved)
	}
}

// A machine's name gets narrow, but it does not go before the columns behind it.
func TestMachineStays(t *testing.T) {
	for w := 60; w <= 240; w++ {
		out := Default().ForFleet(true).Fit(w, gutter)
		i := slices.IndexFunc(out, func(c Column) bool { return c.ID == Machine })
		if i < 0 || out[i].Width != machineFull && out[i].Width != machineShort || totalWidth(out)+gutter > w {
			t.Fatalf("at %d: %+v", w, out)
		}
	}
}

func TestToggleAndMove(t *testing.T) {
	set := Default()
	if s := set.Toggle(1); !s[1].Shown {
		t.Error("the site can be hidden")
	}
	if s := set.Toggle(2); s[2].Shown || !set[2].Shown {
		t.Error("the title cannot be hidden, or the set itself was changed")
	}
	s, at := set.Move(0, 2)
	if at != 2 || s[2].ID != State || s[0].ID != Site || set[0].ID != State {
		t.Errorf("moved to %d: %v", at, s)
	}
	if _, at := set.Move(0, -1); at != 0 {
		t.Error("moved beyond the first")
	}
}
