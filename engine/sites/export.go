package sites

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// Export implements engine.Engine. The files are first written into a temporary folder beside the target, which is then
// renamed, so that there is never a partial export. Names come from a torrent and are not trusted: files are opened
// through an os.Root.
func (e *Engine) Export(ctx context.Context, host string, req engine.ExportRequest) error {
	const op = "sites: export"
	c, done, err := e.holdComplete(op, host)
	if err != nil {
		return err
	}
	defer done()
	dir := filepath.Clean(req.Dir)
	if !filepath.IsAbs(dir) {
		return &engine.Error{Op: op, Host: host, Kind: engine.Invalid, Msg: "give the folder's absolute path"}
	}
	if err := checkEmpty(op, host, dir); err != nil {
		return err
	}
	if err := checkNames(op, host, c.files.info, req.Dotfiles); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return exportError(op, host, dir, err)
	}
	part, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-")
	if err != nil {
		return exportError(op, host, dir, err)
	}
	err = exportFiles(ctx, c, part)
	if err == nil {
		err = os.Chmod(part, 0o755) // It is a folder of public files.
	}
	if err == nil {
		_ = os.Remove(dir) // if it is empty
		err = os.Rename(part, dir)
	}
	if err != nil {
		return exportError(op, host, dir, errors.Join(err, os.RemoveAll(part)))
	}
	return nil
}

// holdComplete returns the torrent of a complete site, held until done is called.
func (a *stateAccess) holdComplete(op, host string) (c *content, done func(), err error) {
	err = a.withState(op, host, func(st *state) error {
		s, err := st.roster.find(op, host)
		if err != nil {
			return err
		}
		if !s.isComplete() {
			return &engine.Error{
				Op: op, Host: host, Kind: engine.NotReady,
				Msg: "the site is not complete: `wtptui show " + host + "` says what it waits for",
			}
		}
		c = st.content(s, s.torrent)
		return nil
	})
	return c, func() {
		_ = a.withState(op, host, func(*state) error { // Counts do not matter when the engine is stopping.
			c.t.readers--
			return nil
		})
	}, err
}

// checkEmpty refuses a folder that is not empty.
func checkEmpty(op, host, dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return &engine.Error{
			Op: op, Host: host, Kind: engine.Conflict,
			Msg: engine.Clean(dir) + " is not empty: name a folder that is, or that is not there yet",
		}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return &engine.Error{
			Op: op, Host: host, Kind: engine.Invalid, Err: err,
			Msg: engine.Clean(dir) + " cannot be a folder for it: name another",
		}
	}
	return nil
}

// checkNames refuses names that cannot or should not become files.
func checkNames(op, host string, info *swarm.Info, dotfiles bool) error {
	refused := func(msg string) error {
		return &engine.Error{Op: op, Host: host, Kind: engine.Refused, Msg: msg}
	}
	seen := map[string]bool{}
	names := make([]string, 0, len(info.Files))
	for _, f := range info.Files {
		name := strings.Join(f.Path, "/")
		bad := len(f.Path) == 0 || seen[name] || !filepath.IsLocal(filepath.FromSlash(name)) || strings.ContainsRune(name, 0)
		for _, part := range f.Path {
			bad = bad || part == "" || part == "." || part == ".." || strings.ContainsAny(part, `/`+string(filepath.Separator))
		}
		if bad {
			return refused("its torrent has a name that no folder can hold: " + engine.Clean(cmp.Or(name, "an empty one")))
		}
		if why := engine.UnsafeNameReason(name); why != "" {
			return refused(why)
		}
		seen[name] = true
		names = append(names, name)
	}
	if what := engine.DescribeDotfiles(names); what != "" && !dotfiles {
		return refused(host + " " + what + ": nothing was written, and --dotfiles writes them too")
	}
	return nil
}

func exportFiles(ctx context.Context, c *content, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, f := range c.files.info.Files {
		if err := exportFile(ctx, c, root, f); err != nil {
			return err
		}
	}
	return nil
}

func exportFile(ctx context.Context, c *content, root *os.Root, f swarm.FileInfo) error {
	name := filepath.Join(f.Path...)
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	from, err := c.joined.Open(ctx, f.Index, engine.UrgencyLater)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	n, err := io.Copy(to, from)
	if err == nil && n != f.Size {
		err = fmt.Errorf("%d of %d bytes of %s", n, f.Size, engine.Clean(name))
	}
	return errors.Join(err, to.Close())
}

func exportError(op, host, dir string, err error) error {
	var known *engine.Error
	if errors.As(err, &known) {
		return known
	}
	return &engine.Error{
		Op: op, Host: host, Kind: engine.Unavailable, Err: err,
		Msg: "the site could not be written to " + engine.Clean(dir) +
			": check that there is room and that you may write there; nothing was left behind",
	}
}

// Metainfo implements engine.Engine. Beside the info dictionary the file names the homes' tracker, if that accepts the
// torrent, and the trackers that the torrent uses, so that other clients meet the same peers. For a complete hybrid
// torrent it includes the piece layers.
func (e *Engine) Metainfo(ctx context.Context, host string) ([]byte, error) {
	const op = "sites: metainfo"
	var joined swarm.Torrent
	var info *swarm.Info
	var trackers, webSeeds []string
	whole := false
	err := e.withState(op, host, func(st *state) error {
		s, err := st.roster.find(op, host)
		if err != nil {
			return err
		}
		if s.torrent == nil || !s.torrent.ready {
			return &engine.Error{
				Op: op, Host: host, Kind: engine.NotReady,
				Msg: "its list of files has not arrived yet: `wtptui show " + host + "` says what it waits for",
			}
		}
		joined, info, webSeeds = s.torrent.joined, s.torrent.info, slices.Clone(s.row.WebSeeds)
		whole = s.isComplete()
		if st.torrents.isTracked(s.torrent) && !info.Private { // A private torrent names its own trackers (BEP 27).
			trackers = st.cfg.homeTracker().URLs
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, tr := range joined.Trackers() {
		trackers = union(trackers, []string{tr.URL})
	}
	var layers map[string]string
	if whole {
		layers, err = swarm.PieceLayers(info, func(index int) (io.ReadCloser, error) {
			return joined.Open(ctx, index, engine.UrgencyLater)
		})
	}
	if err != nil {
		const msg = "the site's files could not be read: try again"
		return nil, &engine.Error{Op: op, Host: host, Kind: engine.Unavailable, Msg: msg, Err: err}
	}
	return swarm.MakeMetainfo(info.Bytes, trackers, webSeeds, layers)
}
