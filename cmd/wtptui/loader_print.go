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
		fmt.Fprintln(w, "Browsers cannot ask for what the site's key signs: pages open the version that the folder names.\n"+
			"A new version is there for readers when the folder was written again and put there again.")
	case r.Domain == "":
		fmt.Fprintln(w, "A new version is there for readers when the folder was written again and put there again.")
	default:
		fmt.Fprintf(w, "Readers get a new version when the TXT record of %s names it. Put the folder there again as well:\n"+
			"it is what pages begin with, and go by where DNS does not answer.\n", r.Domain)
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
		return whose + " has to stay on, or another seed that browsers reach: the host has none of the site's files."
	}
	var hosts []string
	for _, seed := range r.WebSeeds {
		if u, err := url.Parse(seed); err == nil {
			hosts = append(hosts, u.Host)
		}
	}
	return whose + ", another seed that browsers reach, or " + engine.Clean(strings.Join(hosts, " or ")) +
		" has to stay on: the host has none of the site's files."
}
