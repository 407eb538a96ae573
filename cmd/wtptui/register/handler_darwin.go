package register

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// On macOS a link reaches a program as an Apple event, not as an argument: a small applet takes it and runs the
// program.

// bundle is the applet; Launch Services finds it there.
func (h Handler) bundle() string {
	return filepath.Join(h.Getenv("HOME"), "Applications", "wtptui links.app")
}

// script is the applet's source. The address is quoted for the shell by AppleScript itself.
func (h Handler) script() string { return appletScript(h.words()) }

const lsregister = "/System/Library/Frameworks/CoreServices.framework/Frameworks/LaunchServices.framework/Support/lsregister"

func (h Handler) add(ctx context.Context) error {
	if s, err := h.state(ctx); err == nil && s.Ours {
		return nil
	}
	app := h.bundle()
	if err := os.RemoveAll(app); err != nil {
		return failed("replace "+app, err)
	}
	if err := os.MkdirAll(filepath.Dir(app), 0o755); err != nil { //nolint:gosec // As the system makes it.
		return failed("make "+filepath.Dir(app), err)
	}
	plist := filepath.Join(app, "Contents", "Info.plist")
	types := `[{"CFBundleURLName":"wtp site","CFBundleURLSchemes":["` + Scheme + `"]}]`
	for _, argv := range [][]string{
		{"osacompile", "-o", app, "-e", h.script()},
		{"plutil", "-replace", "CFBundleURLTypes", "-json", types, plist},
		{"plutil", "-replace", "CFBundleIdentifier", "-string", "io.wtptui.links", plist},
		{"plutil", "-replace", "LSUIElement", "-bool", "YES", plist},
		// The applet was signed as it was compiled, and has changed since.
		{"codesign", "--force", "--sign", "-", app},
		{lsregister, "-f", app},
	} {
		if out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return failed("make "+app, fmt.Errorf("%s: %w: %s", argv[0], err, out))
		}
	}
	if err := os.MkdirAll(filepath.Dir(h.sourcePath()), 0o700); err != nil {
		return failed("make "+filepath.Dir(h.sourcePath()), err)
	}
	return failed("write "+h.sourcePath(), os.WriteFile(h.sourcePath(), []byte(h.script()), 0o600))
}

// sourcePath keeps the script beside the bundle's signed part, to tell whether it is up to date.
func (h Handler) sourcePath() string {
	return filepath.Join(h.Getenv("HOME"), "Library", "Application Support", "wtptui", "links.applescript")
}

func (h Handler) remove(ctx context.Context) error {
	app := h.bundle()
	if _, err := os.Stat(app); err == nil {
		_ = exec.CommandContext(ctx, lsregister, "-u", app).Run() // Launch Services forgets a missing bundle by itself, later.
	}
	if err := os.RemoveAll(app); err != nil {
		return failed("remove "+app, err)
	}
	return failed("remove "+h.sourcePath(), os.RemoveAll(h.sourcePath()))
}

func (h Handler) state(context.Context) (State, error) {
	app := h.bundle()
	if _, err := os.Stat(app); err != nil {
		return State{Where: app}, nil //nolint:nilerr // A bundle that cannot be seen handles nothing.
	}
	source, _ := os.ReadFile(h.sourcePath()) // Without it, the bundle is not up to date.
	return State{Program: strings.Join(h.words(), " "), Ours: string(source) == h.script(), Where: app}, nil
}
