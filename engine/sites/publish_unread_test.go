package sites

import (
	"testing"

	"wtptui/engine"
)

// A folder that is published again right after a start, before it is known how much of the site is here, waits for
// that: the site is not fetched from others.
func TestRepublishWaitsUntilTheSiteIsRead(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	first := b.publish(engine.PublishRequest{Dir: f.dir, Name: domain})
	b.stop()
	b.swarm.setChecking(true)
	b.openEngine()
	var again engine.Publication
	published := make(chan error, 1)
	go func() {
		var err error
		again, err = b.Publish(t.Context(), engine.PublishRequest{Dir: f.dir, Name: domain}, nil)
		published <- err
	}()
	b.waitWithoutTime("the publication to wait", func() bool {
		waits := false
		b.owner.do(func() { waits = len(b.state.torrents.getOrCreate(first.Infohash).claims) > 0 })
		select {
		case err := <-published:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
		return waits
	})
	b.swarm.setChecking(false)
	var err error
	b.waitWithoutTime("the publication to end", func() bool {
		b.clock.Advance(tickInterval)
		select {
		case err = <-published:
			return true
		default:
			return false
		}
	})
	if err != nil || again.Infohash != first.Infohash {
		t.Fatalf("%+v, %v", again, err)
	}
	b.check("page", b.getFile(domain, "index.html"), "one")
}
