package sites

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"

	"wtptui/engine"
	"wtptui/store"
)

// homesOffKey is the setting with the names of the homes that are off: a JSON list. Names without a home in this run
// stay in it, so that leaving out a flag once does not undo a takedown.
const homesOffKey = "homes off"

// homes are the domains on which sites are served to any browser. The owner decides what is on. What the public
// listener reads and counts for each request is atomic, so that no request waits for the owner.
type homes struct {
	journal *journal
	events  *eventLog
	roster  *roster
	// byName and sorted do not change after newHomes.
	byName map[string]*home
	sorted []*home // by name
	// off are the names of homes that a person has taken the site off, sorted.
	off []string
	// unsaved reports whether off has changed since the last flush. saves counts writes: a failed one is retried only
	// while it is the newest.
	unsaved bool
	saves   int
	// shownRequests is the number of requests in the last snapshot.
	shownRequests int64
}

// home is one domain.
type home struct {
	name, url, host string
	// on is a copy of the owner's decision.
	on              atomic.Bool
	requests, bytes atomic.Int64
	webSeed         atomic.Int64 // of the bytes
	// swarm is the last result of Homes.Swarm; nil if there was none.
	swarm atomic.Pointer[HomeSwarm]
	// uploadedBefore is how much peers had received of the site when it was first measured, and uploaded how much
	// since.
	uploadedBefore, uploaded int64
	seen                     bool
}

// measureUploaded updates how much peers have received of the site.
func (one *home) measureUploaded(s *site) {
	if s == nil {
		return
	}
	total := s.row.Uploaded + s.counted.uncounted().up
	if !one.seen {
		one.uploadedBefore, one.seen = total, true
	}
	one.uploaded = max(one.uploaded, total-one.uploadedBefore)
}

func newHomes(configured []engine.Home, j *journal, n *eventLog, r *roster) *homes {
	h := &homes{journal: j, events: n, roster: r, byName: map[string]*home{}}
	configured = slices.Clone(configured)
	engine.SortHomes(configured)
	for _, c := range configured {
		if h.byName[c.Name] == nil {
			h.byName[c.Name] = &home{name: c.Name, url: c.URL, host: c.Host}
			h.sorted = append(h.sorted, h.byName[c.Name])
		}
	}
	return h
}

func (h *homes) load(db *store.DB) error {
	data, err := db.Setting(homesOffKey)
	if err != nil {
		return fmt.Errorf("sites: homes: %w", err)
	}
	if data == nil {
		return nil
	}
	if err := json.Unmarshal(data, &h.off); err != nil {
		h.events.log.Warn("sites: which homes are off cannot be read: all are off now", "err", err)
		h.off = nil // Sites that may have been taken down are not served.
		for _, one := range h.sorted {
			h.off = append(h.off, one.name)
		}
	}
	return nil
}

func (h *homes) isOff(name string) bool { return slices.Contains(h.off, name) }

// view returns the homes as a snapshot has them.
func (h *homes) view() []engine.Home {
	views := make([]engine.Home, len(h.sorted))
	for i, one := range h.sorted {
		one.measureUploaded(h.roster.here[one.host])
		views[i] = engine.Home{
			Name: one.name, URL: one.url, Host: one.host, Off: h.isOff(one.name),
			Requests: one.requests.Load(), Bytes: one.bytes.Load(), WebSeed: one.webSeed.Load(), Uploaded: one.uploaded,
		}
	}
	return views
}

// updateOn updates which homes are on for requests. It is called after whatever may have changed that.
func (h *homes) updateOn() {
	for _, one := range h.sorted {
		one.on.Store(!h.isOff(one.name))
	}
}

// address returns the URL of a site's home that is on; empty if there is none.
func (h *homes) address(host string) string {
	for _, one := range h.sorted {
		if one.host == host && !h.isOff(one.name) {
			return one.url
		}
	}
	return ""
}

// refuseVisitor returns why a site is not opened for a visitor: it has no home that is on, or is not here. A person who
// reads here would open it, but a visitor must not bring back a site that was just removed.
func (h *homes) refuseVisitor(op, host string) error {
	if h.address(host) == "" || h.roster.here[host] == nil {
		return &engine.Error{Op: op, Host: host, Kind: engine.Unavailable, Msg: "the site is not served here now"}
	}
	return nil
}

// noteServed has the next snapshot show the requests that were served since the last one.
func (h *homes) noteServed() {
	var sum int64
	for _, one := range h.sorted {
		sum += one.requests.Load()
	}
	if sum != h.shownRequests {
		h.shownRequests, h.events.changed = sum, true
	}
}

// setOff sets whether a home is off; flush stores that.
func (h *homes) setOff(one *home, off bool) {
	h.off = slices.DeleteFunc(slices.Clone(h.off), func(name string) bool { return name == one.name })
	if off {
		h.off = append(h.off, one.name)
		slices.Sort(h.off)
	}
	h.unsaved, h.events.changed = true, true
}

