package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"wtptui/cmd/wtptui/register"
	"wtptui/engine"
)

func (p *program) registerCommand() *cobra.Command {
	var remove bool
	cmd := &cobra.Command{
		Use:   "register",
		Short: "Make this program the handler of wtp:// links for you",
		Long: "Make this program the handler of wtp:// links for this user: a link in any program then opens in the browser, as\n" +
			"`wtptui open` does. Registering again is harmless; do so when the program has moved.",
		GroupID: groupRun,
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.handler()
			if err != nil {
				return err
			}
			if remove {
				if err := h.Remove(cmd.Context()); err != nil {
					return err
				}
				fmt.Fprintln(p.stdout, "wtp:// links do not open with wtptui any more")
				return nil
			}
			s, err := h.Add(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, "wtp:// links open with wtptui:", s.Where)
			return nil
		},
	}
	cmd.Flags().BoolVar(&remove, "remove", false, "take that back")
	return cmd
}

// handler is this program as a handler of links, on the data folder that was chosen, if one was.
func (p *program) handler() (register.Handler, error) {
	h := register.Handler{Getenv: p.getenv}
	path, err := os.Executable()
	if err == nil {
		h.Program, err = filepath.Abs(path)
	}
	if dir := p.settings.DataDir; err == nil && dir != "" {
		dir, err = filepath.Abs(dir)
		h.Args = []string{"--data-dir", dir}
	}
	if err != nil {
		return h, &engine.Error{Op: "register", Kind: engine.Internal, Err: err, Msg: "cannot tell where this program lies: start it by its whole path"}
	}
	return h, nil
}
