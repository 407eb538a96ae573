package main

import (
	"fmt"
	"path/filepath"
	"testing"
)

func TestScreenFiles(t *testing.T) {
	dir := t.TempDir()
	take := func(machine, want string) screenFile {
		t.Helper()
		f := lockScreenFile(dir, machine)
		if got := filepath.Base(f.path); got != want {
			t.Errorf("a dashboard of %q has %s, want %s", machine, got, want)
		}
		t.Cleanup(f.release)
		return f
	}
	first := take("", "screen.json")
	take("", "screen-2.json")
	take("host.example", "screen@host.example.json")
	take("[fe80::1%../x]", "screen@_fe80__1_.._x_.json")
	first.release()
	take("", "screen.json") // The next dashboard continues with the file of the first.
	for i := 3; i <= maxScreenFiles; i++ {
		take("", fmt.Sprintf("screen-%d.json", i))
	}
	if f := lockScreenFile(dir, ""); f.path != "" {
		t.Errorf("one too many has %s", f.path)
	}
	if f := lockScreenFile(filepath.Join(dir, "missing"), ""); filepath.Base(f.path) != "screen.json" || f.lock != nil {
		t.Errorf("without a folder: %+v", f)
	}
}
