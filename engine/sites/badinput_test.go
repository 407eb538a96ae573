package sites

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const (
	pinnedFolder = "sites/0155f9d5a004019efae1323d9abfc8ef5ea70d8a"
	cachedFolder = "sites/2e882fddd97e3e5002cec698f877e39e5435ac2c"
)

// pinnedFound is what is known of Pinned when its state file says nothing and the database is lost: its data is there,
// and a person has to say what protects it.
const pinnedFound = "Pinned: paused found"

// editFile returns a function that replaces the content of a file.
func editFile(name string, to func(string) string) func(dir string) error {
	return func(dir string) error {
		path := filepath.Join(dir, name)
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, []byte(to(string(content))), 0o600)
	}
}

// replaceFile returns a function that replaces a file or folder by something else.
func replaceFile(name string, by func(path string) error) func(dir string) error {
	return func(dir string) error {
		path := filepath.Join(dir, name)
		return errors.Join(os.Rename(path, filepath.Join(dir, "aside")), by(path))
	}
}

func replaceBySymlink(path string) error {
	return os.Symlink(filepath.Join(filepath.Dir(filepath.Dir(path)), "aside"), path)
}

// badFolderTests are changes to a data folder while no engine runs.
var badFolderTests = []struct {
	name   string
	change func(dir string) error
	// says is what the log has to say, and warns what is shown.
	says, warns []string
	// lost is what Pinned is when the database is lost as well.
	lost string
}{
	{
		"files and folders of somebody else", func(dir string) error {
			return errors.Join(
				os.MkdirAll(filepath.Join(dir, "sites", "photos", "0"), 0o700),
				os.WriteFile(filepath.Join(dir, "sites", "README"), nil, 0o600),
				os.WriteFile(filepath.Join(dir, pinnedFolder, "notes.txt"), []byte("mine"), 0o600),
				os.Mkdir(filepath.Join(dir, pinnedFolder, "7"), 0o700))
		}, nil, nil, "Pinned: pinned",
	},
	{
		"cut to a byte", editFile(pinnedFolder+"/site.json", func(s string) string { return s[:1] }),
		[]string{"damaged"},
		nil, pinnedFound,
	},
	{
		"cut to a third", editFile(pinnedFolder+"/site.json", func(s string) string { return s[:len(s)/3] }),
		[]string{"damaged"},
		nil, pinnedFound,
	},
	{
		"without its end", editFile(pinnedFolder+"/site.json", func(s string) string { return s[:len(s)-2] }),
		[]string{"damaged"},
		nil, pinnedFound,
	},
	{
		"empty", editFile(pinnedFolder+"/site.json", func(string) string { return "" }),
		[]string{"damaged"},
		nil, pinnedFound,
	},
	{
		"NULs", editFile(pinnedFolder+"/site.json", func(s string) string { return strings.Repeat("\x00", len(s)) }),
		[]string{"damaged"},
		nil, pinnedFound,
	},
	{
		"no JSON", editFile(pinnedFolder+"/site.json", func(string) string { return "hello\n" }),
		[]string{"damaged"},
		nil, pinnedFound,
	},
	{
		"other JSON", editFile(pinnedFolder+"/site.json", func(string) string { return `{"name": "x"}` }),
		[]string{"not one of wtptui"},
		nil, pinnedFound,
	},
	{
		"17 MB", editFile(pinnedFolder+"/site.json", func(s string) string { return s + strings.Repeat(" ", 17<<20) }),
		[]string{"larger than 16 MiB", "move it away"},
		nil, pinnedFound,
	},
	{
		"of a newer version",
		editFile(
			pinnedFolder+"/site.json", func(s string) string { return strings.Replace(s, `state": 1`, `state": 2`, 1) },
		),
		[]string{"newer wtptui"},
		nil, pinnedFound,
	},
	{
		"another one's .torrent", func(dir string) error {
			other, err := os.ReadFile(filepath.Join(dir, cachedFolder, "site.torrent"))
			return errors.Join(err, os.WriteFile(filepath.Join(dir, pinnedFolder, "site.torrent"), other, 0o600))
		}, []string{"not its own"}, nil, "Pinned: pinned",
	},
	{
		"a .torrent cut in half", editFile(pinnedFolder+"/site.torrent", func(s string) string { return s[:len(s)/2] }),
		[]string{"not its own"},
		nil, "Pinned: pinned",
	},
	{
		"a link for a state file", replaceFile(pinnedFolder+"/site.json", replaceBySymlink),
		[]string{"is not a file", "move it away"},
		[]string{"is not a file", "move it away"},
		pinnedFound,
	},
	{
		"a folder for a state file",
		replaceFile(pinnedFolder+"/site.json", func(path string) error { return os.Mkdir(path, 0o700) }),
		[]string{"is not a file", "move it away"},
		[]string{"is not a file", "move it away"},
		pinnedFound,
	},
	{
		"a link for a .torrent", replaceFile(pinnedFolder+"/site.torrent", replaceBySymlink),
		[]string{"is not a file", "move it away"},
		[]string{"is not a file", "move it away"},
		"Pinned: pinned",
	},
	{
		"a link for an identity", replaceFile("sites/identity", replaceBySymlink),
		[]string{"identity is damaged", "another data folder"},
		nil, pinnedFound,
	},
	{
		"no identity", replaceFile("sites/identity", func(string) error { return nil }),
		[]string{"another data folder"},
		nil, pinnedFound,
	},
	{
		"another identity", editFile("sites/identity", func(string) string { return strings.Repeat("12", 16) + "\n" }),
		[]string{"another data folder"},
		nil, pinnedFound,
	},
	{
		"half an identity", editFile("sites/identity", func(s string) string { return s[:16] }),
		[]string{"identity is damaged", "another data folder"},
		nil, pinnedFound,
	},
	{"moved elsewhere", func(string) error { return nil }, nil, nil, "Pinned: pinned"},
}

