package pinlist

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestUnreadableOrderIsNotCancelled takes an order that cannot be read for one, and not for one that was cancelled.
func TestUnreadableOrderIsNotCancelled(t *testing.T) {
	b := newHarness(t)
	b.writeList("a b")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	file := b.folder.OrderFile(b.list)
	for _, spoil := range []func() error{
		func() error { return os.WriteFile(file, nil, 0o600) },
		func() error { return os.Remove(file) },
	} {
		b.expectPinned("a b")
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		b.pollTwice()
	}
	b.expectPinned("")
}

// A list comes back as one of another follower, and pins what the restore has not; one whose state is damaged comes
// back as well.
func TestRestoreOfABackup(t *testing.T) {
	from, to := FolderIn(t.TempDir()), FolderIn(t.TempDir())
	for _, source := range []string{"/lists/a", "/lists/b"} {
		o := Order{Source: source, Follow: true, Copies: 2, At: time.Unix(1, 0).UTC()}
		if err := from.PutOrder(o); err != nil {
			t.Fatal(err)
		}
		s := State{Order: o, Self: "me", Marks: map[string]Mark{"kept.example": Ours, "refused.example": Ours}}
		if err := from.putState(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(from.path("/lists/b", stateSuffix), []byte(`{"self":"me","at":`), 0o600); err != nil {
		t.Fatal(err)
	}
	saved, err := from.Saved()
	if err != nil || len(saved) != 2 {
		t.Fatalf("%+v, %v", saved, err)
	}
	for i, marks := range []string{"kept.example", ""} {
		here, err := to.Restore(saved[i], map[string]bool{"refused.example": true})
		if err != nil || here {
			t.Errorf("here %v, %v", here, err)
		}
		source := saved[i].Order.Source
		if o, err := to.Followed(source); err != nil || o.Copies != 2 {
			t.Errorf("%+v, %v", o, err)
		}
		s, err := to.State(source)
		if got := strings.Join(slices.Sorted(maps.Keys(s.Marks)), " "); err != nil || s.Self != "" || got != marks {
			t.Errorf("%s: it is %q, with marks of %q: %v", source, s.Self, got, err)
		}
	}
	files := to.Files("/lists/a")
	if len(files) != 3 || files[0] != string(to) || len(to.Files("/lists/b")) != 2 {
		t.Errorf("its files are %v", files)
	}
	for _, name := range files {
		if _, err := os.Lstat(name); err != nil {
			t.Error(err)
		}
	}
}
