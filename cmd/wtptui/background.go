package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// serveInBackground starts an engine that outlives this program, and prints how to show and to end it.
func serveInBackground(p *program, cmd *cobra.Command) error {
	c, _, err := startInBackground(p, cmd)
	if err != nil {
		return err
	}
	c.Close()
	fmt.Fprintf(p.stdout, "wtptui goes on seeding in the background: `wtptui` shows it, `%s` ends it\n",
		stopCommandLine(p, cmd))
	return nil
}

// dialOrStart connects to the selected engine. If none runs or is starting on this machine, it starts one in the
// background and says so.
func dialOrStart(p *program, cmd *cobra.Command) (*control.Client, error) {
	if p.attachTo != "" || isInUse(p.settings.dataDir()) {
		return p.dial(cmd.Context())
	}
	c, isOurs, err := startInBackground(p, cmd)
	if err == nil && isOurs {
		fmt.Fprintf(p.stderr, "wtptui: started an engine in the background: `%s` ends it\n",
			stopCommandLine(p, cmd))
	}
	return c, err
}

// stopCommandLine returns the command line that ends the engine which this one starts.
func stopCommandLine(p *program, cmd *cobra.Command) string {
	if !cmd.Flags().Changed("data-dir") {
		return "wtptui stop"
	}
	dir := p.settings.dataDir()
	if strings.ContainsAny(dir, " '\"\\$`") {
		dir = "'" + strings.ReplaceAll(dir, "'", `'\''`) + "'"
	}
	return "wtptui stop --data-dir " + dir
}

// startInBackground starts `wtptui serve` with the settings of this command line, so that it outlives this program and
// its terminal, and connects to it when it serves. It writes the same log as a dashboard. If several are started at
// once, one of them gets the data folder and all connect to that one; isOurs reports whether it is the one that this
// call has started.
func startInBackground(p *program, cmd *cobra.Command) (c *control.Client, isOurs bool, err error) {
	serve, logFile, err := backgroundCommand(p, cmd)
	if err != nil {
		return nil, false, backgroundError(err)
	}
	defer logFile.Close()
	if err := serve.Start(); err != nil {
		return nil, false, backgroundError(err)
	}
	waitErr := make(chan error, 1)
	exited, markExited := context.WithCancel(context.Background())
	go func() {
		waitErr <- serve.Wait()
		markExited()
	}()
	dir := p.settings.dataDir()
	policy := p.dialPolicy()
	policy.isStarting = func() bool { return exited.Err() == nil || isInUse(dir) }
	c, err = policy.dial(cmd.Context(), p.socket())
	switch {
	case err == nil:
		return c, holderPID(dir) == serve.Process.Pid, nil
	case exited.Err() != nil:
		return nil, false, backgroundError(fmt.Errorf("it ended at once (%w), see %s", <-waitErr, logFile.Name()))
	case errors.Is(err, errNoAnswer):
		return nil, false, backgroundError(fmt.Errorf("it does not answer yet, see %s", logFile.Name()))
	}
	return nil, false, backgroundError(err)
}

// backgroundCommand returns the command that startInBackground starts, and the log that it writes to.
func backgroundCommand(p *program, cmd *cobra.Command) (*exec.Cmd, *os.File, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	dir, err := filepath.Abs(p.settings.dataDir())
	if err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, dataFolderError(dir, err)
	}
	logFile, err := openLog(dir)
	if err != nil {
		return nil, nil, err
	}
	args := []string{"serve"}
	if p.settings.DataDir != "" { // It also decides where config.toml is.
		args = append(args, "--data-dir="+dir)
	}
	for _, o := range p.settings.options() {
		if cmd.Flags().Changed(o.name) {
			args = append(args, optionFlags(o)...)
		}
	}
	serve := exec.Command(self, args...) //nolint:noctx // It has to outlive this program.
	serve.Stdout, serve.Stderr = logFile, logFile
	detach(serve)
	return serve, logFile, nil
}

// optionFlags returns an option in the form of flags.
func optionFlags(o option) []string {
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

func backgroundError(err error) error {
	return &engine.Error{
		Op: "background", Kind: engine.Unavailable, Err: err,
		Msg: "wtptui cannot run in the background: " + engine.Message(err) + ": `wtptui serve` starts it in the foreground",
	}
}
