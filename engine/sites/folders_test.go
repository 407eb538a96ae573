package sites

import (
	"strings"
	"testing"

	"wtptui/engine"
)

// A folder that cannot be written does not keep others from being written or deleted. It is reported while it lasts,
// and retried until it works.
func TestUnwritableFolderIsReportedAndRetried(t *testing.T) {
	b := startFixture(t)
	for _, h := range []string{hashA, hashB} {
		b.swarm.seed(h, 2)
		b.addSite(h)
		b.waitFor(h, "seeding", isSeeding)
	}
	b.addSite("unresolved.example")
	b.writeStateFiles()
	b.swarm.mu.Lock()
	b.swarm.unwritable, b.swarm.written = hashA, nil
	b.swarm.mu.Unlock()
	for _, h := range []string{hashA, hashB} {
		b.doVerb(engine.Pin, h)
	}
	b.doVerb(engine.Remove, "unresolved.example")
	for range 300 {
		b.clock.Advance(stateWriteInterval)
	}
	b.swarm.mu.Lock()
	tries := len(b.swarm.written)
	if strings.Count(strings.Join(b.swarm.written, " "), hashB) != 1 || tries < 5 || tries > 20 {
		t.Errorf("in ten minutes these folders were written: %.8q", b.swarm.written)
	}
	if !strings.Contains(string(b.swarm.notes[hashB].State), `"pinned": true`) ||
		b.swarm.notes["host-unresolved-example"].Name != "" {
		t.Errorf("the other folders are %+v", b.swarm.notes)
	}
	b.swarm.unwritable = ""
	b.swarm.mu.Unlock()
	const said = "the sites' folders do not say yet what they are: /data/"
	b.check("warnings", b.shownWarnings(), said+hashA+" is not a folder: move it away")
	b.clock.Advance(maxRetryPause)
	b.check("warnings when it works", b.shownWarnings(), "")
	before := b.protections()
	b.loseDatabase()
	b.check("what protects the sites", b.protections(), before)
}

// shownWarnings returns the warnings that are shown now.
func (b *fixture) shownWarnings() string {
	b.t.Helper()
	return strings.Join(b.readSnapshot().Status.Warnings, "\n")
}
