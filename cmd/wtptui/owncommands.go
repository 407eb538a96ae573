package main

import (
	"context"
	"os/exec"

	"wtptui/ui"
)

// ownCommands returns the person's own commands for the dashboard.
func (s *settings) ownCommands() []ui.OwnCommand {
	var all []ui.OwnCommand
	for _, c := range s.Commands {
		all = append(all, ui.OwnCommand{Name: c.name, Screen: c.screen, Make: c.newProcess})
	}
	return all
}

// newProcess returns the process of a command, which is not started yet.
func (cmd ownCommand) newProcess(ctx context.Context, environ []string) *exec.Cmd {
	if cmd.screen {
		return cmd.run.Foreground(ctx, environ)
	}
	return cmd.run.Background(ctx, environ)
}
