package pinlist

import (
	"os"
	"testing"
)

// TestUnreadableOrder takes an order that cannot be read for one, and not for one that was cancelled.
func TestUnreadableOrder(t *testing.T) {
	b := newBench(t)
	b.write("a b")
	b.order(Order{Follow: true})
	b.look()
	file := b.folder.OrderFile(b.list)
	for _, spoil := range []func() error{
		func() error { return os.WriteFile(file, nil, 0o600) },
		func() error { return os.Remove(file) },
	} {
		b.expect("a b")
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		b.look()
	}
	b.expect("")
}
