package companion

import (
	"context"
	"slices"

	"wtptui/engine"
)

// kept are the sites that are kept open, because tabs show them. It is one call of the engine.
type kept struct {
	sites []opened
	stop  context.CancelFunc
	ended <-chan struct{} // is closed when the call has ended
}

// opened is a site since it was added: one that is removed and opened again is another.
type opened struct {
	host  string
	added engine.Time
}

// hasEnded reports whether the call has ended by itself.
func (k kept) hasEnded() bool {
	select {
	case <-k.ended:
		return true
	default:
		return false
	}
}

// keepShown keeps open what tabs show now, and lets go of the rest. With the browser, or the last tab, the cache period
// of a site begins.
func (s *session) keepShown() {
	var sites []opened
	var hosts []string
	for _, site := range s.shownSites() {
		if site.State != engine.Found {
			sites = append(sites, opened{site.Host, site.AddedAt})
			hosts = append(hosts, site.Host)
		}
	}
	if slices.Equal(sites, s.kept.sites) && !s.kept.hasEnded() {
		return
	}
	before := s.kept
	s.kept = kept{sites: sites}
	if eng := s.engine; eng != nil && len(hosts) > 0 {
		ctx, cancel := context.WithCancel(s.ctx)
		ended := make(chan struct{})
		s.kept.stop, s.kept.ended = cancel, ended
		s.tasks.Go(func() {
			defer close(ended)
			_ = eng.KeepOpen(ctx, hosts...) // What has ended early is begun again within a second.
		})
	}
	if before.stop != nil {
		before.stop()
	}
}
