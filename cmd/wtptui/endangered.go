package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"

	"wtptui/engine"
)

// endangeredSites returns the sites with too few copies elsewhere, those with the fewest copies first.
func endangeredSites(sites []engine.Site) []engine.Site {
	found := []engine.Site{}
	for _, s := range sites {
		if s.IsEndangered() {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b engine.Site) int {
		return cmp.Or(
			cmp.Compare(a.Copies, b.Copies), cmp.Compare(a.WebCopies, b.WebCopies), cmp.Compare(b.Completed, a.Completed),
		)
	})
	return found
}

func printEndangered(w io.Writer, value any) {
	sites, _ := value.([]engine.Site)
	var rows [][]string
	for _, s := range sites {
		rows = append(rows, []string{
			countOrUnknown(s.Copies), countOrUnknown(s.WebCopies), string(s.State), s.KeepReason(), s.Host,
			formatBytes(s.Size), formatPercent(s.Done()), titleOrError(s),
		})
	}
	printTable(w, []string{">COPIES", ">WEB", "STATE", "KEPT", "HOST", ">SIZE", ">DONE", "TITLE OR ERROR"}, rows)
}

// countOrUnknown returns a count as text, and "?" for a negative one, which is not known.
func countOrUnknown(n int) string {
	if n < 0 {
		return "?"
	}
	return strconv.Itoa(n)
}

// describeCopies returns how many others have a complete copy of a site.
func describeCopies(s engine.Site) string {
	switch {
	case s.Copies < 0:
		return "not known yet: no tracker or peer has reported any"
	case s.IsLastCopy():
		return "none elsewhere: this is the last known copy"
	case s.WebCopies < 0:
		return fmt.Sprintf("%d elsewhere", s.Copies)
	}
	return fmt.Sprintf("%d elsewhere, %d of them for browsers", s.Copies, s.WebCopies)
}

// describeRest returns at how many other seeds the site rests, and whether it rests now.
func describeRest(s engine.Site) string {
	var text string
	switch {
	case s.Enough > 0:
		text = fmt.Sprintf("while %d others seed it", s.Enough)
	case s.Enough < 0:
		text = "never"
	}
	if s.Resting {
		return "now: enough others seed it"
	}
	return text
}
