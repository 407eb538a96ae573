package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"wtptui/cmd/wtptui/register"
	"wtptui/engine"
)

// registerCommand returns the verb register.
func registerCommand(c *client) *cobra.Command {
	var remove, forBrowsers bool
	cmd := &cobra.Command{
		Use:     "register",
		Short:   "Make this program the one that opens wtp:// links",
		GroupID: groupRun,
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if forBrowsers {
				return c.registerCompanion(remove)
			}
			h, err := linkHandler(c.settings.DataDir, c.getenv)
			if err != nil {
				return err
			}
			if remove {
				if err := h.Remove(cmd.Context()); err != nil {
					return err
				}
				fmt.Fprintln(c.stdout, "wtp:// links do not open with wtptui any more")
				return nil
			}
			s, err := h.Add(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintln(c.stdout, "wtp:// links open with wtptui:", s.Where)
			return nil
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "take the registration back")
	cmd.Flags().BoolVar(&forBrowsers, "companion", false, "register with the browsers of this user, for the extension")
	return cmd
}

// registerCompanion registers this program with browsers as the one that the extension talks to, or removes the
// registration.
func (c *client) registerCompanion(remove bool) error {
	host, err := companionHost(c.settings.DataDir, c.getenv)
	if err != nil {
		return err
	}
	if remove {
		if err := host.Remove(); err != nil {
			return err
		}
		fmt.Fprintln(c.stdout, "browsers do not start wtptui for the companion any more")
		return nil
	}
	states, err := host.Add()
	if err != nil {
		return err
	}
	for _, s := range states {
		if s.Withheld != "" {
			fmt.Fprintf(c.stdout, "%s was not registered: %s\n", s.Browser, s.Withheld)
			continue
		}
		fmt.Fprintf(c.stdout, "%s starts wtptui for the companion: %s\n", s.Browser, s.Path)
	}
	return nil
}

// linkHandler returns this program as a handler of links. dir is the data folder that was chosen, or empty.
func linkHandler(dir string, getenv func(string) string) (register.Handler, error) {
	h := register.Handler{Getenv: getenv}
	path, err := os.Executable()
	if err == nil {
		h.Program, err = filepath.Abs(path)
	}
	if err == nil && dir != "" {
		dir, err = filepath.Abs(dir)
		h.Args = []string{"--data-dir", dir}
	}
	if err != nil {
		return h, &engine.Error{
			Op: "register", Kind: engine.Internal, Err: err,
			Msg: "cannot find out where this program is: start it by its full path",
		}
	}
	return h, nil
}
