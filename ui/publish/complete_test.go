package publish

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/keys"
)

func TestComplete(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"site-one", "site-two", "other", ".hidden", "日本", "日記", "evil\u202egnp"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "site.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	sep := string(filepath.Separator)
	for typed, want := range map[string]struct {
		value string
		names []string
		wrong string
	}{
		"o":      {value: "other" + sep},
		"s":      {value: "site-", names: []string{"site-one", "site-two"}},
		"site-o": {value: "site-one" + sep},
		"日":      {value: "日", names: []string{"日本", "日記"}},
		".h":     {value: ".hidden" + sep},
		"e":      {value: "e", wrong: "no folder there"},
		"x":      {value: "x", wrong: "no folder there starts with x"},
		"":       {value: "", names: []string{"other", "site-one", "site-two", "日本", "日記"}},
		"a/b":    {value: "a/b", wrong: "could not read"},
	} {
		c := Complete(dir + sep + typed)
		if c.Value != dir+sep+want.value || !slices.Equal(c.Names, want.names) || !strings.Contains(c.Problem, want.wrong) ||
			want.wrong == "" && c.Problem != "" {
			t.Errorf("%q becomes %+v", typed, c)
		}
	}
}

func TestPath(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows drops paths as they are")
	}
	for text, want := range map[string]string{
		" /home/me/site \n": "/home/me/site", "'/home/me/my site'": "/home/me/my site", `"/a b"`: "/a b",
		`/home/me/my\ site\ \(2\)`:  "/home/me/my site (2)",
		"file:///home/me/my%20site": "/home/me/my site", "~/x": "~/x", `/a\b`: `/a\b`, `/a\\b`: `/a\b`, "'": "'",
	} {
		if got := Path(text); got != want {
			t.Errorf("%q means %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{
		"/home/me/site": true, "~/site": true, "./x": true, "file:///x": true, "'/a b'": true,
		"/tmp/x.torrent": false, "wtp://x.example/": false, "example.org": false, "": false, "/a\n/b": false,
		"magnet:?xt=urn:btih:1": false,
	} {
		if LooksLikePath(text) != want {
			t.Errorf("%q looks like a path: %v", text, !want)
		}
	}
}

func TestTypingPastingAndCompleting(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"alpha", "alps"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	a := start(t, "", "")
	a.run(a.p.Update(tea.PasteMsg{Content: "'" + dir + "/a'\n"}))
	a.press(keys.Complete)
	if got := a.p.folder.dir(); got != filepath.Join(dir, "alp") {
		t.Fatalf("the folder is %q", got)
	}
	a.expectText("alpha/", "alps/")
	a.run(a.p.Update(tea.KeyPressMsg{Code: 's', Text: "s"}))
	a.press(keys.Complete, keys.Complete)
	a.expectText("there are no folders in")
	// What was completed for a text that is not there any more is dropped.
	a.p.Update(Completion{Text: "/old", Value: "/older/"})
	if got := a.p.folder.dir(); got != filepath.Join(dir, "alps")+"/" {
		t.Fatalf("the folder is %q", got)
	}
	a.press(keys.Switch)
	a.run(a.p.Update(tea.PasteMsg{Content: "Example.ORG"}))
	a.press(keys.Accept)
	if r := a.reqs[0]; r.Name != "example.org" {
		t.Errorf("the name is %q", r.Name)
	}
}

func FuzzPath(f *testing.F) {
	f.Add("'/a b'")
	f.Add(`/a\ b`)
	f.Add("file:///%zz")
	f.Fuzz(func(_ *testing.T, text string) {
		Path(text)
		LooksLikePath(text)
	})
}
