package palette

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
)

// Entry is something that can be found and done.
type Entry struct {
	// Kind is its kind: "view", "theme", "setting". It is empty for an action, which is recognized by its key.
	Kind string
	// Name is what is searched first, and Text what it is or does.
	Name, Text string
	// Key is the label of the keys that do it without the palette; empty for none.
	Key string
	// WhyNot is why it cannot be done now; empty if it can.
	WhyNot string
	// Do closes the palette and carries it out.
	Do func() tea.Cmd
}

// Sites are the sites that are found by title, host and the beginning of an infohash.
type Sites struct {
	All []engine.Site
	// Open closes the palette and goes to the site of a Ref.
	Open func(ref string) tea.Cmd
}

// candidate is the text of an entry or a site that is searched, in lower case.
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
