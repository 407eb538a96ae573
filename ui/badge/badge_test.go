package badge

import (
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/ui/theme"
)

// siteOfEachState returns a site for each badge, by the name of the state.
func siteOfEachState() map[string]engine.Site {
	return map[string]engine.Site{
		"error": {State: engine.Failed}, "paused": {State: engine.Paused}, "found": {State: engine.Found},
		"resolving": {State: engine.Resolving}, "metadata": {State: engine.Metadata},
		"verifying": {State: engine.Seeding, Checking: true}, "downloading": {State: engine.Downloading}, "mine": {
			State: engine.Seeding, Mine: true, Pinned: true,
		},
		"resting": {State: engine.Seeding, Pinned: true, Resting: true}, "pinned": {State: engine.Seeding, Pinned: true},
		"cached": {State: engine.Seeding},
	}
}

// Without any style, a state can be recognized by its glyph, by its word, and by the letter that is left of the word on
// a narrow screen; in ASCII by the word or the letter.
func TestStatesDifferWithoutStyles(t *testing.T) {
	th := theme.None()
	forms := map[string]func(Badge) string{
		"glyph": func(b Badge) string { return b.Glyph }, "word": func(b Badge) string { return b.Word },
		"letter": func(b Badge) string { return b.Word[:1] },
		"ASCII":  func(b Badge) string { return theme.ASCII(b.Text()) }, "short ASCII": func(b Badge) string {
			return theme.ASCII(b.Short())
		},
	}
	for form, of := range forms {
		seen := map[string]string{}
		for name, site := range siteOfEachState() {
			if name == "metadata" {
				name = "downloading" // Both load; what is awaited says which.
			}
			text := of(ForSite(site, &th))
			if other, ok := seen[text]; ok && other != name {
				t.Errorf("by %s, %s and %s are both %q", form, name, other, text)
			}
			seen[text] = name
			if strings.Contains(text, "\x1b") {
				t.Errorf("%s has a style: %q", name, text)
			}
		}
	}
}

func TestProblem(t *testing.T) {
	for want, site := range map[string]engine.Site{
		"no key": {State: engine.Failed, Error: "no key"}, "peers": {State: engine.Downloading, Awaiting: "peers"},
		"hashing": {State: engine.Seeding, Checking: true, Awaiting: "hashing"},
		"":        {State: engine.Seeding, Awaiting: "nothing"},
	} {
		text, bad := Problem(site)
		if text != want || bad != (site.Error != "") {
			t.Errorf("%+v: %q, %v", site, text, bad)
		}
	}
}

func TestProblemInSentence(t *testing.T) {
	for _, tt := range []struct {
		site engine.Site
		want string
		bad  bool
	}{
		{engine.Site{State: engine.Failed, Error: "no key"}, "no key", true},
		{
			engine.Site{State: engine.Metadata, Awaiting: "peers: none found for 2m"},
			"waiting for peers: none found for 2m", false,
		},
		{engine.Site{State: engine.Paused, Awaiting: "resume: it is paused"}, "resume: it is paused", false},
		{engine.Site{State: engine.Found, Awaiting: engine.FoundAwaiting}, engine.FoundAwaiting, false},
		{engine.Site{State: engine.Seeding}, "", false},
	} {
		if text, bad := ProblemInSentence(tt.site); text != tt.want || bad != tt.bad {
			t.Errorf("%+v: %q, %v", tt.site, text, bad)
		}
	}
}
