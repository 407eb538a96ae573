package ui

import (
	"slices"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
)

// showStatus shows the engine's status. That sites wait to be taken up or removed is a warning among its others: it
// lasts until a person has decided.
func (m *Model) showStatus() {
	st := m.snap.Status
	if text := m.foundWarning(); text != "" {
		st.Warnings = append(slices.Clip(st.Warnings), text)
	}
	m.header.Set(st, m.rates.Total())
	m.header.SetErrors(faulty(m.snap.Sites), "")
}

// faulty counts the sites that have an error.
func faulty(sites []engine.Site) int {
	n := 0
	for i := range sites {
		if sites[i].Error != "" {
			n++
		}
	}
	return n
}

// foundWarning says how many sites were found in the data folder, and how to see them; empty when none was.
func (m *Model) foundWarning() string {
	n := 0
	for i := range m.snap.Sites {
		if m.snap.Sites[i].State == engine.Found {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	text := " were found in the data folder and wait for you: "
	if n == 1 {
		text = " was found in the data folder and waits for you: "
	}
	return format.Plural(n, "site") + text + m.keys.Of(keys.StartFind) + "state:found"
}
