//go:build !windows && !darwin

package register

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"wtptui/engine"
)

// newCompanion returns a companion in a home without any browser; none is in the PATH, either.
func newCompanion(t *testing.T, args ...string) (c Companion, dir string) {
	t.Helper()
	h, dir := newHandler(t, "/usr/bin/wtptui", args...)
	return Companion{
		Handler: h, Name: "io.example.host", Origin: "chrome-extension://abc/", AddOn: "host@example",
		Launcher: filepath.Join(dir, "data", "native-host"),
	}, dir
}

func makeDir(t *testing.T, path ...string) string {
	t.Helper()
	dir := filepath.Join(path...)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCompanionIsRegisteredInAllBrowsers(t *testing.T) {
	c, dir := newCompanion(t)
	if _, err := c.Add(); engine.KindOf(err) != engine.NotFound {
		t.Errorf("without a browser: %v", err)
	}
	chrome := makeDir(t, dir, ".config", "google-chrome")
	mozilla := makeDir(t, dir, ".mozilla")
	for range 2 { // The second call changes nothing.
		states, err := c.Add()
		if err != nil || len(states) != 2 || !states[0].Ours || !states[1].Ours || states[0].Browser != "Google Chrome" ||
			states[1].Browser != "Firefox" {
			t.Fatalf("%+v, %v", states, err)
		}
	}
	for path, want := range map[string]manifest{
		filepath.Join(chrome, "NativeMessagingHosts"):    {Origins: []string{"chrome-extension://abc/"}},
		filepath.Join(mozilla, "native-messaging-hosts"): {Extensions: []string{"host@example"}},
	} {
		var got manifest
		if err := json.Unmarshal([]byte(readFile(t, filepath.Join(path, "io.example.host.json"))), &got); err != nil {
			t.Fatal(err)
		}
		if got.Name != "io.example.host" || got.Type != "stdio" || got.Path != "/usr/bin/wtptui" ||
			!slices.Equal(got.Origins, want.Origins) || !slices.Equal(got.Extensions, want.Extensions) {
			t.Errorf("%s: %+v", path, got)
		}
	}
	moved := c
	moved.Program = "/opt/wtptui"
	for _, s := range moved.State() {
		if !s.Exists || s.Ours {
			t.Errorf("a program that has moved: %+v", s)
		}
	}
	for range 2 {
		if err := c.Remove(); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range c.State() {
		if s.Exists || s.Ours {
			t.Errorf("taken back: %+v", s)
		}
	}
	makeDir(t, chrome, "NativeMessagingHosts", "io.example.host.json", "x") // A failed write is reported.
	if _, err := c.Add(); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("a manifest that cannot be written: %v", err)
	}
}

// A browser passes no arguments: if the program needs some, it starts a script that adds them.
func TestCompanionLauncher(t *testing.T) {
	c, dir := newCompanion(t, "--data-dir", "/it's mine")
	makeDir(t, dir, ".librewolf")
	if states, err := c.Add(); err != nil || len(states) != 1 || !states[0].Ours {
		t.Fatalf("%+v, %v", states, err)
	}
	want := "#!/bin/sh\nexec '/usr/bin/wtptui' '--data-dir' '/it'\\''s mine' native-host -- \"$@\"\n"
	if got := readFile(t, c.Launcher); got != want {
		t.Errorf("the script is %q, want %q", got, want)
	}
	info, err := os.Stat(c.Launcher)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(c.Launcher, []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s := c.State(); s[0].Ours {
		t.Error("another script is taken for ours")
	}
}

// A Firefox that has its profiles in the XDG folder would look for them in ~/.mozilla if that were created.
func TestCompanionLeavesProfilesAlone(t *testing.T) {
	c, dir := newCompanion(t)
	xdg := makeDir(t, dir, ".config", "mozilla")
	states, err := c.Add()
	if err != nil || len(states) != 1 || states[0].Exists || states[0].Withheld == "" {
		t.Errorf("%+v, %v", states, err)
	}
	if _, err := os.Lstat(filepath.Join(dir, ".mozilla")); err == nil {
		t.Error("~/.mozilla was made")
	}
	if err := os.Symlink(xdg, filepath.Join(dir, ".mozilla")); err != nil {
		t.Fatal(err)
	}
	states, err = c.Add()
	if err != nil || len(states) != 1 || !states[0].Ours || states[0].Withheld != "" {
		t.Errorf("with the link: %+v, %v", states, err)
	}
}
