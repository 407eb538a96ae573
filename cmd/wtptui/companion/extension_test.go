package companion

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wtptui/engine"
)

// manifest has the fields that decide what browsers allow the extension.
type manifest struct {
	Key, Version            string
	Permissions             []string
	HostPermissions         []string `json:"host_permissions"`
	OptionalHostPermissions []string `json:"optional_host_permissions"`
	OptionalPermissions     []string `json:"optional_permissions"`
	ContentScripts          []any    `json:"content_scripts"`
	WebAccessible           []any    `json:"web_accessible_resources"`
	Connectable             any      `json:"externally_connectable"`
	Incognito               string
	Settings                struct {
		Gecko struct{ ID string }
	} `json:"browser_specific_settings"`
}

func readManifest(t *testing.T) (m manifest) {
	t.Helper()
	data, err := fs.ReadFile(Extension(), manifestName)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestExtensionIDs(t *testing.T) {
	m := readManifest(t)
	key, err := base64.StdEncoding.DecodeString(m.Key)
	if err != nil {
		t.Fatal(err)
	}
	var id strings.Builder
	sum := sha256.Sum256(key)
	for _, b := range sum[:16] {
		id.WriteByte('a' + b>>4)
		id.WriteByte('a' + b&0xf)
	}
	if id.String() != ChromiumID || m.Settings.Gecko.ID != GeckoID {
		t.Errorf("the manifest's ids are %s and %s", id.String(), m.Settings.Gecko.ID)
	}
}

// As long as the version is the same, Chromium keeps running the background script that it has, whatever is in the
// folder.
func TestVersionChangesWithTheFiles(t *testing.T) {
	sum := sha256.New()
	err := fs.WalkDir(Extension(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(Extension(), name)
		fmt.Fprintf(sum, "%s %x\n", name, sha256.Sum256(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/version"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%s %x\n", readManifest(t).Version, sum.Sum(nil)); got != string(want) {
		t.Errorf("the extension has changed: raise the version in its manifest, then write this to %s:\n%s", file, got)
	}
}

// No script of the extension is in any page until a person allows it, no page can request its files, and it is not
// active in private windows.
func TestLeastPermissions(t *testing.T) {
	m := readManifest(t)
	permissions := []string{"nativeMessaging", "declarativeNetRequestWithHostAccess", "scripting", "alarms"}
	if !slices.Equal(m.Permissions, permissions) ||
		!slices.Equal(m.HostPermissions, []string{"http://*.localhost/*"}) ||
		!slices.Equal(m.OptionalHostPermissions, []string{"*://*/*"}) || m.OptionalPermissions != nil ||
		m.ContentScripts != nil || m.WebAccessible != nil || m.Connectable != nil || m.Incognito != "not_allowed" {
		t.Errorf("the extension may do %+v", m)
	}
	text := allScripts(t)
	for _, open := range []string{"onMessageExternal", "onConnectExternal", "window.postMessage", "innerHTML", "eval("} {
		if strings.Contains(text, open) {
			t.Errorf("a script has %s", open)
		}
	}
}

func allScripts(t *testing.T) string {
	t.Helper()
	names, err := fs.Glob(Extension(), "*.js")
	if err != nil || len(names) < 5 {
		t.Fatalf("%v, %v", names, err)
	}
	var text strings.Builder
	for _, name := range names {
		data, err := fs.ReadFile(Extension(), name)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(data)
	}
	if !strings.Contains(text.String(), "'"+HostName+"'") {
		t.Errorf("no script connects to %s", HostName)
	}
	return text.String()
}

func TestWriteExtension(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "here")
	for range 2 { // The second brings it up to date.
		if err := WriteExtension(dir); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{manifestName, "background.js", "icons/on-16.png"} {
			want, err := fs.ReadFile(Extension(), name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || string(got) != string(want) {
				t.Errorf("%s: %d bytes, want %d: %v", name, len(got), len(want), err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "background.js"), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mine := filepath.Join(dir, "mine.txt")
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteExtension(dir); err != nil { // Desktops leave files of their own in folders.
		t.Errorf("beside a file of somebody else: %v", err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, manifestName), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteExtension(other); engine.KindOf(err) != engine.Conflict {
		t.Errorf("into another folder: %v", err)
	}
	if err := WriteExtension(mine); engine.KindOf(err) == "" {
		t.Error("it was written into a file")
	}
}

func TestCheckCaller(t *testing.T) {
	manifest := filepath.Join(t.TempDir(), HostName+".json")
	for _, c := range []struct {
		args         []string
		starts, ours bool
	}{
		{[]string{ChromiumOrigin}, true, true},
		{[]string{ChromiumOrigin, "--parent-window=0"}, true, true},
		{[]string{manifest, GeckoID}, true, true},
		{[]string{"chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh/"}, true, false},
		{[]string{"chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh/", GeckoID}, true, false},
		{[]string{ChromiumOrigin + "x"}, true, false},
		{[]string{manifest, "other@example"}, true, false},
		{[]string{manifest}, false, false},
		{[]string{"open", "wtp://docs.example/"}, false, false},
		{nil, false, false},
	} {
		if got := StartedByBrowser(c.args); got != c.starts {
			t.Errorf("%q: a browser's start: %v", c.args, got)
		}
		if err := CheckCaller(c.args); (err == nil) != c.ours || err != nil && engine.KindOf(err) != engine.Refused {
			t.Errorf("%q: %v", c.args, err)
		}
	}
}
