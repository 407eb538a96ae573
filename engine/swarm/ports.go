package swarm

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/anacrolix/upnp"
)

// Timeouts for discovering routers, and for removing the port mappings when the client closes.
const (
	discoverTimeout = 2 * time.Second
	unmapTimeout    = time.Second
)

// mapPorts has routers of the local network forward the peer port to this machine (UPnP IGD), until ctx ends.
func mapPorts(ctx context.Context, local int, log *slog.Logger) {
	type mapping struct {
		router   upnp.Device
		protocol upnp.Protocol
		port     int
	}
	var mapped []mapping
	for _, router := range upnp.Discover(0, discoverTimeout, newAlogLogger(log)) {
		for _, p := range []upnp.Protocol{upnp.TCP, upnp.UDP} {
			port, err := router.AddPortMapping(p, local, local, userAgent, 0)
			if err != nil {
				log.Info("a router does not forward the peer port", "router", router.GetLocalIPAddress(), "err", err)
				continue
			}
			log.Info("a router forwards a port", "router", router.GetLocalIPAddress(), "protocol", string(p), "port", port)
			mapped = append(mapped, mapping{router, p, port})
		}
	}
	<-ctx.Done()
	var all sync.WaitGroup
	for _, m := range mapped {
		all.Go(func() {
			if err := m.router.DeletePortMapping(m.protocol, m.port); err != nil {
				log.Info("a router did not remove the port mapping", "err", err)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		all.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(unmapTimeout): // An unreachable router does not delay the end.
	}
}
