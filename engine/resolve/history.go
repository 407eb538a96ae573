package resolve

import (
	"slices"

	"wtptui/engine"
)

// publishedHere is the Source of versions that were published on this machine and that no answer has named.
const publishedHere = "published"

// hasInfohash reports whether an infohash is among the versions of a name.
func hasInfohash(versions []engine.Version, infohash string) bool {
	return slices.ContainsFunc(versions, func(v engine.Version) bool { return v.Infohash == infohash })
}

// returnedWarning returns a warning if an answer goes back to an infohash that was followed by others. It does so for
// as long as the answer stays there.
func returnedWarning(a Answer, old storedAnswer) string {
	i := slices.IndexFunc(old.versions, func(v engine.Version) bool { return v.Infohash == a.Infohash })
	if i < 0 {
		return ""
	}
	first := old.versions[i].FirstSeen
	for _, v := range old.versions {
		if first.Before(v.FirstSeen) && v.Source != publishedHere {
			return "the domain is back at " + a.Infohash + ", which it had before " + v.Infohash + " of " +
				formatDate(v.FirstSeen) + ": its owner has undone a change, or an old answer is being repeated"
		}
	}
	return ""
}

func formatDate(t engine.Time) string { return t.Std().UTC().Format("2006-01-02") }
