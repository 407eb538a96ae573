package resolve

import (
	"slices"

	"wtptui/engine"
)

// publishedHere is the Source of versions that no answer has named.
const publishedHere = "published"

// hasHad reports whether an infohash is among the versions of a name.
func hasHad(versions []engine.Version, infohash string) bool {
	return slices.ContainsFunc(versions, func(v engine.Version) bool { return v.Infohash == infohash })
}

// returned warns of an answer that leads back: its infohash is known, and others have come after it. It does so for as
// long as that lasts.
func returned(a Answer, old stored) string {
	i := slices.IndexFunc(old.versions, func(v engine.Version) bool { return v.Infohash == a.Infohash })
	if i < 0 {
		return ""
	}
	first := old.versions[i].FirstSeen
	for _, v := range old.versions {
		if first.Before(v.FirstSeen) && v.Source != publishedHere {
			return "the domain is back at " + a.Infohash + ", which it had before " + v.Infohash + " of " + date(v.FirstSeen) + ": its owner has undone a change, or an old answer is being repeated"
		}
	}
	return ""
}

func date(t engine.Time) string { return t.Std().UTC().Format("2006-01-02") }
