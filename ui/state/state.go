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

// Version is that of the file's form.
const Version = 1

// maxSize bounds the file, in bytes: a larger one is none of ours.
const maxSize = 8 << 20

// State is what is kept. Its zero value is what nobody has changed.
type State struct {
	Version int `json:"version"`
	// View is the view, and the order of the table, as they were last.
	View list.Saved `json:"view"`
	// Saved are the saved views.
	Saved []list.Saved `json:"saved,omitempty"`
	// Columns are as columns.Set writes them; none means the default ones.
	Columns []string `json:"columns,omitempty"`
	// Inspector reports whether it is shown, nil where that depends on the room; InspectorSize is its height in rows, 0
	// for what suits the screen.
	Inspector     *bool `json:"inspector,omitempty"`
	InspectorSize int   `json:"inspector_size,omitempty"`
	// Theme is the name of one, empty for what suits the terminal.
	Theme string `json:"theme,omitempty"`
	// ASCII and Mouse are nil where nobody has chosen.
	ASCII *bool `json:"ascii,omitempty"`
	Mouse *bool `json:"mouse,omitempty"`
	// DrawUnfocused goes on drawing while the terminal has no focus.
	DrawUnfocused bool `json:"draw_unseen,omitempty"`
	// Undo is what was done from this screen and can be taken back, nil for nothing.
	Undo *undo.Stack `json:"undo,omitempty"`
}

// ErrNewer is why a file is left alone: a newer version wrote it.
var ErrNewer = errors.New("it was written by a newer wtptui, which it is kept for")

// Load reads a file. One that is not there is no error. With an error the State is the default one; it is ErrFuture if
// the file must not be written to.
func Load(path string) (State, error) {
	none := State{Version: Version}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return none, nil
	case err != nil:
		return none, err
	case !info.Mode().IsRegular() || info.Size() > maxSize:
		return none, fmt.Errorf("%s is no file of settings", path)
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

// Save writes a file whole or not at all.
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
