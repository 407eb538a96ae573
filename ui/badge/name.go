package badge

import (
	"strings"

	"wtptui/engine"
	"wtptui/ui/format"
)

const (
	// hashWidth is the width of an infohash that is a site's only name, "951ead31…fcbd", and shortHashWidth of one beside
	// the title, "951e…fcbd".
	hashWidth      = 13
	shortHashWidth = 9
	// hashPrefixDigits is how many digits of an infohash are left where the title needs the room, "951e…". Commands accept
	// them.
	hashPrefixDigits = 4
	// minTitleWidth is how many cells of a title must be left when it is cut so that the host fits beside it.
	minTitleWidth = 12
)

// Name returns the name of a site for sentences and headings, in at most w cells: its title with its host beside it,
// "Wiki mirror (wiki.pub)". Where there is no room for both, a domain goes before the title, because a site chooses its
// own title, and the title goes before an infohash, which nobody knows by heart. Without a title it is the host, an
// infohash shortened.
//
// In a fleet its machine follows: "Wiki mirror (wiki.pub) on nas".
func Name(s engine.Site, w int) string {
	on := onMachine(s.Machine, w)
	return NameWithoutMachine(s, w-format.Width(on)) + on
}

// onMachine returns " on " and the machine of a fleet, to follow the name of a site in w cells; empty if there is none,
// or no room for both.
func onMachine(name string, w int) string {
	on := " on " + name
	if name == "" || format.Width(on)+shortHashWidth > w {
		return ""
	}
	return on
}

// NameOfRef returns the name of a site of which only the Ref is known, in at most w cells.
func NameOfRef(ref string, w int) string {
	host, machine := engine.CutRef(ref)
	on := onMachine(machine, w)
	return format.Host(host, w-format.Width(on)) + on
}

// NameWithoutMachine returns Name without the machine.
func NameWithoutMachine(s engine.Site, w int) string {
	host := s.Host
	isHash := engine.IsOpaque(host)
	title := format.Text(s.Title)
	if title == "" || strings.EqualFold(title, host) {
		return Host(host, w)
	}
	if isHash {
		host = hashBesideTitle(host, w-format.Width(title)-len(" ()"))
	}
	room := w - format.Width(host) - len(" ()")
	switch {
	case room >= min(minTitleWidth, format.Width(title)):
		return format.Cut(title, room) + " (" + host + ")"
	case isHash:
		return format.Cut(title, w)
	}
	return format.Host(host, w)
}

// hashBesideTitle returns an infohash beside a whole title in at most w cells, or its beginning where the title has to
// be cut already.
func hashBesideTitle(hash string, w int) string {
	if w >= shortHashWidth {
		return format.Host(hash, shortHashWidth)
	}
	return format.Prefix(hash, hashPrefixDigits) + "…"
}

// Host returns a site's host for a line where its title has a column of its own: an infohash is shortened.
func Host(host string, w int) string {
	if engine.IsOpaque(host) {
		w = min(w, hashWidth)
	}
	return format.Host(host, w)
}
