package sites

import (
	"encoding/json"
	"fmt"
	"slices"

	"wtptui/engine"
	"wtptui/store"
)

// removals are the hosts of removed or evicted sites whose browsers have not been told yet to clear what the sites
// stored. They are kept across restarts.
type removals struct {
	journal *journal
	hosts   []string // oldest first
}

const (
	removalsKey = "removed hosts"
	// maxRemovals is the number of hosts that are remembered; the oldest are dropped.
	maxRemovals = 1000
)

func (r *removals) load(db *store.DB) error {
	data, err := db.Setting(removalsKey)
	if err != nil {
		return fmt.Errorf("sites: removed hosts: %w", err)
	}
	if json.Unmarshal(data, &r.hosts) != nil {
		r.hosts = nil // It is unset, or damaged, which is no reason to fail.
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

// remove removes a host. It reports whether it was remembered.
func (r *removals) remove(host string) bool {
	i := slices.Index(r.hosts, host)
	if i < 0 {
		return false
	}
	r.hosts = slices.Delete(slices.Clone(r.hosts), i, i+1)
	r.save()
	return true
}

// hostOfLabel returns the remembered host with a label; empty if there is none.
func (r *removals) hostOfLabel(label string) string {
	for _, host := range r.hosts {
		if engine.OriginLabel(host) == label {
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

// TakeRemoved reports, once, whether a person has removed the site, or has evicted it and it has left the bin, since
// the last call. Its browser must then clear what the site stored there, unless the site was brought back before. A
// site that only expired keeps its storage for when its reader returns.
func (e *Engine) TakeRemoved(host string) (taken bool) {
	_ = e.withState("sites: take removed", host, func(st *state) error { // Otherwise the browser is told next time.
		taken = st.removals.remove(host)
		return nil
	})
	return taken
}
