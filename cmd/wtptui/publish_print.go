package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"wtptui/engine"
)

// printResult prints what has changed, and what is left to do.
func (p *publishRun) printResult(ctx context.Context, eng engine.Engine, r engine.Publication) {
	outcome := "published"
	switch {
	case r.Unchanged:
		outcome = "has not changed"
	case p.req.DryRun:
		outcome = "would be published"
	}
	changes := ""
	if r.Previous != "" {
		changes = fmt.Sprintf("%d new, %d changed, %d gone, %d the same; was %s",
			r.AddedCount, r.ChangedCount, r.RemovedCount, r.Same, r.Previous)
	}
	printFields(p.stdout,
		outcome, engine.Clean(p.req.Dir),
		"url", r.URL,
		"local url", r.LocalURL,
		"infohash", r.Infohash,
		"key", p.describeKey(r),
		"size", fmt.Sprintf("%s in %s, pieces of %s", formatBytes(r.Size), pluralize(r.Files, "file"),
			formatBytes(r.PieceLength)),
		"changes", changes,
	)
	if p.req.DryRun && r.Previous != "" {
		printChanges(p.stdout, r)
	}
	p.printIgnored(r)
	if !p.req.DryRun {
		printKeyOutcome(p.stdout, r, p.newKey)
	}
	if len(r.Records) == 0 {
		return
	}
	fmt.Fprintf(p.stdout, "\nAdd these records to the domain's zone; wtptui cannot do that for you:\n\n")
	for _, record := range r.Records {
		fmt.Fprintln(p.stdout, "   ", record)
	}
	if !p.req.DryRun && engine.IsDomain(r.Host) {
		name, err := eng.Resolve(ctx, r.Host)
		fmt.Fprintf(p.stdout, "\n%s\n", describeDNS(r, name, err))
	}
}

// describeKey returns the name of the publication's key, and its address if that is not the site's.
func (p *publishRun) describeKey(r engine.Publication) string {
	switch {
	case p.req.DryRun && p.newKey:
		return p.req.Key + " (would be created)"
	case r.Key.Host == "" || r.Key.Host == r.Host:
		return r.Key.Name
	}
	return r.Key.Name + ", wtp://" + r.Key.Host + "/"
}

func (p *publishRun) printFindings(findings []engine.Finding) {
	if len(findings) == 0 {
		return
	}
	var rows [][]string
	for _, f := range findings {
		path := f.Path
		if path == "" {
			path = "(the folder)"
		}
		since := ""
		switch {
		case f.New:
			since = "new"
		case f.AsBefore:
			since = "as last time"
		}
		rows = append(rows, []string{string(f.Choice), path, f.Why, since})
	}
	header := []string{"ACTION", "PATH", "WHY", "SINCE"}
	if !slices.ContainsFunc(findings, func(f engine.Finding) bool { return f.New || f.AsBefore }) {
		header = header[:3]
		for i := range rows {
			rows[i] = rows[i][:3]
		}
	}
	printTable(p.stderr, header, rows)
	fmt.Fprintln(p.stderr)
	p.printRemembered(findings)
}

// printRemembered prints which findings are decided like last time, and how to forget the decisions.
func (p *publishRun) printRemembered(findings []engine.Finding) {
	var leftOut, kept []string
	for _, f := range findings {
		switch {
		case !f.AsBefore:
		case f.Choice == engine.ChoiceLeaveOut:
			leftOut = append(leftOut, f.Path)
		default:
			kept = append(kept, f.Path)
		}
	}
	var parts []string
	if len(leftOut) > 0 {
		parts = append(parts, "left out as last time: "+strings.Join(leftOut, ", "))
	}
	if len(kept) > 0 {
		parts = append(parts, "published as last time, whatever the check says: "+strings.Join(kept, ", "))
	}
	if len(parts) > 0 {
		fmt.Fprintf(p.stderr, "%s (--fresh forgets this)\n\n", strings.Join(parts, "; "))
	}
}

// printIgnored prints what was added to the folder's .wtpignore, or can be.
func (p *publishRun) printIgnored(r engine.Publication) {
	switch {
	case len(r.Ignore) == 0:
	case !p.req.WriteIgnore:
		fmt.Fprintf(p.stderr, "--write-ignore would add to .wtpignore: %s\n", strings.Join(r.Ignore, "  "))
	case p.req.DryRun:
		fmt.Fprintf(p.stdout, "\nwould be added to .wtpignore: %s\n", strings.Join(r.Ignore, "  "))
	default:
		fmt.Fprintf(p.stdout, "\nadded to .wtpignore: %s\n", strings.Join(r.Ignore, "  "))
	}
}

// maxChanges is the number of changed files of each kind that are listed.
const maxChanges = 100

// printChanges lists the differences from the previous version.
func printChanges(w io.Writer, r engine.Publication) {
	fmt.Fprintln(w)
	for _, part := range []struct {
		mark  string
		paths []string
		sizes []int64
		all   int
	}{
		{"+", r.Added, r.AddedSizes, r.AddedCount},
		{"~", r.Changed, r.ChangedSizes, r.ChangedCount},
		{"-", r.Removed, r.RemovedSizes, r.RemovedCount},
	} {
		for i, path := range part.paths[:min(len(part.paths), maxChanges)] {
			size := "?"
			if i < len(part.sizes) { // An older engine does not send sizes.
				size = formatBytes(part.sizes[i])
			}
			fmt.Fprintf(w, "%s %8s  %s\n", part.mark, size, path)
		}
		if more := part.all - maxChanges; more > 0 {
			fmt.Fprintf(w, "%s and %d more\n", part.mark, more)
		}
	}
}
