package loader

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Files of a static folder that are outside the loader's own.
const (
	indexName    = "index.html"
	notFoundName = "404.html"
	// noJekyll has GitHub Pages serve all files as they are.
	noJekyll = ".nojekyll"
)

// FolderError is the error for a folder to which no loader can be written. Its text is for the person who has named
// the folder.
type FolderError struct{ Text string }

// Error implements error.
func (e *FolderError) Error() string { return "loader: " + e.Text }

// WriteFolder writes the loader of a site as a folder of files that any static host can serve, below any path. torrent
// is the site's .torrent file. The folder must be new, empty, or one that WriteFolder has written before; what is
// hidden in it (.git) and a CNAME file stay as they are. Each file is replaced as a whole, and site.json after all that
// it needs, so that visitors find one version or the other; what is left of older versions goes last. The error is a
// *FolderError if the folder is another one's.
func WriteFolder(dir string, s Site, torrent []byte) error {
	if err := CheckFolder(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(Folder)), 0o755); err != nil {
		return fmt.Errorf("loader: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("loader: %w", err)
	}
	defer root.Close()
	files := folderFiles(s, torrent)
	for _, name := range writeOrder(files) {
		if err := replace(root, name, files[name]); err != nil {
			return fmt.Errorf("loader: write %s: %w", filepath.Join(dir, filepath.FromSlash(name)), err)
		}
	}
	return removeStale(root, files)
}

// folderFiles returns all files of a static folder by path.
func folderFiles(s Site, torrent []byte) map[string][]byte {
	files := Files()
	page := FramePage("", s.Title)
	files[FramePath], files[indexName], files[notFoundName] = page, page, page
	files[noJekyll] = nil
	files[TorrentPath(s.Infohash)] = torrent
	files[SitePath] = s.JSON()
	return files
}

// writeOrder returns paths in the order in which they are written: nothing is named before it is there.
func writeOrder(content map[string][]byte) []string {
	last := []string{WorkerPath, indexName, notFoundName, SitePath}
	var names []string
	for name := range content {
		if !slices.Contains(last, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return append(names, last...)
}

// CheckFolder refuses, with a *FolderError, a folder that WriteFolder would not write to, because there is anything in
// it that is not the loader's.
func CheckFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return &FolderError{Text: fmt.Sprintf("%s cannot be the folder of a loader: %v", dir, err)}
	}
	foreign, ours := "", false
	for _, e := range entries {
		switch name := e.Name(); name {
		case strings.TrimSuffix(Folder, "/"):
			ours = e.IsDir()
		case indexName, notFoundName, WorkerPath, "CNAME":
		default:
			if !strings.HasPrefix(name, ".") && foreign == "" {
				foreign = name
			}
		}
	}
	if ours && isSite(filepath.Join(dir, filepath.FromSlash(SitePath))) {
		return nil
	}
	if foreign == "" && !ours && hasPage(entries) {
		foreign = indexName
	}
	if foreign != "" {
		return &FolderError{Text: fmt.Sprintf("%s has other files in it, such as %s: name a new folder, an empty one, or "+
			"one that a loader was written to before", dir, foreign)}
	}
	return nil
}

// hasPage reports whether there are pages in a folder.
func hasPage(entries []fs.DirEntry) bool {
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return e.Name() == indexName || e.Name() == notFoundName || e.Name() == WorkerPath
	})
}

// isSite reports whether a file is one that Site.JSON has made.
func isSite(name string) bool {
	text, err := os.ReadFile(name)
	var s Site
	return err == nil && json.Unmarshal(text, &s) == nil && s.Infohash != ""
}

// partSuffix is at the end of the name of a file that is being written.
const partSuffix = ".part"

// replace writes a file beside its place, and then moves it there.
func replace(root *os.Root, name string, content []byte) error {
	part := filepath.FromSlash(name) + partSuffix
	f, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(part, filepath.FromSlash(name))
	}
	if err != nil {
		_ = root.Remove(part) // The next run would overwrite it.
	}
	return err
}

// removeStale removes what an older version has left in the loader's own folder.
func removeStale(root *os.Root, files map[string][]byte) error {
	folder, err := root.Open(strings.TrimSuffix(Folder, "/"))
	if err != nil {
		return fmt.Errorf("loader: %w", err)
	}
	defer folder.Close()
	entries, err := folder.ReadDir(-1)
	for _, e := range entries {
		if _, isNew := files[Folder+e.Name()]; !isNew && e.Type().IsRegular() {
			err = errors.Join(err, root.Remove(filepath.FromSlash(Folder+e.Name())))
		}
	}
	if err != nil {
		return fmt.Errorf("loader: %w", err)
	}
	return nil
}
