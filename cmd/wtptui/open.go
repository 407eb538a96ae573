package main

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

func openCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "open ADDRESS",
		Short:   "Open a site in the default browser",
		GroupID: groupSites,

		ValidArgsFunction: p.complete.hosts(1),
		Args: func(cmd *cobra.Command, args []string) error {
			if err := exactArgs(1, "one address")(cmd, args); err != nil {
				return err
			}
			return checkOpenAddress(args[0])
		},
		RunE: func(cmd *cobra.Command, args []string) error { return openSite(p, cmd, args[0]) },
	}
}

// checkOpenAddress is strict, because links in web pages and mails arrive here through the system's handler of wtp://
// links.
func checkOpenAddress(arg string) error {
	switch {
	case len(arg) > engine.MaxAddressLength:
		return usageError("the address is over 2 KB: `wtptui add` takes long magnet links")
	case strings.ContainsFunc(arg, unicode.IsControl):
		return usageError("the address has a line break or a control character in it")
	}
	_, err := engine.ParseAddress(arg)
	return err
}

// openSite opens an address in the browser, with the running engine or one that it starts.
func openSite(p *program, cmd *cobra.Command, arg string) error {
	addr, err := engine.ParseAddress(arg)
	if err != nil {
		return err
	}
	req, err := engine.NewAddRequest(arg)
	if err != nil {
		return err
	}
	if p.machine.readOnly {
		return readOnlyError("open", "", p.machine.name)
	}
	eng, err := dialOrStart(p, cmd)
	if err != nil {
		return err
	}
	defer eng.Close()
	site, err := eng.Add(cmd.Context(), req)
	if err != nil {
		return err
	}
	if site.LocalURL == "" {
		return &engine.Error{
			Op: "open", Host: site.Host, Kind: engine.Unavailable,
			Msg: "the running wtptui serves no pages: restart it and read its warnings",
		}
	}
	url := addr.Resolve(site.LocalURL)
	fmt.Fprintln(p.stdout, url)
	if p.attachTo != "" {
		return p.remotePageError(url)
	}
	return p.openBrowser(cmd.Context(), url)
}
