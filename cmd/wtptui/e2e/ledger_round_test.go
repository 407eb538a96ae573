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

// check compares a program that has just been started with what was told before.
type check struct {
	t      *testing.T
	w      *peers.Wtptui
	client *control.Client
	ledger *ledger
	// here is the last snapshot.
	here engine.Snapshot
}

// soon is how long a program may take to have read what it has.
const soon = 30 * time.Second

// alarming are warnings of a program that has found its own records damaged.
var alarming = regexp.MustCompile(
	`damaged|rebuilt|missing|moved aside|not believed|no site is known of|not its own|level=ERROR`)

// wait waits until everything is as it was told, which nobody but the disk can help with.
func (c *check) wait() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), soon)
	defer cancel()
	snapshots, err := c.client.Watch(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	had := map[string]int64{}
	wrong := "there was no snapshot"
	for snap := range snapshots {
		c.here = snap
		for _, site := range snap.Sites {
			if _, known := had[site.Host]; !known {
				had[site.Host] = site.Downloaded
			}
		}
		if wrong = c.ledger.problem(snap); wrong == "" {
			break
		}
	}
	if wrong != "" {
		c.t.Fatalf("after the restart, in %s:\n%s", c.w.DataDir, wrong)
	}
	c.ledger.settle(c.here)
	for _, site := range c.here.Sites {
		if isComplete(site) && site.Downloaded != had[site.Host] {
			c.t.Errorf("%d bytes of %s were fetched again", site.Downloaded-had[site.Host], site.Host)
		}
	}
	for _, text := range append(strings.Split(c.w.Log(), "\n"), c.here.Status.Warnings...) {
		if alarming.MatchString(text) && !strings.Contains(text, "over the limit") {
			c.t.Errorf("after the restart: %s", text)
		}
	}
}

// bytes reads all sites that were told to be complete, and the former versions that have an address of their own.
func (c *check) bytes() {
	c.t.Helper()
	for _, e := range c.ledger.entries {
		if !e.now.isHere() || !e.now.complete {
			continue
		}
		c.same(e.name, e.now.host, e.now.content)
		if e.domain == "" {
			for _, former := range e.now.kept {
				c.same(e.name+" before", former.infohash, former)
			}
			continue
		}
		d, err := c.client.Detail(c.t.Context(), e.now.host)
		if err != nil {
			c.t.Errorf("%s: %v", e.name, err)
		}
		for _, former := range e.now.kept {
			if !slices.ContainsFunc(d.Versions, func(v engine.Version) bool {
				return v.Infohash == former.infohash && v.State == engine.VersionKept
			}) {
				c.t.Errorf("%s: the former version %s is not kept: %+v", e.name, former.infohash, d.Versions)
			}
		}
	}
}

// same reads a site from the loopback server.
func (c *check) same(name, host string, want *content) {
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

// undoAll brings back all that can be, and waits until it is there.
func (c *check) undoAll() {
	c.t.Helper()
	for _, e := range c.ledger.entries {
		if !e.now.canUndo() {
			continue
		}
		if err := c.client.Do(c.t.Context(), engine.Undo, e.now.host); err != nil {
			c.t.Errorf("%s: %v", e.name, err)
		}
		e.now.gone = ""
	}
	c.wait()
}

// former adds all former versions of sites with a name as sites of their own: they need nobody else for them.
func (c *check) former() {
	c.t.Helper()
	for _, e := range c.ledger.entries {
		if e.domain == "" {
			continue
		}
		for _, former := range e.now.kept {
			own := &entry{name: e.name + " before", versions: []*content{former}}
			own.now = standing{host: former.infohash, content: former, complete: true}
			c.ledger.entries = append(c.ledger.entries, own)
			if _, err := c.client.Add(c.t.Context(), engine.AddRequest{Address: former.infohash}); err != nil {
				c.t.Error(err)
			}
		}
	}
	c.wait()
	c.bytes()
}

// goOn has downloads go on that a closed tracker has stopped.
func (c *check) goOn(ctx context.Context) {
	c.t.Helper()
	var hosts []string
	for _, e := range c.ledger.entries {
		if e.now.isHere() && !e.now.complete {
			hosts = append(hosts, e.now.host)
		}
	}
	if err := c.client.Do(ctx, engine.Announce, hosts...); err != nil {
		c.t.Error(err)
	}
}
