package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// anyNumber are as many as a person likes.
const anyNumber = -1

// completion offers what a person may mean who has pressed tab in a shell, out of what the engine knows that runs.
type completion struct{ *connector }

// hosts offers the hosts of the sites that are there, with their titles, for up to limit arguments. It says
// nothing where no engine runs.
func (co completion) hosts(limit int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if limit != anyNumber && len(args) >= limit {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var found []cobra.Completion
		for _, site := range co.listSites() {
			if strings.HasPrefix(site.Host, strings.ToLower(toComplete)) && !slices.Contains(args, site.Host) {
				found = append(found, cobra.CompletionWithDesc(site.Host, site.Title))
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}

// domains offers those hosts that can be asked for: domains and keys.
func (co completion) domains(
	cmd *cobra.Command, args []string, toComplete string,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	found, directive := co.hosts(1)(cmd, args, toComplete)
	return slices.DeleteFunc(found, func(c cobra.Completion) bool {
		host, _, _ := strings.Cut(c, "\t")
		return engine.IsInfohash(host)
	}), directive
}

// completeFolders leaves it to the shell, which knows them.
func completeFolders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeArgs offers for each argument what its own function does, and nothing beyond the last.
func completeArgs(funcs ...cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= len(funcs) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return funcs[len(args)](cmd, args, toComplete)
	}
}

// disableFileCompletion keeps shells from offering files to the verbs below cmd that say nothing of their own arguments.
func disableFileCompletion(cmd *cobra.Command) {
	if !cmd.HasSubCommands() && cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, sub := range cmd.Commands() {
		disableFileCompletion(sub)
	}
}

// sites are the sites of the running engine, or none. Unlike a verb it does not wait for one that is starting.
func (co completion) listSites() (sites []engine.Site) {
	co.queryEngine(func(ctx context.Context, c *control.Client) {
		if s, err := snapshot(ctx, c); err == nil {
			sites = s.Sites
		}
	})
	return sites
}

// ask asks the engine that runs on this machine, if there is one.
func (co completion) queryEngine(query func(ctx context.Context, c *control.Client)) {
	co.settings.resolveDataDir(co.getenv) // Nothing has run that would have done so.
	if co.attachTo != "" || co.getenv(envName("attach")) != "" {
		return // Another machine takes too long to ask.
	}
	ctx, cancel := context.WithTimeout(context.Background(), co.completionTimeout)
	defer cancel()
	c, err := control.Dial(ctx, co.socket())
	if err != nil {
		return
	}
	defer c.Close()
	query(ctx, c)
}

// machines offers the names of the machines of config.toml.
func (co completion) machines(
	_ *cobra.Command, args []string, toComplete string,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	co.settings.resolveDataDir(co.getenv) // Nothing has run that would have done so.
	all, _ := co.readFleet()              // None where the file cannot be read: running the command says why.
	var names []cobra.Completion
	for _, m := range all {
		if strings.HasPrefix(m.name, toComplete) && !slices.Contains(args, m.name) {
			names = append(names, cobra.CompletionWithDesc(m.name, m.address))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeTorrents offers .torrent files: other addresses are nowhere to be looked up.
func completeTorrents(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"torrent"}, cobra.ShellCompDirectiveFilterFileExt
}

// takeSettings gives a command all settings as flags. Commands share these: no two run.
func addSettingFlags(s *settings, cmd *cobra.Command) {
	if s.flags == nil {
		s.flags = pflag.NewFlagSet("settings", pflag.ContinueOnError)
		s.addFlags(s.flags)
	}
	cmd.Flags().AddFlagSet(s.flags)
	for flag, choices := range map[string][]cobra.Completion{"log-level": {"debug", "info", "warn", "error"}, "log-format": {logText, logJSON}} {
		complete := cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp)
		// The flag is there; an error says that another command has registered this.
		_ = cmd.RegisterFlagCompletionFunc(flag, complete)
	}
}

// configureCompletion completes the verb that cobra brings along: it refuses what it does not know, and its help is like
// that of all others.
func configureCompletion(root *cobra.Command) {
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
