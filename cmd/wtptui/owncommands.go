package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"time"

	"wtptui/ui"
)

// killWait is how long a command that was ended may keep its output open before nobody reads it any more.
const killWait = 2 * time.Second

// ownCommands are the person's own commands, for the dashboard.
func (s *settings) ownCommands() []ui.OwnCommand {
	var all []ui.OwnCommand
	for _, c := range s.Commands {
		all = append(all, ui.OwnCommand{Name: c.name, Screen: c.screen, Make: c.process})
	}
	return all
}

// process makes the process of a command. What it is about is in its environment only, where no shell reads it as code.
func (cmd ownCommand) process(ctx context.Context, environ []string) *exec.Cmd {
	argv := cmd.argv
	if argv == nil {
		argv = []string{"sh", "-c", cmd.shell}
		if runtime.GOOS == "windows" {
			argv = []string{"cmd", "/c", cmd.shell}
		}
	}
	//nolint:gosec // What the person has written into config.toml is what is to run.
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Env = append(os.Environ(), environ...)
	c.WaitDelay = killWait
	if !cmd.screen { // One with the terminal has to stay in its foreground.
		killWhole(c)
	}
	return c
}
