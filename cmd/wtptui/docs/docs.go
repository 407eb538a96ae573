package docs

import "embed"

//go:embed *.md
var files embed.FS

// Topics are the names of all texts, in the order in which they are best read: guides, reference, background.
var Topics = []string{
	"readers", "owners", "archivists", "operators",
	"keys", "verbs", "settings", "json", "metrics", "control",
	"protocol", "security", "troubleshooting",
}

// Markdown returns the text of a topic, and reports whether there is one of that name.
func Markdown(topic string) (string, bool) {
	text, err := files.ReadFile(topic + ".md")
	return string(text), err == nil
}
