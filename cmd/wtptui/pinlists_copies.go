package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/engine/swarm"
)

const (
	// namesTime is how long the domains and keys of a count are asked for, and namesAtOnce how many of them at a time.
	namesTime   = 30 * time.Second
	namesAtOnce = 8
)

// copyCounter counts the copies of a pin list's sites: where each points to is for the resolver to say, and who has it
// for trackers and the DHT.
type copyCounter struct {
	swarm interface {
		CountCopies(ctx context.Context, queries []swarm.CopiesQuery) []swarm.CopiesAnswer
	}
	names interface {
		Resolve(ctx context.Context, host string) (resolve.Answer, error)
	}
}

// CountCopies implements pinlist.Counter.
func (c *copyCounter) CountCopies(ctx context.Context, asked []pinlist.CountRequest) []pinlist.CountResult {
	queries, named := c.resolve(ctx, asked)
	counted := make([]pinlist.CountResult, len(asked))
	var known []swarm.CopiesQuery
	var which []int
	for i, q := range queries {
		counted[i] = pinlist.CountResult{Infohash: q.Infohash, Trackers: named[i], Copies: -1}
		if q.Infohash != "" {
			known, which = append(known, q), append(which, i)
		}
	}
	for i, a := range c.swarm.CountCopies(ctx, known) {
		n := &counted[which[i]]
		n.Copies, n.Fetching, n.Met = a.Copies, a.Fetching, a.Met
	}
	return counted
}

// resolve returns what to ask about each site, and which trackers those were named with that it had to ask for. Those
// that nothing is known of have no infohash.
func (c *copyCounter) resolve(
	ctx context.Context, asked []pinlist.CountRequest,
) (queries []swarm.CopiesQuery, named [][]string) {
	ctx, cancel := context.WithTimeout(ctx, namesTime)
	defer cancel()
	queries, named = make([]swarm.CopiesQuery, len(asked)), make([][]string, len(asked))
	slots := make(chan struct{}, namesAtOnce)
	var wg sync.WaitGroup
	for i, a := range asked {
		addr, err := engine.ParseAddress(a.Address)
		if err != nil {
			continue
		}
		queries[i] = swarm.CopiesQuery{Infohash: a.Infohash, Trackers: slices.Concat(addr.Trackers, a.Trackers)}
		if a.Infohash != "" {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if answer, err := c.names.Resolve(ctx, addr.Host); err == nil {
				queries[i].Infohash, named[i] = answer.Infohash, answer.Trackers
				queries[i].Trackers = slices.Concat(addr.Trackers, answer.Trackers)
			}
		})
	}
	wg.Wait()
	return queries, named
}
