package fake

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"wtptui/engine"
)

// homes holds the domains on which sites are served to any browser, sorted by name.
type homes struct {
	all     []engine.Home
	tracker engine.HomeTracker
	rng     *rand.Rand
}

func newHomes(opts Options) homes {
	h := homes{all: append([]engine.Home{}, opts.Homes...), rng: rand.New(rand.NewPCG(opts.Seed, 3))}
	engine.SortHomes(h.all)
	h.tracker = opts.HomeTracker
	h.tracker.URLs = append([]string{}, h.tracker.URLs...)
	return h
}

// view returns the homes as they are in a snapshot.
func (h *homes) view() []engine.Home { return slices.Clone(h.all) }

// address returns the URL of the home of a site that is on; empty if it has none.
func (h *homes) address(host string) string {
	for _, one := range h.all {
		if one.Host == host && !one.Off {
			return one.URL
		}
	}
	return ""
}

// addRequests adds the requests of a few visitors in the time dt.
func (h *homes) addRequests(dt time.Duration) {
	for i := range h.all {
		if one := &h.all[i]; !one.Off && dt > 0 && h.rng.IntN(3) == 0 {
			one.Requests += 1 + h.rng.Int64N(5)
			one.Bytes += 2_000 + h.rng.Int64N(90_000)
			one.Uploaded += h.rng.Int64N(70_000)
			if len(h.tracker.URLs) > 0 {
				h.tracker.Announces++ // A visitor becomes a peer.
			}
		}
	}
}

// addHomeSite adds and pins the site of a home that is on.
func (st *world) addHomeSite(h engine.Home) {
	if h.Off {
		return
	}
	if _, err := st.openSite(engine.AddRequest{Address: h.Host, Pin: true}); err != nil {
		st.journal.record(nil, engine.Noticed, engine.Warning,
			"the site of %s cannot be added: %s", h.URL, engine.Message(err))
	}
}

// takeOffHomes takes a site that is evicted or removed off its homes.
func (st *world) takeOffHomes(s *site) {
	for i := range st.homes.all {
		if h := &st.homes.all[i]; h.Host == s.Host && !h.Off {
			h.Off = true
			st.journal.record(s, engine.Noticed, engine.Info,
				"taken off its home %s, because it was sent away: `wtptui home on %s` puts it back", h.URL, h.Name)
		}
	}
}

// SetHome implements engine.Engine.
func (e *Engine) SetHome(ctx context.Context, name string, on bool) error {
	if err := e.checkUsable(ctx, "home"); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	st := e.world
	i, err := engine.FindHome("fake: home", name, st.homes.all)
	if err != nil {
		return err
	}
	h := &st.homes.all[i]
	was := h.Off
	h.Off = !on
	st.addHomeSite(*h)
	switch s := st.sites[h.Host]; {
	case was == h.Off:
	case on:
		st.journal.record(s, engine.Noticed, engine.Info, "put back on its home %s", h.URL)
	default:
		st.journal.record(s, engine.Noticed, engine.Info,
			"taken off its home %s: visitors get 410 Gone, and their browsers forget what it has stored there", h.URL)
	}
	e.publish()
	return nil
}
