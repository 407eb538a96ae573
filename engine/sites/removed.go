package sites

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"wtptui/engine"
	"wtptui/store"
)

// removals are the hosts of sites that a person was rid of, and whose browser has not been told yet to forget what they
// stored there. They are remembered across restarts.
type removals struct {
	db *store.DB

	mu    sync.Mutex
	hosts []string // oldest first
}

const (
	removalsKey = "removed hosts"
	// maxRemovals bounds removals; the oldest are given up.
	maxRemovals = 1000
)

func (r *removals) load(db *store.DB) error {
	r.db = db
	data, err := db.Setting(removalsKey)
	if err != nil {
		return fmt.Errorf("sites: removed hosts: %w", err)
	}
	if json.Unmarshal(data, &r.hosts) != nil {
		r.hosts = nil // Not set, or damaged: no reason not to start.
	}
	return nil
}

// add remembers a host. It is written down when add returns.
func (r *removals) add(host string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.hosts, host) {
		return nil
	}
	before := r.hosts
	r.hosts = remember(r.hosts, host, maxRemovals)
	if err := r.save(); err != nil {
		r.hosts = before // the site stays
		return err
	}
	return nil
}

// take reports, once, whether a host was remembered.
func (r *removals) take(host string) (taken bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.Index(r.hosts, host)
	if i < 0 {
		return false, nil
	}
	r.hosts = slices.Delete(r.hosts, i, i+1)
	return true, r.save()
}

// labelled gives the remembered host of a label.
func (r *removals) labelled(label string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, host := range r.hosts {
		if engine.Label(host) == label {
			return host
		}
	}
	return ""
}

func (r *removals) save() error {
	var data []byte
	if len(r.hosts) > 0 {
		var err error
		if data, err = json.Marshal(r.hosts); err != nil {
			return err
		}
	}
	return r.db.PutSetting(removalsKey, data)
}

// TakeRemoved reports, once, that a person has removed the site, or evicted it for good, since its origin was last
// asked: its browser is to forget what was stored there. A site that only expired keeps that, for when its reader
// comes back.
func (e *Engine) TakeRemoved(host string) bool {
	taken, err := e.removals.take(host)
	if err != nil {
		e.cfg.Logger.Warn("sites: write down that a browser was told of a removal", "host", host, "err", err)
	}
	return taken
}
