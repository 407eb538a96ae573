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

// anyNumber is the limit of hosts for verbs that have none.
const anyNumber = -1

// completion completes arguments in a shell, mostly with what the running engine knows.
type completion struct{ *connector }

// hosts completes up to limit arguments with the hosts of listed sites, with their titles. Without a running engine it
// offers nothing.
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

// domains completes the hosts that can be resolved: domains and keys.
func (co completion) domains(
	cmd *cobra.Command, args []string, toComplete string,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	found, directive := co.hosts(1)(cmd, args, toComplete)
	return slices.DeleteFunc(found, func(c cobra.Completion) bool {
		host, _, _ := strings.Cut(c, "\t")
		return engine.IsInfohash(host)
	}), directive
}

// completeFolders leaves the completion of folders to the shell.
func completeFolders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeArgs completes each argument with its own function, and no argument beyond the last function.
func completeArgs(funcs ...cobra.CompletionFunc) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= len(funcs) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return funcs[len(args)](cmd, args, toComplete)
	}
}

// disableFileCompletion keeps shells from offering files for the verbs below cmd that have no completion of their own.
func disableFileCompletion(cmd *cobra.Command) {
	if !cmd.HasSubCommands() && cmd.ValidArgsFunction == nil {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, sub := range cmd.Commands() {
		disableFileCompletion(sub)
	}
}

// listSites returns the sites of the running engine, or none. Unlike a verb it does not wait for an engine that is
// starting.
func (co completion) listSites() (sites []engine.Site) {
	co.queryEngine(func(ctx context.Context, c *control.Client) {
		if s, err := snapshot(ctx, c); err == nil {
			sites = s.Sites
		}
	})
	return sites
}

// queryEngine calls query with a connection to this machine's engine, if one runs.
func (co completion) queryEngine(query func(ctx context.Context, c *control.Client)) {
	co.settings.resolveDataDir(co.getenv) // Nothing else has done so yet.
	if co.attachTo != "" || co.getenv(envName("attach")) != "" {
		return // Another machine takes too long to answer.
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

// machines completes the names of the machines in config.toml.
func (co completion) machines(
	_ *cobra.Command, args []string, toComplete string,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	co.settings.resolveDataDir(co.getenv) // Nothing else has done so yet.
	all, _ := co.readFleet()              // Offers nothing if the file cannot be read: running the command says why.
	var names []cobra.Completion
	for _, m := range all {
		if strings.HasPrefix(m.name, toComplete) && !slices.Contains(args, m.name) {
			names = append(names, cobra.CompletionWithDesc(m.name, m.address))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeTorrents completes .torrent files. Other addresses cannot be listed.
func completeTorrents(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"torrent"}, cobra.ShellCompDirectiveFilterFileExt
}

// addSettingFlags adds all settings as flags to a command. Commands share the flags, since only one of them runs.
func addSettingFlags(s *settings, cmd *cobra.Command) {
	if s.flags == nil {
		s.flags = pflag.NewFlagSet("settings", pflag.ContinueOnError)
		s.addFlags(s.flags)
	}
	cmd.Flags().AddFlagSet(s.flags)
	for flag, choices := range map[string][]cobra.Completion{
		"log-level":  {"debug", "info", "warn", "error"},
		"log-format": {logText, logJSON},
	} {
		complete := cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp)
		// The flag exists; an error means that another command has registered this.
		_ = cmd.RegisterFlagCompletionFunc(flag, complete)
	}
}

// configureCompletion adjusts cobra's completion verb: it refuses unknown shells, and its help looks like that of the
// other verbs.
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
