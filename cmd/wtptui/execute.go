package main

import (
	"context"

	"github.com/spf13/cobra"
)

// execute runs the command line of root.
func (p *program) execute(ctx context.Context, root *cobra.Command) error {
	root.Version, root.SilenceUsage, root.SilenceErrors = version(), true, true
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { p.help().show(cmd) })
	root.SetHelpCommand(helpCommand(p))
	root.AddCommand(manCommand(p))
	describeCompletion(root)
	return root.ExecuteContext(ctx)
}

// describeCompletion completes the verb that cobra brings along: it refuses what it does not know, and its help is like
// that of all others.
func describeCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	cmd, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	cmd.Use, cmd.Short, cmd.Long = "completion", "Print a script that completes command lines in a shell", ""
	cmd.Args = nil
	cmd.RunE = func(*cobra.Command, []string) error {
		return usageError("completion takes a shell: bash, zsh, fish or powershell")
	}
	for _, shell := range cmd.Commands() {
		shell.Short, shell.Long = "Print the script for "+shell.Name(), ""
	}
}
