package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// followArgs are the arguments that `switch` accepts in place of a version, for a site that should follow its domain or
// key again.
var followArgs = []string{"follow", "-"}

func versionsCommand(c *client) *cobra.Command {
	return siteDetailCommand(c, "versions HOST", "List the versions that a site has had, the newest first",
		func(d engine.Detail) any { return d.Versions },
		func(w io.Writer, value any) {
			versions, _ := value.([]engine.Version)
			if len(versions) == 0 {
				fmt.Fprintln(w, "The site has no other version: a site that is named by its infohash never changes.")
				return
			}
			printVersionTable(w, versions)
		})
}

func switchCommand(c *client) *cobra.Command {
	return &cobra.Command{
		Use:               "switch HOST VERSION",
		Short:             "Show another version of a site, or let it follow its domain or key again",
		GroupID:           groupSites,
		Args:              switchArgs,
		ValidArgsFunction: completeArgs(c.complete.hosts(1), c.complete.versions),
		RunE: c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
			return switchVersion(ctx, c.stdout, eng, args[0], args[1])
		}),
	}
}

func switchArgs(cmd *cobra.Command, args []string) error {
	if len(args) != 2 {
		return usageError("switch takes a host and a version, or \"follow\": wtptui switch HOST VERSION")
	}
	return checkHosts(cmd, args[:1])
}

// switchVersion switches the site that arg names to the version whose infohash begins with wanted.
func switchVersion(ctx context.Context, w io.Writer, eng engine.Engine, arg, wanted string) error {
	host, err := findHost(ctx, eng, arg)
	if err != nil {
		return err
	}
	infohash := ""
	if !isFollowArg(wanted) {
		d, err := eng.Detail(ctx, host)
		if err != nil {
			return err
		}
		if infohash, err = findVersion(host, wanted, d.Versions); err != nil {
			return err
		}
	}
	if err := eng.Switch(ctx, host, infohash); err != nil {
		return err
	}
	switch {
	case infohash == "":
		fmt.Fprintln(w, host, "follows its", followed(host), "again")
	case engine.IsInfohash(host): // The site was published here, and its address is the infohash of a version.
		fmt.Fprintln(w, host, "is back at", infohash)
	default:
		fmt.Fprintf(w, "%s stays at %s: `wtptui switch %s follow` lets it follow its %s again\n",
			host, infohash, host, followed(host))
	}
	return nil
}

// followed returns what a site follows, in words.
func followed(host string) string {
	if engine.IsKey(host) {
		return "key"
	}
	return "domain"
}

func isFollowArg(wanted string) bool {
	for _, word := range followArgs {
		if strings.EqualFold(wanted, word) {
			return true
		}
	}
	return false
}

// findVersion returns the only version whose infohash begins with wanted. The error has Kind NotFound if there is none,
// and Invalid if there are several.
func findVersion(host, wanted string, versions []engine.Version) (string, error) {
	prefix := strings.ToLower(wanted)
	if whole, err := engine.ParseKnownHost(wanted); err == nil && engine.IsInfohash(whole) {
		prefix = whole // It may have been given in base32.
	}
	var found []string
	for _, v := range versions {
		if strings.HasPrefix(v.Infohash, prefix) {
			found = append(found, v.Infohash)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case prefix == "", len(found) == 0:
		return "", &engine.Error{
			Op: "switch", Host: host, Kind: engine.NotFound,
			Msg: fmt.Sprintf("%s has never had a version that begins with %q: `wtptui versions %s` lists those that it had",
				host, engine.Clean(wanted), host),
		}
	}
	return "", &engine.Error{
		Op: "switch", Host: host, Kind: engine.Invalid,
		Msg: fmt.Sprintf("%q may be %s: give more of it", engine.Clean(wanted), strings.Join(found, " or ")),
	}
}

// versions completes the versions of the site that was given before, and the word that makes it follow its domain or
// key again.
func (co completion) versions(
	_ *cobra.Command, args []string, toComplete string,
) (found []cobra.Completion, _ cobra.ShellCompDirective) {
	co.queryEngine(func(ctx context.Context, c *control.Client) {
		host, err := findHost(ctx, c, args[0])
		if err != nil {
			return // Without an answer, nothing is offered.
		}
		d, err := c.Detail(ctx, host)
		if err != nil {
			return
		}
		for _, v := range d.Versions {
			if strings.HasPrefix(v.Infohash, strings.ToLower(toComplete)) {
				found = append(found, cobra.CompletionWithDesc(v.Infohash, versionState(v)+", first seen "+formatTime(v.FirstSeen)))
			}
		}
		if !engine.IsInfohash(host) && strings.HasPrefix(followArgs[0], toComplete) {
			found = append(found, cobra.CompletionWithDesc(followArgs[0], "follow the "+followed(host)+" again"))
		}
	})
	return found, cobra.ShellCompDirectiveNoFileComp
}

// printVersions prints the versions of a site after other output.
func printVersions(w io.Writer, versions []engine.Version) {
	if len(versions) > 0 {
		fmt.Fprintln(w)
		printVersionTable(w, versions)
	}
}

func printVersionTable(w io.Writer, versions []engine.Version) {
	var rows [][]string
	for _, v := range versions {
		rows = append(rows, []string{
			v.Infohash, versionState(v), formatBytes(v.Size), formatTime(v.FirstSeen), formatTime(v.LastSeen), v.Source,
		})
	}
	printTable(w, []string{"VERSION", "STATE", ">SIZE", "FIRST SEEN", "LAST SEEN", "SOURCE"}, rows)
}

// versionState returns the state of a version, and until when it lasts.
func versionState(v engine.Version) string {
	if v.KeptUntil.IsZero() {
		return string(v.State)
	}
	return string(v.State) + " until " + formatTime(v.KeptUntil)
}
