//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestDemoTouchesNothing(t *testing.T) {
	dir := shortDir(t)
	s := openScreen(t, dir, "--demo")
	s.waitForText("1 All 1,000")
	s.press("j/docs\r")
	s.waitForText("docs.example")
	s.press("q")
	s.waitForExit(exitDone)
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if !slices.Contains([]string{"before", "after", "code"}, f.Name()) { // written by the shell
			t.Errorf("it made %s", f.Name())
		}
	}
}

func TestClipboards(t *testing.T) {
	for _, c := range []struct {
		goos string
		env  map[string]string
		want []string
	}{
		{"linux", nil, nil},
		{"linux", map[string]string{"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, []string{"wl-copy", "xclip", "xsel"}},
		{"linux", map[string]string{"DISPLAY": ":0", "TMUX": "/tmp/x"}, []string{"xclip", "xsel", "tmux"}},
		{"linux", map[string]string{"DISPLAY": ":10", "SSH_CONNECTION": "a b c d", "TMUX": "/tmp/x"}, []string{"tmux"}},
		{"linux", map[string]string{"WSL_DISTRO_NAME": "Debian"}, []string{"clip.exe"}},
		{"darwin", nil, []string{"pbcopy"}},
		{"windows", nil, []string{"clip.exe"}},
	} {
		var got []string
		for _, b := range clipboards(func(name string) string { return c.env[name] }, c.goos) {
			got = append(got, b.argv[0])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s with %v: %v, want %v", c.goos, c.env, got, c.want)
		}
	}
}

// A program that fails or hangs is skipped, and the first one that accepts the text is used.
func TestCopyTriesTheNextClipboard(t *testing.T) {
	dir := t.TempDir()
	written := filepath.Join(dir, "taken")
	scripts := map[string]string{"refuses": "exit 1", "takes": "cat >'" + written + "'", "hangs": "exec sleep 3600"}
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	program := func(name string) clipboard { return clipboard{name, []string{filepath.Join(dir, name)}} }
	all := []clipboard{program("is missing"), program("refuses"), program("takes")}
	where, err := copyTo(t.Context(), all, "wtp://docs.example/", time.Minute)
	if got, _ := os.ReadFile(written); err != nil || where != "takes" || string(got) != "wtp://docs.example/" {
		t.Errorf("%q is in %q, %v", got, where, err)
	}
	if where, err := copyTo(t.Context(), all[:2], "x", time.Minute); err == nil || where != "" {
		t.Errorf("a clipboard that failed is %q", where)
	}
	if err := program("hangs").write(t.Context(), "x", time.Millisecond); err == nil {
		t.Error("a clipboard that hangs has taken the text")
	}
}
