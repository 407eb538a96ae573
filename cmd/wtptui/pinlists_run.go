package main

import (
	"context"
	"sync/atomic"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine/swarm"
)

// startPinLists follows the lists that `pin --from` has ordered.
func (n *node) startPinLists(ctx context.Context, s *settings, folder *dataFolder) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := pinlist.New(pinlist.Config{
		Folder: pinlist.FolderIn(folder.path), Engine: n.engine, Log: n.log, Warn: n.listWarnings.set,
		Counter: &copyCounter{swarm.NewCensus(n.swarm), n.resolver}, MinInterval: s.TrackerMinInterval,
	})
	n.background("pin lists", func() error { return f.Run(ctx) }, func(context.Context) error { cancel(); return nil })
}

// listWarnings are what a person should know of the pin lists.
type listWarnings struct{ lines atomic.Pointer[[]string] }

func (w *listWarnings) set(lines []string) { w.lines.Store(&lines) }

// warnedSwarm is the swarm with the warnings of the pin lists added to its own, which the engine's status shows.
type warnedSwarm struct {
	*swarm.Client
	lists *listWarnings
}

func (s warnedSwarm) Status() swarm.Status {
	st := s.Client.Status()
	if lines := s.lists.lines.Load(); lines != nil {
		st.Warnings = append(st.Warnings, *lines...)
	}
	return st
}