// flush stores which homes are off, if that has changed, together with all changed rows. done is called once, with the
// outcome of both. A failed write is retried.
func (h *homes) flush(done func(error)) {
	if !h.unsaved {
		h.journal.flush(done)
		return
	}
	h.unsaved = false
	var rows error
	h.journal.flush(func(err error) { rows = err }) // They are written first.
	h.saves++
	names, save := h.off, h.saves
	h.journal.enqueue(storeChange{
		apply: func(tx *store.Tx) error {
			data, err := json.Marshal(names)
			if err != nil {
				return err
			}
			return tx.PutSetting(homesOffKey, data)
		},
		done: func(err error) {
			if done != nil {
				done(cmp.Or(rows, err))
				done = nil
			}
		},
		retryIf: func() bool { return save == h.saves },
	})
}

// takeOff takes a site off its homes because a person evicts or removes it: a restart must not bring it back there.
func (h *homes) takeOff(s *site) {
	for _, one := range h.sorted {
		if one.host != s.row.Host || h.isOff(one.name) {
			continue
		}
		h.setOff(one, true)
		h.events.record(s, engine.Info, engine.Noticed,
			"taken off its home "+one.url+", because it was sent away: `wtptui home on "+one.name+"` puts it back")
	}
}

// addSite adds the site of a home, pinned.
func (h *homes) addSite(one *home, st *state) {
	s, isNew := st.roster.here[one.host], false
	if s == nil {
		s, isNew = st.openSite(one.host)
	}
	st.adoptFound(s)
	st.pin(s)
	if isNew {
		st.startSite(s)
	}
}

// startAll adds the sites of all homes that are on.
func (h *homes) startAll(st *state) {
	for _, one := range h.sorted {
		if h.isOff(one.name) {
			h.events.record(st.roster.here[one.host], engine.Info, engine.Noticed,
				"the home "+one.url+" is off: `wtptui home on "+one.name+"` puts its site back")
			continue
		}
		h.addSite(one, st)
	}
}

// SetHome implements engine.Engine. A change that could not be saved holds until the engine ends.
func (e *Engine) SetHome(ctx context.Context, name string, on bool) error {
	const op = "sites: set home"
	if ctx.Err() != nil {
		return canceledError(ctx, op, "")
	}
	written := make(chan error, 1)
	err := e.withState(op, "", func(st *state) error {
		i, err := engine.FindHome(op, name, st.homes.view())
		if err != nil {
			return err
		}
		one := st.homes.sorted[i]
		events := st.events.collect(func() { st.homes.setOn(one, on, st) })
		st.homes.flush(func(err error) {
			if err == nil {
				st.events.emit(events...)
			}
			written <- err
		})
		return nil
	})
	if err != nil {
		return err
	}
	return awaitWrite(ctx, op, "", written)
}

// setOn turns a home on or off. The site of a home that is on is added.
func (h *homes) setOn(one *home, on bool, st *state) {
	wasOn := !h.isOff(one.name)
	if on {
		h.addSite(one, st)
	}
	if wasOn == on {
		return
	}
	h.setOff(one, !on)
	s := h.roster.here[one.host]
	if s != nil {
		st.swarm.reconcileAll(s) // The tracker accepts only sites whose home is on.
	}
	if on {
		h.events.record(s, engine.Info, engine.Noticed, "put back on its home "+one.url)
		return
	}
	h.events.record(s, engine.Info, engine.Noticed,
		"taken off its home "+one.url+": visitors get 410 Gone, and their browsers forget what it has stored there")
}

// Homes is what a public listener needs of an engine: it opens the sites of homes, and no others.
type Homes struct{ engine *Engine }

// Homes returns the engine's homes.
func (e *Engine) Homes() Homes { return Homes{e} }

// HomeSite returns the host of the site that a home serves. ok is false if there is no home of that name; on is false
// while the site is taken off. It never waits and may be called for each request.
func (h Homes) HomeSite(name string) (host string, on, ok bool) {
	one := h.engine.homes.byName[name]
	if one == nil {
		return "", false, false
	}
	return one.host, one.on.Load(), true
}

// Served counts a request that a home has answered, and the bytes of the response body; webSeed reports whether they
// were sent as a web seed. It never waits.
func (h Homes) Served(name string, bytes int64, webSeed bool) {
	one := h.engine.homes.byName[name]
	if one == nil {
		return
	}
	one.requests.Add(1)
	one.bytes.Add(bytes)
	if webSeed {
		one.webSeed.Add(bytes)
	}
}

// Open holds the content of a home's site for one request, as Engine.Open does. It does not open a site that is not
// here: the error's Kind is then Unavailable.
func (h Homes) Open(ctx context.Context, host string) (engine.Content, error) {
	return h.engine.open(ctx, host, func(st *state) error { return st.homes.refuseVisitor("sites: open at home", host) })
}

// WaitStatus returns what requests for a site wait for now.
func (h Homes) WaitStatus(host string) engine.WaitStatus { return h.engine.WaitStatus(host) }
