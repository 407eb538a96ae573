package badge

import (
	"strings"

	"wtptui/engine"
	"wtptui/ui/format"
)

const (
	// hashAlone is the width of an infohash that is a site's only name, "951ead31…fcbd", and hashBeside of one that stands
	// beside its title, "951e…fcbd".
	hashAlone  = 13
	hashBeside = 9
	// hashShort is the width of one beside a title that would have less than goodTitle cells otherwise, "951e".
	hashShort = 4
	goodTitle = 16
	// leastTitle is how many cells of a title must be left when it is cut so that the host fits beside it.
	leastTitle = 8
)

// Name is what a site is called in sentences and headings, in at most w cells: its title with its host beside it, "Wiki
// mirror (wiki.pub)". Where there is no room for both, a domain goes before the title, because a site chooses its own title,
// and the title goes before an infohash, which nobody knows by heart. Without a title it is the host, an infohash shortened.
func Name(s engine.Site, w int) string {
	host := s.Host
	isHash := engine.IsInfohash(host)
	title := format.Text(s.Title)
	if title == "" || strings.EqualFold(title, host) {
		if isHash {
			w = min(w, hashAlone)
		}
		return format.Host(host, w)
	}
	if isHash {
		digits := host
		if host = format.Host(digits, hashBeside); w-format.Width(host)-len(" ()") < min(goodTitle, format.Width(title)) {
			host = digits[:hashShort]
		}
	}
	room := w - format.Width(host) - len(" ()")
	switch {
	case room >= min(leastTitle, format.Width(title)):
		return format.Cut(title, room) + " (" + host + ")"
	case isHash:
		return format.Cut(title, w)
	}
	return format.Host(host, w)
}
