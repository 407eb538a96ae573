package sites

import (
	"strings"
	"testing"

	"wtptui/engine"
)

// A folder that cannot be written keeps no other one from being written or deleted. It is said while it lasts, and
// tried again now and then, until it works.
func TestFolderThatCannotBeWritten(t *testing.T) {
	b := start(t)
	for _, h := range []string{hashA, hashB} {
		b.world.seed(h, 2)
		b.add(h)
		b.waitFor(h, "seeding", seeding)
	}
	b.add("unresolved.example")
	b.writeStateFiles()
	b.world.mu.Lock()
	b.world.unwritable, b.world.written = hashA, nil
	b.world.mu.Unlock()
	for _, h := range []string{hashA, hashB} {
		b.do(engine.Pin, h)
	}
	b.do(engine.Remove, "unresolved.example")
	for range 300 {
		b.clock.Advance(stateWriteInterval)
	}
	b.world.mu.Lock()
	tries := len(b.world.written)
	if strings.Count(strings.Join(b.world.written, " "), hashB) != 1 || tries < 5 || tries > 20 {
		t.Errorf("in ten minutes these folders were written: %.8q", b.world.written)
	}
	if !strings.Contains(string(b.world.notes[hashB].State), `"pinned": true`) || b.world.notes["host-unresolved-example"].Name != "" {
		t.Errorf("the other folders are %+v", b.world.notes)
	}
	b.world.unwritable = ""
	b.world.mu.Unlock()
	const said = "the sites' folders do not say yet what they are: /data/"
	b.want("warnings", b.warnings(), said+hashA+" is not a folder: move it away")
	b.clock.Advance(maxRetryPause)
	b.want("warnings when it works", b.warnings(), "")
	before := b.protection()
	b.loseDatabase()
	b.want("what protects the sites", b.protection(), before)
}

// warnings are the lines that are shown now.
func (b *bench) warnings() string {
	b.t.Helper()
	return strings.Join(b.snapshot().Status.Warnings, "\n")
}
