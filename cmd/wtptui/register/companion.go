package register

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wtptui/engine"
)

// Companion is the native host of a browser extension: the program that a browser starts when the extension connects
// to it. https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging
// https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests
type Companion struct {
	Handler

	// Name is the host's name, Origin the extension's in Chromium and browsers based on it, and AddOn the extension's
	// id in Firefox and browsers based on it.
	Name, Origin, AddOn string
	// Launcher is the path of a script that starts the program with Args, which a browser cannot pass. It is written
	// only if there are any.
	Launcher string
}

// BrowserState is an installed browser, and what it starts for the extension.
type BrowserState struct {
	Browser string
	// Path is the path of the manifest.
	Path string
	// Exists reports whether the manifest exists. Ours reports whether it starts this program and is up to date.
	Exists, Ours bool
	// Withheld says why no manifest was written, and what to do; empty otherwise.
	Withheld string
}

// browser has the places in which a browser keeps files of its user.
type browser struct {
	name string
	// home exists if the browser has been used. executables are its names in the PATH.
	home        string
	executables []string
	// manifests is the folder of the native hosts' manifests.
	manifests string
	gecko     bool
	// withheld says why no manifest may be written; empty if one may.
	withheld string
}

func (b browser) isInstalled() bool {
	if _, err := os.Stat(b.home); err == nil && b.home != "" {
		return true
	}
	return slices.ContainsFunc(b.executables, isOnPath)
}

// manifest is the description of a native host that a browser reads.
type manifest struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Path        string   `json:"path"`
	Type        string   `json:"type"`
	Origins     []string `json:"allowed_origins,omitempty"`
	Extensions  []string `json:"allowed_extensions,omitempty"`
}

func (c Companion) manifest(b browser) []byte {
	m := manifest{Name: c.Name, Description: "wtptui, for its browser extension", Path: c.Program, Type: "stdio"}
	if len(c.Args) > 0 {
		m.Path = c.Launcher
	}
	if b.gecko {
		m.Extensions = []string{c.AddOn}
	} else {
		m.Origins = []string{c.Origin}
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(err) // It consists of strings.
	}
	return append(data, '\n')
}

func (c Companion) manifestPath(b browser) string { return filepath.Join(b.manifests, c.Name+".json") }

// Add registers the companion in every installed browser that is not withheld, and returns the state of all. It
// changes nothing that is up to date. The error has Kind NotFound if no supported browser is installed.
func (c Companion) Add() ([]BrowserState, error) {
	installed := slices.DeleteFunc(c.browsers(), func(b browser) bool { return !b.isInstalled() })
	if len(installed) == 0 {
		return nil, &engine.Error{
			Op: "register", Kind: engine.NotFound,
			Msg: "no browser was found here: install Chromium, Firefox or one of their kin, start it once, and register again",
		}
	}
	if len(c.Args) > 0 {
		if err := c.writeLauncher(); err != nil {
			return nil, wrapError("write "+c.Launcher, err)
		}
	}
	for _, b := range installed {
		if b.withheld != "" {
			continue
		}
		path := c.manifestPath(b)
		err := writeIfChanged(path, c.manifest(b))
		if err == nil {
			err = c.point(b, path)
		}
		if err != nil {
			return nil, wrapError("write "+path, err)
		}
	}
	return c.State(), nil
}

// Remove unregisters the companion in every browser. It is not an error if it was not registered.
func (c Companion) Remove() error {
	var failures []error
	for _, b := range c.browsers() {
		failures = append(failures, c.unpoint(b), os.Remove(c.manifestPath(b)))
	}
	failures = append(failures, os.Remove(c.Launcher))
	failures = slices.DeleteFunc(failures, func(err error) bool { return err == nil || errors.Is(err, fs.ErrNotExist) })
	return wrapError("take back what browsers were told", errors.Join(failures...))
}

// State returns the state of all installed browsers, without changing anything.
func (c Companion) State() (states []BrowserState) {
	for _, b := range c.browsers() {
		if !b.isInstalled() {
			continue
		}
		path := c.manifestPath(b)
		data, err := os.ReadFile(path)
		ours := string(data) == string(c.manifest(b)) && c.pointsTo(b, path)
		if len(c.Args) > 0 {
			script, _ := os.ReadFile(c.Launcher)
			ours = ours && string(script) == launcherScript(c.hostCommand())
		}
		states = append(states, BrowserState{
			Browser: b.name, Path: path, Exists: err == nil, Ours: err == nil && ours, Withheld: b.withheld,
		})
	}
	return states
}

func (c Companion) writeLauncher() error {
	if err := os.MkdirAll(filepath.Dir(c.Launcher), 0o700); err != nil {
		return err
	}
	if err := writeIfChanged(c.Launcher, []byte(launcherScript(c.hostCommand()))); err != nil {
		return err
	}
	return os.Chmod(c.Launcher, 0o700)
}

// hostCommand returns the program with its arguments.
func (c Companion) hostCommand() []string { return append([]string{c.Program}, c.Args...) }

// shellWords quotes words for a POSIX shell.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}
