package question

import (
	"fmt"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
)

// MaxUnasked is the largest number of sites that an action may concern without a question.
const MaxUnasked = 10

// nameWidth is the widest that a site's name is in a title, in cells.
const nameWidth = 46

// Question is a question to the person. Verb is the label of the answer that carries the action out.
type Question struct {
	Title, Text, Verb string
}

// ForVerb returns the question before a verb is done to sites, and false if it is done without one. left names the
// sites that are left out, with the reason; empty for none. bin is how long the engine keeps evicted and removed sites,
// 0 if it does not. homes are those of the sites' homes that are on.
func ForVerb(v engine.Verb, sites []engine.Site, left string, bin time.Duration, homes []engine.Home) (Question, bool) {
	k := countSites(sites)
	many := len(sites) > MaxUnasked
	var text string
	needed := many
	switch v {
	case engine.Remove:
		needed, text = true, k.text()+publicText(homes)+removalText(k, bin)
	case engine.Evict:
		needed = many || k.last > 0 || bin <= 0 && k.pinned > 0 || len(homes) > 0
		text = k.text() + publicText(homes) + evictionText(k, max(bin, engine.UndoPeriod))
	case engine.Unpin:
		needed = many || k.last > 0
		text = k.text() + unpinningText(k)
	case engine.AcceptKey:
		needed, text = true, k.text()+acceptanceText(sites)
	default:
		text = k.text()
	}
	if many {
		text = "This is about every marked site, including those that are not on the screen. " + text
	}
	if left != "" {
		text = strings.TrimSpace(text) + " " + left + "."
	}
	word := format.Capital(strings.ReplaceAll(string(v), "-", " "))
	title := word + " " + titleName(sites) + "?"
	if v == engine.AcceptKey {
		title = "Accept the new key of " + titleName(sites) + "?"
	}
	return Question{Title: title, Text: strings.TrimSpace(text), Verb: word}, needed
}

// ForSwitch returns the question before a site is switched to another version. An empty hash lets it follow its domain.
func ForSwitch(s engine.Site, hash string) Question {
	if hash == "" {
		return Question{
			Title: "Let " + badge.Name(s, nameWidth) + " follow its owner again?", Verb: "Follow",
			Text: "Its pages become those that its domain or its key points to, now and after each change there.",
		}
	}
	return Question{
		Title: "Switch " + badge.Name(s, nameWidth) + "?", Verb: "Switch",
		Text: "Its pages become those of the version " + format.Host(hash, 14) + ". It stays at that version, whatever " +
			"its owner publishes, until you let it follow the owner again.",
	}
}

// siteCounts counts the sites that a question mentions. The site that comes with wtptui is neither own nor a last copy.
type siteCounts struct{ all, pinned, own, found, last int }

func countSites(sites []engine.Site) (k siteCounts) {
	k.all = len(sites)
	for _, s := range sites {
		if s.Pinned {
			k.pinned++
		}
		if s.Own {
			k.own++
		}
		if s.State == engine.Found {
			k.found++
		}
		if s.IsLastCopy() && (s.Own || !s.Mine) {
			k.last++
		}
	}
	return k
}

// text returns how many sites are pinned, own, found and last copies.
func (k siteCounts) text() string {
	if k.all == 1 {
		return k.singleText()
	}
	var b strings.Builder
	add := func(n int, one, some string) {
		if n == 1 {
			b.WriteString("1 of them " + one + ". ")
		} else if n > 1 {
			b.WriteString(format.Count(n) + " of them " + some + ". ")
		}
	}
	add(k.pinned, "is pinned", "are pinned")
	add(k.own, "was published here", "were published here")
	add(k.found, "was found in the data folder, and nothing else knows what it is",
		"were found in the data folder, and nothing else knows what they are")
	add(k.last, "is the last known copy: nobody else has all of it",
		"are the last known copies: nobody else has all of them")
	return b.String()
}

// singleText is text for a single site.
func (k siteCounts) singleText() string {
	text := ""
	if k.last > 0 {
		text += "This is the last known copy: nobody else has all of it. "
	}
	if k.own > 0 {
		text += "It was published here. "
	}
	if k.found > 0 {
		text += "It was found in the data folder, and nothing else knows what it is. "
	}
	return text
}

// acceptanceText returns what accepting another key means.
func acceptanceText(sites []engine.Site) string {
	const means = "An owner whose key was lost or stolen does that, but so does somebody who has taken the domain over: " +
		"ask the owner if you can. It cannot be undone here."
	if len(sites) != 1 {
		return "From now on the new keys that their domains name decide what their pages are. " + means
	}
	return "Its domain now names the key " + format.Host(sites[0].NextKey, keyWidth) + ". From now on that key decides " +
		"what its pages are. " + means
}

// keyWidth is the room for a key that a person compares with another one, in cells.
const keyWidth = 24

func evictionText(k siteCounts, period time.Duration) string {
	data := "Their data goes"
	if k.all == 1 {
		data = "Its data goes"
	}
	return data + " to the bin. This can be undone for " + format.DurationInWords(period) + ", then it is deleted."
}

func unpinningText(k siteCounts) string {
	if k.all == 1 {
		return "Unpinned, it expires like any other site, and its data is deleted then."
	}
	return "Unpinned, they expire like other sites, and their data is deleted then."
}

// removalText returns what becomes of sites that are removed.
func removalText(k siteCounts, bin time.Duration) string {
	text := "Their data, their pins and their history"
	if k.all == 1 {
		text = "Its data, its pin and its history"
	}
	if bin > 0 {
		text += " go to the bin. All of it can be brought back for " + format.DurationInWords(bin) +
			", or until the space is needed; then it is deleted."
	} else {
		text += " are deleted, and this cannot be undone."
	}
	if k.found+k.own == 0 {
		text += " To keep the history, evict instead."
	}
	return text
}

// titleName returns the name of the sites for a title.
func titleName(sites []engine.Site) string {
	if len(sites) == 1 {
		return badge.Name(sites[0], nameWidth)
	}
	return fmt.Sprintf("%s sites", format.Count(len(sites)))
}
