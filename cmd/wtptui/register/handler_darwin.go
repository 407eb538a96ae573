package register

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// On macOS a link reaches a program as an Apple event, not as an argument: a small applet receives it and runs the
// program.

// bundle returns the path of the applet, where Launch Services finds it.
func (h Handler) bundle() string {
	return filepath.Join(h.Getenv("HOME"), "Applications", "wtptui links.app")
}

// script returns the applet's source. AppleScript itself quotes the address for the shell.
func (h Handler) script() string { return appletScript(h.commandWords()) }

const lsregister = "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework" +
	"/Support/lsregister"

func (h Handler) add(ctx context.Context) error {
	if s, err := h.state(ctx); err == nil && s.Ours {
		return nil
	}
	app := h.bundle()
	if err := os.RemoveAll(app); err != nil {
		return wrapError("replace "+app, err)
	}
	if err := os.MkdirAll(filepath.Dir(app), 0o755); err != nil { // As the system makes it.
		return wrapError("make "+filepath.Dir(app), err)
	}
	plist := filepath.Join(app, "Contents", "Info.plist")
	types := `[{"CFBundleURLName":"wtp site","CFBundleURLSchemes":["` + Scheme + `"]}]`
	for _, argv := range [][]string{
		{"osacompile", "-o", app, "-e", h.script()},
		{"plutil", "-replace", "CFBundleURLTypes", "-json", types, plist},
		{"plutil", "-replace", "CFBundleIdentifier", "-string", "io.wtptui.links", plist},
		{"plutil", "-replace", "LSUIElement", "-bool", "YES", plist},
		// The applet was signed when it was compiled, and has been changed since.
		{"codesign", "--force", "--sign", "-", app},
		{lsregister, "-f", app},
	} {
		if out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return wrapError("make "+app, fmt.Errorf("%s: %w: %s", argv[0], err, out))
		}
	}
	if err := os.MkdirAll(filepath.Dir(h.sourcePath()), 0o700); err != nil {
		return wrapError("make "+filepath.Dir(h.sourcePath()), err)
	}
	return wrapError("write "+h.sourcePath(), os.WriteFile(h.sourcePath(), []byte(h.script()), 0o600))
}

// sourcePath returns the path of a copy of the applet's source, which shows whether the applet is up to date.
func (h Handler) sourcePath() string {
	return filepath.Join(h.Getenv("HOME"), "Library", "Application Support", "wtptui", "links.applescript")
}

func (h Handler) remove(ctx context.Context) error {
	app := h.bundle()
	if _, err := os.Stat(app); err == nil {
		// If this fails, Launch Services notices later that the bundle is missing.
		_ = exec.CommandContext(ctx, lsregister, "-u", app).Run()
	}
	if err := os.RemoveAll(app); err != nil {
		return wrapError("remove "+app, err)
	}
	return wrapError("remove "+h.sourcePath(), os.RemoveAll(h.sourcePath()))
}

func (h Handler) state(context.Context) (State, error) {
	app := h.bundle()
	if _, err := os.Stat(app); err != nil {
		return State{Where: app}, nil //nolint:nilerr // A bundle that cannot be seen handles nothing.
	}
	source, _ := os.ReadFile(h.sourcePath()) // Without it, the bundle is not up to date.
	return State{Program: strings.Join(h.commandWords(), " "), Ours: string(source) == h.script(), Where: app}, nil
}
