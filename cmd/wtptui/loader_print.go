package main

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	"wtptui/engine"
)

// printReport prints what was written, where to put it, what has to stay online, and how readers get the next version.
func (l *loaderFolder) printReport(w io.Writer, r *loaderReport, site engine.Site) {
	dir := engine.Clean(r.Dir)
	fmt.Fprintf(w, "\nThe loader is in %s. Put all of it on a static host, such as GitHub Pages, at any path: there,\n"+
		"browsers open the site with nothing installed.\n\n", dir)
	fmt.Fprintln(w, l.describeSeeders(r))
	switch {
	case r.Key:
		fmt.Fprintln(w, "Browsers cannot look up what the site's key has signed: pages open the version in the folder.\n"+
			"Readers get a new version when the folder has been written and uploaded again.")
	case r.Domain == "":
		fmt.Fprintln(w, "Readers get a new version when the folder has been written and uploaded again.")
	default:
		fmt.Fprintf(w, "Readers get a new version when the TXT record of %s names it. Upload the folder again as well:\n"+
			"pages start with its version, and stay at it if DNS does not answer.\n", r.Domain)
	}
	switch {
	case site.PublicURL != "":
		fmt.Fprintf(w, "The link for anyone: %s\n", engine.Clean(site.PublicURL))
	case site.Own:
		fmt.Fprintln(w,
			"Once it has an address there, publish with --loader-url URL: the dashboard then copies that link (Y, a).")
	}
	for _, warning := range r.Warnings {
		fmt.Fprintf(w, "\n%s\n", engine.Clean(warning))
	}
}

// describeSeeders returns a sentence about what has to stay online for readers.
func (l *loaderFolder) describeSeeders(r *loaderReport) string {
	whose := "This wtptui"
	if l.attachTo != "" {
		whose = "The wtptui over there"
	}
	if len(r.WebSeeds) == 0 {
		return whose + ", or another seed that browsers can reach, has to stay online: the host has none of the site's files."
	}
	var hosts []string
	for _, seed := range r.WebSeeds {
		if u, err := url.Parse(seed); err == nil {
			hosts = append(hosts, u.Host)
		}
	}
	return whose + ", another seed that browsers can reach, or " + engine.Clean(strings.Join(hosts, " or ")) +
		" has to stay online: the host has none of the site's files."
}