// Each kind of bad file in the data folder is reported by one line. Nothing is lost, and everything else works.
func TestBadDataFolderIsReportedAndLosesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links take rights")
	}
	done := copyFolder(t, schema2Dir)
	data := readDataFiles(t, done)
	f := openFolderFixture(t, done, upgradeTime)
	f.writeStateFiles()
	f.close()
	for _, test := range badFolderTests {
		for _, lost := range []bool{false, true} {
			name := test.name
			if lost {
				name += ", database lost"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				dir := copyFolder(t, done)
				if err := test.change(dir); err != nil {
					t.Fatal(err)
				}
				if lost {
					removeFile(t, dir, "wtptui.db")
				}
				f := openFolderFixture(t, dir, upgradeTime)
				f.writeStateFiles()
				for _, want := range test.says {
					if !strings.Contains(f.log.String(), want) {
						t.Errorf("the log does not say %q:\n%s", want, f.log)
					}
				}
				for _, want := range test.warns {
					if !lost && !strings.Contains(f.shownWarnings(), want) {
						t.Errorf("the warnings are %q, want %q in it", f.shownWarnings(), want)
					}
				}
				f.checkNothingLost(data, lost, test.lost)
			})
		}
	}
}

// checkNothingLost checks that no data is gone, that the sites are protected as before, and that one can be read.
func (f *folderFixture) checkNothingLost(data map[string]string, lost bool, pinned string) {
	f.t.Helper()
	if after := readDataFiles(f.t, f.dir); !maps.Equal(after, data) {
		f.t.Errorf("there are %d files, were %d: %q", len(after), len(data), slices.Sorted(maps.Keys(after)))
	}
	if !lost {
		f.check("what protects the sites", f.protections(), upgradedProtections)
		f.check("a page of Pinned", f.getFile("0155f9d5a004019efae1323d9abfc8ef5ea70d8a", "index.html"),
			data["/"+pinnedFolder+"/0"])
	} else {
		f.check("what protects Pinned", f.protectionOf("Pinned"), pinned)
	}
	if strings.HasSuffix(f.protectionOf("Cached"), "found") { // with all others
		return
	}
	f.check("a page of Cached", f.getFile("2e882fddd97e3e5002cec698f877e39e5435ac2c", "index.html"),
		data["/"+cachedFolder+"/0"])
}

