package main

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/welcome"
)

// commandUse matches a use of the program in the text of a page: its first words, as far as they are plain.
var commandUse = regexp.MustCompile(`\bwtptui((?: --?[a-z-]+| [a-z]+)+)`)

// The commands that the welcome site mentions exist in the program that publishes it.
func TestCommandsOfTheWelcomeSite(t *testing.T) {
	settings, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	root := newProgram(processEnvironment(), settings, nil).root()
	uses := map[string]bool{}
	for _, name := range []string{"index.html", "keys.html", "publish.html"} {
		page, err := fs.ReadFile(welcome.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range regexp.MustCompile(`(?s)<(?:pre|code)>.*?</(?:pre|code)>`).FindAllString(string(page), -1) {
			text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(code, "")
			for _, m := range commandUse.FindAllStringSubmatch(text, -1) {
				words := strings.Fields(m[1])
				verb, rest, err := root.Find(words[:1])
				if err != nil || len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
					t.Errorf("%s names wtptui %s, which is no verb", name, words[0])
					continue
				}
				verb.InitDefaultHelpFlag()
				uses[verb.Name()+" in "+name] = true
				for _, word := range words {
					if flag, ok := strings.CutPrefix(word, "--"); ok && verb.Flag(flag) == nil {
						t.Errorf("%s names wtptui%s, and %s has no flag %s", name, m[1], verb.Name(), word)
					}
				}
			}
		}
	}
	for _, use := range []string{"publish in publish.html", "serve in publish.html", "open in keys.html"} {
		if !uses[use] {
			t.Errorf("there is no %s", use)
		}
	}
}
