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

// whileConnected is the flag with which a verb runs on another machine. The verb ends when its standard input does,
// which is when the program that has started it has ended.
const whileConnected = "while-connected"

// addWhileConnectedFlag adds the hidden flag to every verb.
func addWhileConnectedFlag(root *cobra.Command) *bool {
	on := root.PersistentFlags().Bool(whileConnected, false, "end when standard input does")
	_ = root.PersistentFlags().MarkHidden(whileConnected) // The flag has just been registered.
	return on
}

// cancelAtEOF cancels the context of a command when a stream ends.
func cancelAtEOF(cmd *cobra.Command, stream io.Reader) {
	ctx, cancel := context.WithCancel(cmd.Context())
	cmd.SetContext(ctx)
	go func() { // It ends with the process, or before.
		_, _ = io.Copy(io.Discard, stream)
		cancel()
	}()
}

// runOnMachine runs the verb on the other machine, with the flags and arguments that it has got here. It is for verbs
// that need the files of the engine's data folder, or that run as long as a folder there is watched.
func (cn *connector) runOnMachine(cmd *cobra.Command, args []string, changes bool) error {
	if changes && cn.machine.readOnly {
		return readOnlyError(cmd.Name(), "", cn.machine.name)
	}
	target, err := overssh.ParseTarget(cn.attachTo)
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

// changedFlags returns the flags that a person has set, except those that select the engine.
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

// checkRemoteList returns an error for a list that is a file of this machine, when the verb runs on another one.
func checkRemoteList(from string) error {
	if from == "" || strings.Contains(from, "://") || path.IsAbs(from) {
		return nil
	}
	return usageError("%s: with --attach and --on this is a file of the other machine: give its full path, "+
		"like /srv/sites.txt, or wtp://host/path", engine.Clean(from))
}
