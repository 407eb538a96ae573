package palette

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
)

// Entry is something that can be found and done.
type Entry struct {
	// Kind is the word for what it is: "view", "theme", "setting"; an action has none, because its key says so.
	Kind string
	// Name is what it is found by first, and Text says what it is or does.
	Name, Text string
	// Key is the label of the keys that do it at once; empty for none.
	Key string
	// WhyNot says why it cannot be done now; empty if it can.
	WhyNot string
	// Do does it, and closes the palette before.
	Do func() tea.Cmd
}

// Sites are what is found by title, host and the beginning of an infohash.
type Sites struct {
	All []engine.Site
	// Open goes to the site of a Ref, and closes the palette before.
	Open func(ref string) tea.Cmd
}

// candidate is what an entry or a site is found by, in lower case.
type candidate struct {
	name string
	text string
	// host is a site's host; empty for entries.
	host string
}

func newCandidate(e *Entry) candidate {
	return candidate{name: strings.ToLower(e.Name), text: strings.ToLower(e.Text + "\n" + e.Kind)}
}

func siteCandidates(sites []engine.Site) []candidate {
	out := make([]candidate, len(sites))
	for i := range sites {
		out[i] = candidate{name: strings.ToLower(sites[i].Title), host: sites[i].Ref()}
	}
	return out
}
