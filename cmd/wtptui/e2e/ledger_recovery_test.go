package e2e_test

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine"
	"wtptui/localserve/control"
)

// recoveryCheck compares a program that has just been started with what was acknowledged before.
type recoveryCheck struct {
	t      *testing.T
	w      *peers.Wtptui
	client *control.Client
	ledger *ledger
	// snapshot is the last snapshot.
	snapshot engine.Snapshot
}

// loadTimeout is how long a program may take to load its state.
const loadTimeout = 30 * time.Second

// damageWarnings matches warnings of a program that has found its own records damaged.
var damageWarnings = regexp.MustCompile(
	`damaged|rebuilt|missing|moved aside|not believed|no site is known of|not its own|level=ERROR`)

// waitUntilAsTold waits until everything is as it was acknowledged, from the disk alone.
func (c *recoveryCheck) waitUntilAsTold() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), loadTimeout)
	defer cancel()
	snapshots, err := c.client.Watch(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	had := map[string]int64{}
	wrong := "there was no snapshot"
	for snap := range snapshots {
		c.snapshot = snap
		for _, site := range snap.Sites {
			if _, known := had[site.Host]; !known {
				had[site.Host] = site.Downloaded
			}
		}
		if wrong = c.ledger.findMismatch(snap); wrong == "" {
			break
		}
	}
	if wrong != "" {
		c.t.Fatalf("after the restart, in %s:\n%s", c.w.DataDir, wrong)
	}
	c.ledger.resolveOperations(c.snapshot)
	for _, site := range c.snapshot.Sites {
		if isComplete(site) && site.Downloaded != had[site.Host] {
			c.t.Errorf("%d bytes of %s were fetched again", site.Downloaded-had[site.Host], site.Host)
		}
	}
	for _, text := range append(strings.Split(c.w.Log(), "\n"), c.snapshot.Status.Warnings...) {
		if damageWarnings.MatchString(text) && !strings.Contains(text, "over the limit") {
			c.t.Errorf("after the restart: %s", text)
		}
	}
}

// checkBytes reads all sites that were complete, and the former versions that have addresses of their own.
func (c *recoveryCheck) checkBytes() {
	c.t.Helper()
	for _, e := range c.ledger.entries {
		if !e.state.isListed() || !e.state.complete {
			continue
		}
		c.checkSame(e.name, e.state.host, e.state.content)
		if e.domain == "" {
			for _, former := range e.state.formerVersions {
				c.checkSame(e.name+" before", former.infohash, former)
			}
			continue
		}
		d, err := c.client.Detail(c.t.Context(), e.state.host)
		if err != nil {
			c.t.Errorf("%s: %v", e.name, err)
		}
		for _, former := range e.state.formerVersions {
			if !slices.ContainsFunc(d.Versions, func(v engine.Version) bool {
				return v.Infohash == former.infohash && v.State == engine.VersionKept
			}) {
				c.t.Errorf("%s: the former version %s is not kept: %+v", e.name, former.infohash, d.Versions)
			}
		}
	}
}

// checkSame reads a site from the loopback server and compares it.
func (c *recoveryCheck) checkSame(name, host string, want *content) {
	c.t.Helper()
	local := strings.Replace(c.w.Root, "http://", "http://"+engine.OriginLabel(host)+".", 1)
	for path, data := range want.files {
		status, got, err := c.w.Get(c.t.Context(), local, path)
		if err != nil || status != http.StatusOK || !bytes.Equal(got, data) {
			c.t.Errorf("%s: GET %s%s: status %d, %d bytes, want the %d that it has: %v",
				name, local, path, status, len(got), len(data), err)
		}
	}
}

// undoAll undoes all evictions and removals that can be undone, and waits until the sites are there.
func (c *recoveryCheck) undoAll() {
	c.t.Helper()
	for _, e := range c.ledger.entries {
		if !e.state.canUndo() {
			continue
		}
		if err := c.client.Do(c.t.Context(), engine.Undo, e.state.host); err != nil {
			c.t.Errorf("%s: %v", e.name, err)
		}
		e.state.takenAwayBy = ""
	}
	c.waitUntilAsTold()
}

// addFormerVersions adds all former versions of sites with a name as sites of their own. They need no peer for that.
func (c *recoveryCheck) addFormerVersions() {
	c.t.Helper()
	for _, e := range c.ledger.entries {
		if e.domain == "" {
			continue
		}
		for _, former := range e.state.formerVersions {
			own := &entry{name: e.name + " before", versions: []*content{former}}
			own.state = siteState{host: former.infohash, content: former, complete: true}
			c.ledger.entries = append(c.ledger.entries, own)
			if _, err := c.client.Add(c.t.Context(), engine.AddRequest{Address: former.infohash}); err != nil {
				c.t.Error(err)
			}
		}
	}
	c.waitUntilAsTold()
	c.checkBytes()
}

// resumeDownloads resumes downloads that the closed tracker has stopped.
func (c *recoveryCheck) resumeDownloads(ctx context.Context) {
	c.t.Helper()
	var hosts []string
	for _, e := range c.ledger.entries {
		if e.state.isListed() && !e.state.complete {
			hosts = append(hosts, e.state.host)
		}
	}
	if err := c.client.Do(ctx, engine.Announce, hosts...); err != nil {
		c.t.Error(err)
	}
}
