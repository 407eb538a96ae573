package question

import (
	"strings"

	"wtptui/engine"
)

// ForHomesOff returns the question before sites are taken off their homes, which are on. key is the label of the key
// that puts them back.
func ForHomesOff(sites []engine.Site, homes []engine.Home, key string) Question {
	text := "Visitors of " + addressesText(homes) + " get 410 Gone, and their browsers forget what the site has stored " +
		"there, which does not come back."
	if key != "" {
		text += " " + key + " puts it back."
	}
	return Question{Title: "Take " + titleName(sites) + " off its home?", Text: text, Verb: "Take off"}
}

// publicText returns a warning that sites are public and will no longer be after they are sent away; empty for no
// homes.
func publicText(homes []engine.Home) string {
	if len(homes) == 0 {
		return ""
	}
	return "Visitors of " + addressesText(homes) + " get 410 Gone from then on, also if it is brought back: " +
		"`wtptui home on` makes it public again. "
}

// addressesText returns the URLs of the first homes as a list.
func addressesText(homes []engine.Home) string {
	const maxURLs = 3
	var urls []string
	for _, h := range homes[:min(len(homes), maxURLs)] {
		urls = append(urls, h.URL)
	}
	text := strings.Join(urls, ", ")
	if len(homes) > maxURLs {
		text += " and others"
	}
	return text
}
