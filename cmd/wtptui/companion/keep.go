package companion

import (
	"context"
	"slices"

	"wtptui/engine"
)

// keepOpenCall is a running call of Engine.KeepOpen for the sites that tabs show.
type keepOpenCall struct {
	sites []siteInstance
	stop  context.CancelFunc
	ended <-chan struct{} // closed when the call has ended
}

// siteInstance is a site since it was added: one that is removed and opened again is another.
type siteInstance struct {
	host  string
	added engine.Time
}

// hasEnded reports whether the call has ended by itself.
func (k keepOpenCall) hasEnded() bool {
	select {
	case <-k.ended:
		return true
	default:
		return false
	}
}

// keepTabsOpen keeps the sites open that tabs show now, and releases all others. When the browser or the last tab
// closes, the cache period of a site starts.
func (s *session) keepTabsOpen() {
	var sites []siteInstance
	var hosts []string
	for _, site := range s.sitesInTabs() {
		if site.State != engine.Found {
			sites = append(sites, siteInstance{site.Host, site.AddedAt})
			hosts = append(hosts, site.Host)
		}
	}
	if slices.Equal(sites, s.keptOpen.sites) && !s.keptOpen.hasEnded() {
		return
	}
	before := s.keptOpen
	s.keptOpen = keepOpenCall{sites: sites}
	if eng := s.engine; eng != nil && len(hosts) > 0 {
		ctx, cancel := context.WithCancel(s.ctx)
		ended := make(chan struct{})
		s.keptOpen.stop, s.keptOpen.ended = cancel, ended
		s.tasks.Go(func() {
			defer close(ended)
			_ = eng.KeepOpen(ctx, hosts...) // A call that has ended early is repeated after the next Interval.
		})
	}
	if before.stop != nil {
		before.stop()
	}
}
