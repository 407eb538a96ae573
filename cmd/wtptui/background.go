package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// serveInBackground starts `wtptui serve` with the settings of this command line, so that it outlives this program and its
// terminal, and returns when it serves. It logs where the dashboard did.
func (p *program) serveInBackground(cmd *cobra.Command) error {
	self, err := os.Executable()
	if err != nil {
		return cannotStay(err)
	}
	dir := p.settings.dataDir()
	logFile, err := openLog(dir)
	if err != nil {
		return err
	}
	defer logFile.Close()
	args := []string{"serve"}
	if p.settings.DataDir != "" { // It also says where config.toml is.
		args = append(args, "--data-dir="+dir)
	}
	for _, o := range p.settings.options() {
		if cmd.Flags().Changed(o.name) {
			args = append(args, flagsOf(o)...)
		}
	}
	serve := exec.Command(self, args...) //nolint:noctx // It outlives this program: that is what it is for.
	serve.Stdout, serve.Stderr = logFile, logFile
	detach(serve)
	if err := serve.Start(); err != nil {
		return cannotStay(err)
	}
	exit := make(chan error, 1)
	ended, end := context.WithCancel(context.Background())
	go func() {
		exit <- serve.Wait()
		end()
	}()
	wait := p.startWait()
	wait.starting = func() bool { return ended.Err() == nil }
	c, err := wait.dial(cmd.Context(), p.socket())
	switch {
	case err == nil:
		c.Close()
		fmt.Fprintf(p.stdout, "wtptui goes on seeding in the background: `wtptui` shows it, `kill %d` ends it\n", serve.Process.Pid)
		return nil
	case ended.Err() != nil:
		return cannotStay(fmt.Errorf("it ended at once (%w): %s says why", <-exit, logFile.Name()))
	case errors.Is(err, errNoAnswer):
		return cannotStay(fmt.Errorf("it does not answer yet: see %s", logFile.Name()))
	}
	return cannotStay(err)
}

// flagsOf writes an option as flags.
func flagsOf(o option) []string {
	list, ok := o.value.(*listValue)
	if !ok {
		return []string{"--" + o.name + "=" + o.value.String()}
	}
	if len(*list.to) == 0 {
		return []string{"--" + o.name + "=none"}
	}
	var flags []string
	for _, v := range *list.to {
		flags = append(flags, "--"+o.name+"="+v)
	}
	return flags
}

func cannotStay(err error) error {
	return &engine.Error{
		Op: "background", Kind: engine.Unavailable, Err: err,
		Msg: "cannot go on seeding in the background: " + err.Error() + ": `wtptui serve` starts it by hand",
	}
}
