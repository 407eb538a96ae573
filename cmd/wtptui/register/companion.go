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

// Companion is the native host of a browser extension: the program that a browser starts when the extension asks for
// it.
// https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging
// https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Native_manifests
type Companion struct {
	Handler

	// Name is the host's name, Origin the extension's in Chromium and its kin, and AddOn its id in Firefox and its kin.
	Name, Origin, AddOn string
	// Launcher is a script that starts the program with Args, which a browser cannot give it. It is written where there
	// are any.
	Launcher string
}

// BrowserState is a browser that is there, and what it starts for the extension.
type BrowserState struct {
	Browser string
	// Path is the manifest that says so.
	Path string
	// There reports whether the manifest is there, and Ours that it starts this program and is up to date.
	There, Ours bool
	// Withheld says why it was not told, and what to do; empty otherwise.
	Withheld string
}

// browser is where a browser keeps what is its user's.
type browser struct {
	name string
	// home is there when the browser has been used; programs are what it is called on the path.
	home     string
	programs []string
	// manifests is the folder of the hosts' manifests.
	manifests string
	gecko     bool
	// withheld says why nothing may be written there; empty if it may.
	withheld string
}

func (b browser) isThere() bool {
	if _, err := os.Stat(b.home); err == nil && b.home != "" {
		return true
	}
	return slices.ContainsFunc(b.programs, isOnPath)
}

// manifest is what a browser reads of a native host.
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
		panic(err) // It is made of strings.
	}
	return append(data, '\n')
}

func (c Companion) manifestPath(b browser) string { return filepath.Join(b.manifests, c.Name+".json") }

// Add tells every browser that is there and may be told, and returns them all. It changes nothing that is already so.
// Kind NotFound if no browser is there that it knows.
func (c Companion) Add() ([]BrowserState, error) {
	there := slices.DeleteFunc(c.browsers(), func(b browser) bool { return !b.isThere() })
	if len(there) == 0 {
		return nil, &engine.Error{
			Op: "register", Kind: engine.NotFound,
			Msg: "no browser was found here: install Chromium, Firefox or one of their kin, start it once, and register again",
		}
	}
	if len(c.Args) > 0 {
		if err := c.writeLauncher(); err != nil {
			return nil, failed("write "+c.Launcher, err)
		}
	}
	for _, b := range there {
		if b.withheld != "" {
			continue
		}
		path := c.manifestPath(b)
		err := writeChanged(path, c.manifest(b))
		if err == nil {
			err = c.point(b, path)
		}
		if err != nil {
			return nil, failed("write "+path, err)
		}
	}
	return c.State(), nil
}

// Remove takes it back from every browser. It is no error if nothing was there.
func (c Companion) Remove() error {
	var failures []error
	for _, b := range c.browsers() {
		failures = append(failures, c.unpoint(b), os.Remove(c.manifestPath(b)))
	}
	failures = append(failures, os.Remove(c.Launcher))
	failures = slices.DeleteFunc(failures, func(err error) bool { return err == nil || errors.Is(err, fs.ErrNotExist) })
	return failed("take back what browsers were told", errors.Join(failures...))
}

// State tells of all browsers that are there, without changing anything.
func (c Companion) State() (states []BrowserState) {
	for _, b := range c.browsers() {
		if !b.isThere() {
			continue
		}
		path := c.manifestPath(b)
		data, err := os.ReadFile(path)
		ours := string(data) == string(c.manifest(b)) && c.pointsTo(b, path)
		if len(c.Args) > 0 {
			script, _ := os.ReadFile(c.Launcher)
			ours = ours && string(script) == launcherScript(c.command())
		}
		states = append(states, BrowserState{
			Browser: b.name, Path: path, There: err == nil, Ours: err == nil && ours, Withheld: b.withheld,
		})
	}
	return states
}

func (c Companion) writeLauncher() error {
	if err := os.MkdirAll(filepath.Dir(c.Launcher), 0o700); err != nil {
		return err
	}
	if err := writeChanged(c.Launcher, []byte(launcherScript(c.command()))); err != nil {
		return err
	}
	return os.Chmod(c.Launcher, 0o700)
}

// command is the program with its arguments.
func (c Companion) command() []string { return append([]string{c.Program}, c.Args...) }

// shellWords quotes words for a POSIX shell.
func shellWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}
