package companion

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"wtptui/engine"
)

//go:embed extension
var embedded embed.FS

// The names of the extension and its host in browsers.
const (
	// HostName is the name of the native host.
	HostName = "io.wtptui.companion"
	// ChromiumID and ChromiumOrigin follow from the key in the manifest. GeckoID is in the manifest.
	ChromiumID     = "pblgecgeeaoncdagbiddoglgpcngmggd"
	ChromiumOrigin = "chrome-extension://" + ChromiumID + "/"
	GeckoID        = "companion@wtptui"
)

// Extension returns the files of the extension.
func Extension() fs.FS {
	files, err := fs.Sub(embedded, "extension")
	if err != nil {
		panic(err) // The folder is compiled in.
	}
	return files
}

// manifestName is the name of the extension's manifest.
const manifestName = "manifest.json"

// WriteExtension writes the extension into a folder, which it creates if necessary. Another version of the extension
// there is replaced; a browser that has loaded it uses the new one after a restart. The error has Kind Conflict if the
// folder contains anything else.
func WriteExtension(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return writeError(dir, err)
	}
	if len(entries) > 0 && !isOurExtension(dir) {
		return &engine.Error{
			Op: "companion", Kind: engine.Conflict,
			Msg: engine.Clean(dir) + " has other files in it: give a folder that is new or empty",
		}
	}
	return fs.WalkDir(Extension(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			if err := os.MkdirAll(path, 0o755); err != nil { // A browser of another user may read it.
				return writeError(path, err)
			}
			return nil
		}
		data, err := fs.ReadFile(Extension(), name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return writeError(path, err)
		}
		return nil
	})
}

// isOurExtension reports whether a folder has a version of this extension.
func isOurExtension(dir string) bool {
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	return err == nil && bytes.Contains(data, []byte(`"`+GeckoID+`"`))
}

func writeError(path string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return &engine.Error{
		Op: "companion", Kind: engine.Unavailable, Err: err,
		Msg: fmt.Sprintf("cannot write %s: %s: give a folder that you may write to", engine.Clean(path), err),
	}
}
