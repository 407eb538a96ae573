package main

import (
	"context"
	"sync/atomic"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine/swarm"
)

// startPinLists starts the engine's part of `pin --from`.
func (n *node) startPinLists(ctx context.Context, s *settings, folder *dataFolder) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := pinlist.New(pinlist.Config{
		Folder: pinlist.FolderIn(folder.path), Engine: n.engine, Log: n.log, Warn: n.listWarnings.set,
		Counter: &copyCounter{swarm.NewCensus(n.swarm), n.resolver}, MinInterval: s.TrackerMinInterval,
	})
	n.runServer("pin lists", func() error { return f.Run(ctx) }, func(context.Context) error { cancel(); return nil })
}

// listWarnings are the warnings about pin lists.
type listWarnings struct{ lines atomic.Pointer[[]string] }

func (w *listWarnings) set(lines []string) { w.lines.Store(&lines) }

// swarmWithWarnings adds the warnings about pin lists to those of the swarm, so that the engine's status has both.
type swarmWithWarnings struct {
	*swarm.Client
	lists *listWarnings
}

func (s swarmWithWarnings) Status() swarm.Status {
	st := s.Client.Status()
	if lines := s.lists.lines.Load(); lines != nil {
		st.Warnings = append(st.Warnings, *lines...)
	}
	return st
}
