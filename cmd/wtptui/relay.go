package main

import (
	"context"
	"io"
	"path"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/engine"
	"wtptui/localserve/control/overssh"
)

// whileConnected is the flag with which a verb runs on another machine: it ends when its standard input does, which is
// when whoever started it has gone.
const whileConnected = "while-connected"

// addWhileConnectedFlag adds a flag to every verb, which no person needs.
func addWhileConnectedFlag(root *cobra.Command) *bool {
	on := root.PersistentFlags().Bool(whileConnected, false, "end when standard input does")
	_ = root.PersistentFlags().MarkHidden(whileConnected) // It has just been registered.
	return on
}

// cancelAtEOF ends the context of a verb when a stream does.
func cancelAtEOF(cmd *cobra.Command, stream io.Reader) {
	ctx, cancel := context.WithCancel(cmd.Context())
	cmd.SetContext(ctx)
	go func() { // It ends with the process, or before.
		_, _ = io.Copy(io.Discard, stream)
		cancel()
	}()
}

// runOnMachine runs the verb, with the flags and arguments that it was given here, on the machine that the engine is on:
// for verbs that work with the files of the engine's data folder, or for as long as they run with another folder
// there.
func (cn *connector) runOnMachine(cmd *cobra.Command, args []string, changes bool) error {
	if changes && cn.machine.readOnly {
		return readOnlyError(cmd.Name(), "", cn.machine.name)
	}
	target, err := overssh.Parse(cn.attachTo)
	if err != nil {
		return err
	}
	words := append([]string{"--" + whileConnected}, strings.Fields(cmd.CommandPath())[1:]...)
	words = append(append(words, changedFlags(cmd)...), "--")
	code, err := overssh.Relay(cmd.Context(), target, cn.stdout, cn.stderr, append(words, args...)...)
	switch {
	case err != nil:
		return err
	case code == exitUsage:
		return &engine.Error{Op: cmd.Name(), Kind: engine.Invalid, Err: errReported}
	case code != exitDone:
		return errReported
	}
	return nil
}

// changedFlags are the flags that a person has given to a verb, but those that say where the engine is.
func changedFlags(cmd *cobra.Command) (words []string) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "attach", "on", "data-dir", whileConnected:
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			words = append(words, "--"+f.Name+"="+v)
		}
	})
	return words
}

// checkRemoteList refuses a list that is a file of this machine, for a verb that runs on another one.
func checkRemoteList(from string) error {
	if from == "" || strings.Contains(from, "://") || path.IsAbs(from) {
		return nil
	}
	return usageError("%s: with --attach and --on this is a file of the other machine: give its whole path, "+
		"like /srv/sites.txt, or wtp://host/path", engine.Clean(from))
}
