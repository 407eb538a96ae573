package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"wtptui/cmd/wtptui/companion"
	"wtptui/cmd/wtptui/register"
	"wtptui/localserve/control"
)

// companionCommand returns the verb companion.
func companionCommand(c *client) *cobra.Command {
	return &cobra.Command{
		Use:     "companion DIR",
		Short:   "Write the browser extension into a folder",
		GroupID: groupRun,
		Args:    exactArgs(1, "one folder"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := filepath.Abs(expandHome(args[0]))
			if err != nil {
				return usageError("%s: %s", args[0], err)
			}
			if err := companion.WriteExtension(dir); err != nil {
				return err
			}
			fmt.Fprintf(c.stdout, "The companion is in %s\n", dir)
			fmt.Fprint(c.stdout, loadInstructions)
			return nil
		},
	}
}

const loadInstructions = `Chromium and its kin: open chrome://extensions, switch on "Developer mode", ` +
	`"Load unpacked", choose it.
Firefox: open about:debugging#/runtime/this-firefox, "Load Temporary Add-on", choose manifest.json in it.
Once on this computer: wtptui register --companion
`

// nativeHostCommand returns the hidden verb that browsers run for the extension.
func nativeHostCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:    "native-host",
		Short:  "Answer the browser extension on standard input and output",
		Hidden: true,
		Args:   func(_ *cobra.Command, args []string) error { return companion.CheckCaller(args) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.requireLocal("native-host"); err != nil {
				return err
			}
			host := companion.Host{
				Dial: func(ctx context.Context) (companion.Engine, error) {
					c, err := control.Dial(ctx, p.socket())
					if err != nil {
						return nil, err
					}
					return c, nil
				},
				Start: func(ctx context.Context) error {
					cmd.SetContext(ctx)
					eng, err := dialOrStart(p, cmd)
					if err == nil {
						eng.Close()
					}
					return err
				},
			}
			return host.Serve(cmd.Context(), p.stdin, p.stdout)
		},
	}
}

// addNativeHostVerb adds the verb to a command line of a browser, which cannot pass one.
func addNativeHostVerb(args []string) []string {
	if !companion.StartedByBrowser(args) {
		return args
	}
	return append([]string{"native-host", "--"}, args...)
}

// registeredBrowsers returns the browsers that start this program for the extension, and those that start another one.
func registeredBrowsers(dir string, getenv func(string) string) (ours, others []string) {
	host, err := companionHost(dir, getenv)
	if err != nil {
		return nil, nil
	}
	for _, s := range host.State() {
		switch {
		case s.Ours:
			ours = append(ours, s.Browser)
		case s.Exists:
			others = append(others, s.Browser)
		}
	}
	return ours, others
}

// companionHost returns this program as the native host of the extension. dir is the data folder that was chosen, or
// empty.
func companionHost(dir string, getenv func(string) string) (register.Companion, error) {
	h, err := linkHandler(dir, getenv)
	c := register.Companion{
		Handler: h, Name: companion.HostName, Origin: companion.ChromiumOrigin, AddOn: companion.GeckoID,
	}
	if len(h.Args) > 0 {
		c.Launcher = filepath.Join(h.Args[1], "native-host")
		if runtime.GOOS == "windows" {
			c.Launcher += ".bat"
		}
	}
	return c, err
}
