package sites

import (
	"encoding/json"
	"fmt"
	"slices"

	"wtptui/engine"
	"wtptui/store"
)

// removals are the hosts of sites that a person was rid of, and whose browser has not been told yet to forget what they
// stored there. They are remembered across restarts.
type removals struct {
	journal *journal
	hosts   []string // oldest first
}

const (
	removalsKey = "removed hosts"
	// maxRemovals bounds removals; the oldest are given up.
	maxRemovals = 1000
)

func (r *removals) load(db *store.DB) error {
	data, err := db.Setting(removalsKey)
	if err != nil {
		return fmt.Errorf("sites: removed hosts: %w", err)
	}
	if json.Unmarshal(data, &r.hosts) != nil {
		r.hosts = nil // Not set, or damaged: no reason not to start.
	}
	return nil
}

// add remembers a host.
func (r *removals) add(host string) {
	if !slices.Contains(r.hosts, host) {
		r.hosts = appendBounded(r.hosts, host, maxRemovals)
		r.save()
	}
}

// take reports, once, whether a host was remembered.
func (r *removals) remove(host string) bool {
	i := slices.Index(r.hosts, host)
	if i < 0 {
		return false
	}
	r.hosts = slices.Delete(slices.Clone(r.hosts), i, i+1)
	r.save()
	return true
}

// labelled gives the remembered host of a label.
func (r *removals) hostOfLabel(label string) string {
	for _, host := range r.hosts {
		if engine.Label(host) == label {
			return host
		}
	}
	return ""
}

func (r *removals) save() {
	hosts := slices.Clone(r.hosts)
	r.journal.enqueue(storeChange{apply: func(tx *store.Tx) error {
		if len(hosts) == 0 {
			return tx.PutSetting(removalsKey, nil)
		}
		data, err := json.Marshal(hosts)
		if err != nil {
			return err
		}
		return tx.PutSetting(removalsKey, data)
	}})
}

// TakeRemoved reports, once, that a person has removed the site, or evicted it and it has left the bin, since its
// origin was last asked: its browser is to forget what was stored there, unless it was brought back before. A site
// that only expired keeps that, for when its reader comes back.
func (e *Engine) TakeRemoved(host string) (taken bool) {
	_ = e.withState("sites: take removed", host, func(st *state) error { // An engine that is stopping tells the browser next time.
		taken = st.removals.remove(host)
		return nil
	})
	return taken
}
