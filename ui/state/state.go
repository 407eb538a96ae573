package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wtptui/ui/list"
	"wtptui/ui/undo"
)

// Version is the version of the file's format.
const Version = 1

// maxSize limits the file, in bytes: a larger one was not written by this package.
const maxSize = 8 << 20

// State is the content of the file. Its zero value is that of a screen that nobody has changed.
type State struct {
	Version int `json:"version"`
	// View is the last view and order of the table.
	View list.SavedView `json:"view"`
	// Saved are the saved views.
	Saved []list.SavedView `json:"saved,omitempty"`
	// Columns are as columns.Set writes them; empty for the default ones.
	Columns []string `json:"columns,omitempty"`
	// Inspector reports whether it is shown, nil where that depends on the room; InspectorSize is its height in rows, 0
	// for what suits the screen.
	Inspector     *bool `json:"inspector,omitempty"`
	InspectorSize int   `json:"inspector_size,omitempty"`
	// Theme is the name of a theme; empty for the one that suits the terminal.
	Theme string `json:"theme,omitempty"`
	// ASCII and Mouse are nil where nobody has chosen.
	ASCII *bool `json:"ascii,omitempty"`
	Mouse *bool `json:"mouse,omitempty"`
	// DrawUnfocused reports whether the screen is still drawn while the terminal has no focus.
	DrawUnfocused bool `json:"draw_unseen,omitempty"`
	// Undo holds what was done from this screen and can be undone; nil for nothing.
	Undo *undo.Stack `json:"undo,omitempty"`
}

// ErrNewer is the error for a file that a newer version wrote, which is left as it is.
var ErrNewer = errors.New("it was written by a newer wtptui, which it is kept for")

// Load reads a file. A missing file is not an error. With an error the State is the default one; with ErrNewer the
// caller must not write to the file.
func Load(path string) (State, error) {
	none := State{Version: Version}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return none, nil
	case err != nil:
		return none, err
	case !info.Mode().IsRegular() || info.Size() > maxSize:
		return none, fmt.Errorf("%s is not a settings file", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return none, err
	}
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return none, fmt.Errorf("%s is damaged", path)
	}
	if version.Version > Version {
		return none, ErrNewer
	}
	s := none
	if err := json.Unmarshal(data, &s); err != nil {
		return none, fmt.Errorf("%s is damaged", path)
	}
	s.Version = Version
	return s, nil
}

// Encode returns the content of the file, the same for equal states.
func (s State) Encode() []byte {
	s.Version = Version
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	_ = e.Encode(s) // Values of these types can always be encoded.
	return b.Bytes()
}

// Save writes a file completely or not at all.
func Save(path string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
