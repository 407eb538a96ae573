package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"wtptui/cmd/wtptui/register"
	"wtptui/engine"
)

func registerCommand(c *client) *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:   "register",
		Short: "Make this program the handler of wtp:// links for you",
		Long: "Make this program the handler of wtp:// links for this user: a link in any program then opens in the browser, as\n" +
			"`wtptui open` does. Registering again is harmless; do so when the program has moved.",
		GroupID: groupRun,
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
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
	cmd.Flags().BoolVar(&remove, "remove", false, "take that back")
	return cmd
}

// linkHandler is this program as a handler of links, on the data folder that was chosen; dir is empty if none was.
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
		return h, &engine.Error{Op: "register", Kind: engine.Internal, Err: err, Msg: "cannot tell where this program lies: start it by its whole path"}
	}
	return h, nil
}
