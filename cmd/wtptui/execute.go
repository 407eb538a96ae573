package main

import (
	"context"

	"charm.land/fang/v2"
	"charm.land/lipgloss/v2"
	"github.com/spf13/cobra"
)

// execute runs the command line of root, with fang's help and man page.
//
// Fang runs a command of its own around it and never hears of an error. It would ask the terminal for its background
// before it hands an error on, which takes four seconds where nobody answers, and leaves the question on the screen where
// nobody understands it. The same goes for the help, so that a dumb terminal gets cobra's.
func (p *program) execute(ctx context.Context, root *cobra.Command) error {
	root.Version, root.SilenceUsage, root.SilenceErrors = version(), true, true
	var failed error
	around := &cobra.Command{Use: root.Use, Run: func(around *cobra.Command, _ []string) {
		if p.getenv("TERM") != "dumb" {
			root.SetHelpFunc(around.HelpFunc())
		}
		if man, _, err := around.Find([]string{"man"}); err == nil && man != around { // It belongs to fang.
			around.RemoveCommand(man)
			root.AddCommand(man)
		}
		failed = root.ExecuteContext(ctx)
	}}
	around.SetArgs([]string{})
	around.SetIn(root.InOrStdin())
	around.SetOut(root.OutOrStdout())
	around.SetErr(root.ErrOrStderr())
	colors := func(lipgloss.LightDarkFunc) fang.ColorScheme { return fang.AnsiColorScheme(lipgloss.LightDark(true)) }
	if err := fang.Execute(ctx, around, fang.WithVersion(version()), fang.WithColorSchemeFunc(colors)); err != nil {
		return err
	}
	return failed
}
