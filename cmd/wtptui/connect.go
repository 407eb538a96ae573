package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// socketName is the control socket in the data folder.
const socketName = "control.sock"

func (p *program) socket() string { return filepath.Join(p.settings.dataDir(), socketName) }

// connected makes the RunE of a verb that talks to the engine that runs.
func (p *program) connected(verb func(ctx context.Context, eng engine.Engine, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := p.dial(cmd.Context())
		if err != nil {
			return err
		}
		defer c.Close()
		return verb(cmd.Context(), c, args)
	}
}

// snapshot is the engine's state now.
func snapshot(ctx context.Context, eng engine.Engine) (engine.Snapshot, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ch, err := eng.Watch(ctx)
	if err != nil {
		return engine.Snapshot{}, err
	}
	s, ok := <-ch
	if !ok {
		return s, engineGone(ctx)
	}
	return s, nil
}

// engineGone is why a watch ended before it gave what was waited for.
func engineGone(ctx context.Context) error {
	if ctx.Err() != nil {
		return interrupted(ctx, "watch")
	}
	return &engine.Error{Op: "watch", Kind: engine.Unavailable, Msg: "the running wtptui has stopped"}
}

func interrupted(ctx context.Context, op string) error {
	return &engine.Error{Op: op, Kind: engine.Unavailable, Msg: "interrupted", Err: ctx.Err()}
}

// siteHost returns the host that an argument names in any form of address.
func siteHost(ctx context.Context, eng engine.Engine, arg string) (string, error) {
	hosts, err := siteHosts(ctx, eng, []string{arg})
	if err != nil {
		return "", err
	}
	return hosts[0], nil
}

// siteHosts returns the hosts that arguments name, each once, in the order in which they are named first. The host
// behind the hashed label of a local URL is found among the sites that are there.
func siteHosts(ctx context.Context, eng engine.Engine, args []string) ([]string, error) {
	hosts := make([]string, 0, len(args))
	named := make(map[string]bool, len(args))
	var labels map[string]string // hosts by label; nil until one has to be looked up
	for _, arg := range args {
		addr, err := engine.ParseKnownAddress(arg)
		if err != nil {
			return nil, err
		}
		host := addr.Host
		if host == "" {
			if labels == nil {
				if labels, err = siteLabels(ctx, eng); err != nil {
					return nil, err
				}
			}
			if host = labels[addr.Label]; host == "" {
				return nil, &engine.Error{Op: "find", Kind: engine.NotFound, Msg: "no site has this local URL: see `wtptui ls`"}
			}
		}
		if !named[host] {
			named[host] = true
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}

// siteLabels returns the hosts of all sites by the labels of their local URLs.
func siteLabels(ctx context.Context, eng engine.Engine) (map[string]string, error) {
	s, err := snapshot(ctx, eng)
	if err != nil {
		return nil, err
	}
	labels := make(map[string]string, len(s.Sites))
	for _, site := range s.Sites {
		labels[engine.Label(site.Host)] = site.Host
	}
	return labels, nil
}