// readStateFiles returns the contents of all state files.
func readStateFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "sites", "*", "site.json"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(path, dir)] = string(content)
	}
	return all
}

// A data folder is moved to another machine without its database and its identity: all sites are found and left alone.
// Once the identity is restored, all is as before.
func TestRestoredIdentityRestoresProtection(t *testing.T) {
	dir := copyFolder(t, schema2Dir)
	data := readDataFiles(t, dir)
	f := openFolderFixture(t, dir, upgradeTime)
	f.writeStateFiles()
	f.close()
	before := readStateFiles(t, dir)
	identity := filepath.Join(dir, "sites", "identity")
	if err := os.Rename(identity, identity+"-aside"); err != nil {
		t.Fatal(err)
	}
	removeFile(t, dir, "wtptui.db")
	for range 2 {
		f = openFolderFixture(t, dir, upgradeTime)
		f.writeStateFiles()
		f.check("what is found", strings.ReplaceAll(f.protections(), ": paused found", ""),
			"Pinned\nFirst\nblog\nCached\nNo clearnet\nSecond\nPaused\nblog\nblog\nThird\nEvicted\nAllowed")
		if after := readDataFiles(t, dir); !maps.Equal(after, data) {
			t.Errorf("there are %d files, were %d", len(after), len(data))
		}
		f.close()
		// Of what has no data of its own nothing can be found.
		for name, content := range readStateFiles(t, dir) {
			if before[name] != content {
				t.Errorf("%s is another one: %s", name, content)
			}
		}
	}
	if err := os.Rename(identity+"-aside", identity); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		f = openFolderFixture(t, dir, upgradeTime)
		f.checkUpgraded("with the identity", data)
		f.close()
	}
}

// Two folders claim site.wtp.test with equally complete state files. The same one always gets it, and the other one is
// found.
func TestEqualClaimsGoToTheSameFolder(t *testing.T) {
	done := copyFolder(t, schema2Dir)
	data := readDataFiles(t, done)
	f := openFolderFixture(t, done, upgradeTime)
	f.writeStateFiles()
	f.close()
	const current, other = "c86a6bae5c349282d5f751f4dcf1e44358ebebd1", "2e882fddd97e3e5002cec698f877e39e5435ac2c"
	state, err := os.ReadFile(filepath.Join(done, "sites", current, "site.json"))
	if err != nil {
		t.Fatal(err)
	}
	claim := strings.Replace(string(state), current, other, 1)
	if err := os.WriteFile(filepath.Join(done, "sites", other, "site.json"), []byte(claim), 0o600); err != nil {
		t.Fatal(err)
	}
	removeFile(t, done, "wtptui.db")
	for range 8 {
		dir := copyFolder(t, done)
		f := openFolderFixture(t, dir, upgradeTime)
		f.writeStateFiles()
		rows, err := f.db.Sites()
		if err != nil {
			t.Fatal(err)
		}
		var claimed []string
		for _, row := range rows {
			if row.Host == "site.wtp.test" || row.Found {
				claimed = append(claimed, row.Host+" "+row.Infohash)
			}
		}
		f.check("who has the domain", strings.Join(claimed, ", "), other+" "+other+", site.wtp.test "+current)
		if after := readDataFiles(t, dir); !maps.Equal(after, data) ||
			!strings.Contains(f.log.String(), "there is data that no site is known of") {
			t.Errorf("there are %d files, were %d: %s", len(after), len(data), f.log)
		}
		f.check("another site", f.getFile("own.example", "index.html"), "<title>Copied</title>three\n")
		f.close()
	}
}

// protectionOf returns what protects one site.
func (f *folderFixture) protectionOf(title string) string {
	f.t.Helper()
	for line := range strings.Lines(f.protections()) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), ":"); name == title {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
