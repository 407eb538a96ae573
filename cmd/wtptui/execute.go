package main

import (
	"context"
	"io"
	"os"

	"charm.land/fang/v2"
	"charm.land/lipgloss/v2"
	"github.com/spf13/cobra"

	"wtptui/ui/keys"
)

// execute runs the command line of root, with fang's help and man page.
//
// Fang runs a command of its own around it and never hears of an error. It would ask the terminal for its background
// before it hands an error on, which takes four seconds where nobody answers, and leaves the question on the screen where
// nobody understands it. The same goes for the help: so it is not shown the terminal until it has chosen its colours,
// and a dumb terminal gets cobra's help.
func (p *program) execute(ctx context.Context, root *cobra.Command) error {
	root.Version, root.SilenceUsage, root.SilenceErrors = version(), true, true
	var failed error
	unhide := func() {}
	around := &cobra.Command{Use: root.Use, Run: func(around *cobra.Command, _ []string) {
		if p.getenv("TERM") != "dumb" {
			help := around.HelpFunc()
			root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
				unhide = p.hideTerminal()
				defer unhide()
				help(cmd, args)
			})
		}
		if man, _, err := around.Find([]string{"man"}); err == nil && man != around { // It belongs to fang.
			around.RemoveCommand(man)
			man.RunE = p.withKeys(man.RunE)
			root.AddCommand(man)
		}
		strictBuiltins(root)
		failed = root.ExecuteContext(ctx)
	}}
	around.SetArgs([]string{})
	around.SetIn(root.InOrStdin())
	around.SetOut(root.OutOrStdout())
	around.SetErr(root.ErrOrStderr())
	colors := func(lipgloss.LightDarkFunc) fang.ColorScheme {
		unhide()
		return fang.AnsiColorScheme(lipgloss.LightDark(true))
	}
	if err := fang.Execute(ctx, around, fang.WithoutVersion(), fang.WithColorSchemeFunc(colors)); err != nil {
		return err
	}
	return failed
}

// withKeys adds the dashboard's keys to the man page.
func (w world) withKeys(page func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := page(cmd, args); err != nil {
			return err
		}
		_, err := io.WriteString(w.stdout, keys.Roff())
		return err
	}
}

// hideTerminal takes os.Stdout away, if that is where this program writes to, and gives a function that brings it back.
// What writes meanwhile has a writer of its own.
func (w world) hideTerminal() (unhide func()) {
	out := os.Stdout
	if w.stdout != io.Writer(out) {
		return func() {}
	}
	os.Stdout = nil // A nil file is no terminal.
	return func() { os.Stdout = out }
}
