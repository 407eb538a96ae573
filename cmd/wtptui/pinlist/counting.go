package pinlist

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wtptui/engine"
)

// Counter counts the copies of sites that others have, whether this machine has the sites or not.
type Counter interface {
	// CountCopies returns a result for each request, in their order, when it has them or ctx ends.
	CountCopies(ctx context.Context, asked []CountRequest) []CountResult
}

// CountRequest is a request for the copies of one site.
type CountRequest struct {
	// Address is the address in the list.
	Address string
	// Infohash is what the site points to; empty if it has to be resolved first.
	Infohash string
	// Trackers are those that came with the name when it was resolved.
	Trackers []string
}

// CountResult is the result of a CountRequest.
type CountResult struct {
	// Infohash is what the site points to; empty if that is unknown.
	Infohash string
	// Trackers are those that came with the name, if it was resolved.
	Trackers []string
	// Copies, Fetching and Met are those of Listed.
	Copies, Fetching, Met int
}

const (
	// maxNames bounds the domains and keys that are resolved at a time, and nameTTL is how long a result is used.
	maxNames = 200
	nameTTL  = 6 * time.Hour
	// countTTL is how long a number of copies is used when no tracker reports a newer one.
	countTTL = 24 * time.Hour
	// maxTrackers bounds the trackers of a site that are stored for the next counts, and maxTrackerBytes the length of
	// the URL of one.
	maxTrackers     = 3
	maxTrackerBytes = 512
)

// counting counts the copies of the sites of shared lists, one list at a time.
type counting struct {
	counter Counter // nil for none
	// minInterval is Config.MinInterval.
	minInterval time.Duration
	job         *countJob // nil while nothing is counted
}

// interval returns how often the copies of a list's sites are counted.
func (c *counting) interval(l *followedList) time.Duration {
	return max(cmp.Or(l.state.Order.Every, DefaultEvery), c.minInterval, pollInterval)
}

// countJob is a count that is running.
type countJob struct {
	source   string
	hosts    []string
	requests []CountRequest
	results  chan []CountResult // buffered for the results
	cancel   context.CancelFunc
}

// start starts a count of what is due in a list, unless a count is running.
func (c *counting) start(ctx context.Context, l *followedList, st engineState) {
	if c.job != nil || !l.isShared() || l.contents == nil || ctx.Err() != nil {
		return
	}
	job := &countJob{source: l.state.Order.Source, results: make(chan []CountResult, 1)}
	c.planJob(l, st, job)
	if len(job.requests) == 0 {
		return
	}
	ctx, job.cancel = context.WithCancel(ctx)
	c.job = job
	counter := c.counter
	go func() {
		var answers []CountResult
		if counter != nil {
			answers = counter.CountCopies(ctx, job.requests)
		}
		job.results <- answers
	}()
}

// planJob adds requests for what is due: once a site has not been counted for an interval, all sites that have not
// been counted for most of one, so that trackers get few requests with many sites.
func (c *counting) planJob(l *followedList, st engineState, job *countJob) {
	every := c.interval(l)
	due, names := false, 0
	recount := map[string]bool{}
	for _, host := range l.recount {
		recount[host], due = true, true
	}
	for _, e := range l.contents.Entries {
		due = due || st.now.Sub(l.state.Counts[e.Host].At).Abs() >= every
	}
	if !due {
		return
	}
	for _, e := range l.contents.Entries {
		n := l.state.Counts[e.Host]
		if age := st.now.Sub(n.At).Abs(); age < every*3/4 && !recount[e.Host] || l.isUnpinned(e.Host, st) {
			continue
		}
		ask := CountRequest{Address: e.Address, Infohash: st.sites[e.Host].Infohash, Trackers: n.Trackers}
		switch {
		case ask.Infohash != "":
		case engine.IsInfohash(e.Host):
			ask.Infohash = e.Host
		case st.now.Sub(n.NamedAt).Abs() < nameTTL && n.Infohash != "":
			ask.Infohash = n.Infohash
		case names < maxNames:
			names++
		default:
			continue // The next count includes it.
		}
		job.hosts, job.requests = append(job.hosts, e.Host), append(job.requests, ask)
	}
}

// collect stores the results of a finished count of this list.
func (c *counting) collect(l *followedList, st engineState) {
	job := c.job
	if job == nil || job.source != l.state.Order.Source {
		return // The results of another list are collected when that is updated.
	}
	var answers []CountResult
	select {
	case answers = <-job.results:
	default:
		return
	}
	job.cancel()
	c.job = nil
	if l.contents == nil || l.state.Counts == nil || !l.isShared() {
		return
	}
	onList := hostSet(l.contents.Entries)
	for i, host := range job.hosts {
		if !onList[host] {
			continue
		}
		n, answer := l.state.Counts[host], CountResult{Copies: -1}
		if i < len(answers) {
			answer = answers[i]
		}
		if job.requests[i].Infohash == "" && answer.Infohash != "" {
			n.NamedAt = st.now.UTC()
			n.Trackers = slices.DeleteFunc(slices.Clone(answer.Trackers), func(u string) bool {
				return len(u) > maxTrackerBytes
			})
			n.Trackers = slices.Clip(n.Trackers[:min(len(n.Trackers), maxTrackers)])
		}
		n.update(answer, st.now.UTC())
		l.state.Counts[host] = n
		n.Since = l.policy.Since(l.listedSite(host, st), n.At)
		l.state.Counts[host] = n
	}
}

// update stores a result. If no tracker reports copies, as while this machine is offline, the last number is used for
// a day; but no site that is here counts as well kept because of it.
func (n *Count) update(a CountResult, now time.Time) {
	n.At, n.Met = now, a.Met
	if a.Infohash != "" {
		n.Infohash = a.Infohash
	}
	switch {
	case a.Copies >= 0:
		n.Copies, n.Fetching, n.ToldAt = a.Copies, a.Fetching, now
	case n.ToldAt.IsZero() || now.Sub(n.ToldAt).Abs() >= countTTL:
		n.Copies, n.Fetching = -1, 0
	default:
		n.Met = 0
	}
}

// cancelUnlessOrdered cancels the running count if its list has no order any more: nobody would collect the results,
// and no other list would be counted.
func (c *counting) cancelUnlessOrdered(orders []Order) {
	if c.job != nil && !slices.ContainsFunc(orders, func(o Order) bool { return o.Source == c.job.source }) {
		c.cancel()
	}
}

// cancel cancels the running count, and waits until it has ended.
func (c *counting) cancel() {
	if c.job != nil {
		c.job.cancel()
		<-c.job.results
		c.job = nil
	}
}
