package publish

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wtptui/engine"
)

// describeFindings lists the findings with their decisions and the reasons for these.
func describeFindings(p *Plan) string {
	var out []string
	for _, f := range p.Findings {
		s := f.Path + " " + f.Code + ": " + string(f.Choice)
		if f.AsBefore {
			s += ", as before"
		}
		if f.New {
			s += ", new"
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// Decisions of the last version are kept, and new findings are marked as new. Another finding of a path that was kept
// needs a new decision.
func TestDecisionsAreRemembered(t *testing.T) {
	f := writeTree(t, "site", map[string]string{
		"index.html": "x", "id_rsa": "x", "drafts/a.html": "x", ".hidden": "x", "key.txt": pem,
		"links.html": `<a href="http://localhost/">`,
	})
	first := check1(t, open(t, f), Rules{Keep: []string{".hidden", "key.txt"}, LeaveOut: []string{"id_rsa", "drafts/"}})
	if got := fmt.Sprint(first.Memory.KeptPaths(), first.Memory.LeftOut); got != "[.hidden key.txt] [drafts id_rsa]" {
		t.Fatalf("remembered %s", got)
	}
	if strings.Contains(describeFindings(first), "new") {
		t.Errorf("new at first:\n%s", describeFindings(first))
	}
	write(t, f, ".env", "x")
	write(t, f, ".hidden", aws)
	write(t, f, "links.html", `<a href="http://localhost/"> `+aws)
	again := check1(t, open(t, f), Rules{Before: first.Memory})
	want := `.env secret: leave out, new
.hidden dotfile: note, as before
.hidden secret: refuse, new
drafts left-out: leave out, as before
id_rsa secret: leave out, as before
key.txt secret: note, as before
links.html localhost-link: note
links.html secret: refuse, new`
	if got := describeFindings(again); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// What is decided now counts for more.
	changed := check1(t, open(t, f), Rules{
		Before: first.Memory, Keep: []string{"id_rsa"}, LeaveOut: []string{"key.txt", "links.html", ".hidden"},
	})
	got := fmt.Sprint(changed.Memory.KeptPaths(), changed.Memory.LeftOut, filePaths(changed))
	if got != "[id_rsa] [.hidden drafts key.txt links.html] [id_rsa index.html]" {
		t.Errorf("changed to %s", got)
	}
}

// Findings are remembered for a file that is not read again because it was published before.
func TestMemoryOfUnreadFiles(t *testing.T) {
	f := writeTree(t, "site", map[string]string{"index.html": "x", "key.txt": pem})
	memory := check1(t, open(t, f), Rules{Keep: []string{"key.txt"}}).Memory
	memory = check1(t, open(t, f), Rules{Before: memory, Known: func(File) bool { return true }}).Memory
	p := check1(t, open(t, f), Rules{Before: memory})
	if got := describeFindings(p); got != "key.txt secret: note, as before" {
		t.Error(got)
	}
}

func TestIgnoreFileIsAddedTo(t *testing.T) {
	names := map[string]string{
		"index.html": "x", "id_rsa": "x", "a [1]*.txt": "x", "drafts/x": "x", "drafts.txt": "x", "b\\c": "x", "end ": "x",
	}
	for before, want := range map[string]string{
		"":             "/a \\[1]\\*.txt\n/b\\\\c\n/drafts/\n/end\\ \n/id_rsa\n",
		"# mine\n*.x":  "# mine\n*.x\n/a \\[1]\\*.txt\n/b\\\\c\n/drafts/\n/end\\ \n/id_rsa\n",
		"/id_rsa\r\n":  "/id_rsa\r\n/a \\[1]\\*.txt\r\n/b\\\\c\r\n/drafts/\r\n/end\\ \r\n",
		"/nothing\n\n": "/nothing\n\n/a \\[1]\\*.txt\n/b\\\\c\n/drafts/\n/end\\ \n/id_rsa\n",
	} {
		dir := writeTree(t, "site", names)
		if before != "" {
			write(t, dir, IgnoreFile, before)
		}
		leaveOut := []string{"id_rsa", "a [1]*.txt", "drafts", "b\\c", "end "}
		f := open(t, dir)
		p := check1(t, f, Rules{LeaveOut: leaveOut})
		slices.Sort(p.Ignore)
		for range 2 { // The second time nothing is added.
			if err := f.AddIgnored(p.Ignore); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(filepath.Join(dir, IgnoreFile))
		if err != nil || string(got) != want {
			t.Errorf("from %q: %q, %v, want %q", before, got, err, want)
		}
		again := check1(t, f, Rules{})
		if got := fmt.Sprint(filePaths(again), len(again.Ignore)); got != "[drafts.txt index.html] 0" {
			t.Errorf("from %q: then published %s", before, got)
		}
		if got := describeFindings(again); got != ".wtpignore ignored: leave out" ||
			!strings.Contains(again.Findings[0].Why, "id_rsa") {
			t.Errorf("from %q: then found %s", before, got)
		}
		// What the folder leaves out itself is not remembered any more.
		if m := check1(t, f, Rules{Before: p.Memory}).Memory; len(p.Memory.LeftOut) == 0 || len(m.LeftOut) > 0 {
			t.Errorf("from %q: remembered %q, then %q", before, p.Memory.LeftOut, m.LeftOut)
		}
	}
}

func TestIgnoreFileThatCannotBeWritten(t *testing.T) {
	dir := writeTree(t, "site", map[string]string{"index.html": "x"})
	if err := os.Mkdir(filepath.Join(dir, IgnoreFile), 0o700); err != nil {
		t.Fatal(err)
	}
	err := open(t, dir).AddIgnored([]string{"/a"})
	expectKind(t, err, engine.Invalid)
	if f := OpenEmbedded(nil, "x"); f.AddIgnored([]string{"/a"}) != nil {
		t.Error("what comes with the program has an ignore file")
	}
}
