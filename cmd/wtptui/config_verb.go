package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// configCommand returns the verb config.
func configCommand(c *client) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "Write or show the settings",
		GroupID: groupRun,
		Args:    exactArgs(0, "init or show"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usageError("config needs a verb: `wtptui config init` or `wtptui config show`")
		},
	}
	cmd.AddCommand(configInitCommand(c), configShowCommand(c))
	return cmd
}

// configInitCommand returns the verb config init.
func configInitCommand(c *client) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a config.toml with every setting as a comment",
		Args:  exactArgs(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			path := c.settings.configFile()
			if err := writeNew(path, describeSettings(c.settings), force); err != nil {
				return err
			}
			fmt.Fprintln(c.stdout, path)
			return nil
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "replace an existing file")
	return cmd
}

// writeNew writes a file. Without force the file must not exist. It is written completely or not at all.
func writeNew(path string, data []byte, force bool) error {
	failed := func(err error) error {
		err = systemReason(err)
		return &engine.Error{
			Op: "config init", Kind: engine.Unavailable, Err: err,
			Msg: fmt.Sprintf("cannot write %s: %s: make the folder writable, or choose another with --data-dir", path, err),
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return failed(err)
	}
	if force {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return failed(err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &engine.Error{
			Op: "config init", Kind: engine.Conflict, Err: err,
			Msg: path + " already exists: edit it, or replace it with --force",
		}
	}
	if err != nil {
		return failed(err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return failed(errors.Join(err, os.Remove(path)))
	}
	if err := chownLikeFolder(filepath.Dir(path), path); err != nil {
		return failed(err)
	}
	return nil
}

// describeSettings returns a config.toml in which every setting is commented out and has its default.
func describeSettings(s *settings) []byte {
	var b strings.Builder
	b.WriteString("# Settings of wtptui. Each one is commented out and shows its default: " +
		"take the # away to change it. A flag or the\n" +
		"# environment (WTPTUI_LISTEN for listen) wins over this file; `wtptui config show` says what holds and why.\n")
	for _, o := range s.options() {
		fmt.Fprintf(&b, "\n# %s\n", o.usage)
		for line := range strings.SplitSeq(o.name+" = "+tomlValue(o), "\n") {
			b.WriteString("# " + line + "\n")
		}
	}
	b.WriteString(
		"\n# Other keys for the dashboard's actions: `wtptui help topic keys` lists them. Tables come last.\n" +
			"# [keys]\n# quit = [\"ctrl+q\"]\n",
	)
	b.WriteString("\n# Limits over all sites with a label, within those over all sites, and how long they are seeded.\n" +
		"# [labels.mirror]\n# down = \"2MB\"\n# up = \"200KB\"\n# seed-ratio = 3\n# seed-time = \"720h\"\n" +
		"\n# Other limits over all sites, or none in the swarm, at some hours; the first that holds counts.\n" +
		"# [schedules.office]\n# days = [\"mon-fri\"]\n# from = \"08:00\"\n# to = \"18:00\"\n# up = \"100KB\"\n" +
		"\n# What is run when something happens: see `wtptui help operators`. A text is for the shell, a list is a program " +
		"with arguments.\n" +
		"# [hooks]\n# error = 'mail -s \"$WTPTUI_HOST: $WTPTUI_TEXT\" me </dev/null'\n# limit = \"1m\"\n" +
		"\n# Own commands for the selected or marked sites: see `wtptui help settings`. A table for each.\n" +
		"# [commands.mirror]\n# key = \"M\"\n# run = [\"rsync\", \"-a\", \"./\", \"backup:/srv/\"]\n")
	return []byte(b.String())
}

// tomlValue returns the value of a setting in TOML.
func tomlValue(o option) string {
	switch v := o.value.(type) {
	case boolValue, portValue, countValue, ratioValue:
		return v.String()
	case *listValue:
		if len(*v.to) == 0 {
			return "[]"
		}
		var b strings.Builder
		b.WriteString("[\n")
		for _, s := range *v.to {
			b.WriteString("  " + strconv.Quote(s) + ",\n")
		}
		return b.String() + "]"
	}
	return strconv.Quote(o.value.String())
}
