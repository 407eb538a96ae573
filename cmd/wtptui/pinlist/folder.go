package pinlist

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
)

// Order is an order to pin a list. It is a file of its own, replaced atomically.
type Order struct {
	// Source is the absolute path of a file, or a wtp:// URL.
	Source string `json:"source"`
	// Follow says to continue after the list has been applied once.
	Follow bool `json:"follow"`
	// MaxSites and MaxSize bound how many sites of the list are pinned, and their total size in bytes; 0 means no
	// limit.
	MaxSites int   `json:"max_sites"`
	MaxSize  int64 `json:"max_size"`
	// Copies is how many copies others must have of a site for it to be left to them; 0 means that every site that
	// fits is kept. Every is how often copies are counted.
	Copies int           `json:"copies,omitempty"`
	Every  time.Duration `json:"every,omitempty"`
	// At distinguishes orders for the same source.
	At time.Time `json:"at"`
	// Accept is the State.Reading whose unpinning a person has accepted; empty for none.
	Accept string `json:"accept"`
}

// State says how far an order has been carried out.
type State struct {
	Order Order `json:"order"`
	// ReadAt is when the list was read last; zero if it never was. Version identifies what was read then.
	ReadAt  time.Time `json:"read_at"`
	Version string    `json:"version"`
	// Sites is the number of sites that the list names, Pinned how many of them are pinned by the list or by the
	// person, and LeftOut how many are over a limit.
	Sites   int `json:"sites"`
	Pinned  int `json:"pinned"`
	LeftOut int `json:"left_out"`
	// Skipped is the number of lines that name no site; BadLines are the first of them.
	Skipped  int       `json:"skipped"`
	BadLines []Rubbish `json:"rubbish"`
	// Error is why the list cannot be read or applied, or what it waits for; clean.
	Error string `json:"error"`
	// Reading identifies the contents of the list at the last review, independent of the version of its source. Held
	// is nil unless that reading is held back.
	Reading string `json:"reading"`
	Held    *Held  `json:"held"`
	// Marks says of each site how it came to be pinned. Sizes has the sizes of sites, in bytes.
	Marks map[string]Mark  `json:"marks"`
	Sizes map[string]int64 `json:"sizes"`
	// Self distinguishes this follower from others of the list. Counts has the copies of each site. Both are for
	// shared lists only: see Order.Copies.
	Self   string           `json:"self,omitempty"`
	Counts map[string]Count `json:"counts,omitempty"`
	// Failures is the number of failed attempts in a row. 0 means that Error is not a failure.
	Failures int `json:"failures"`
	// DoneAt is when an order without Follow was carried out. The state is kept for a while, for whoever gave the
	// order.
	DoneAt time.Time `json:"done_at"`
	// Applied reports whether all of Sites have been pinned or left out.
	Applied bool `json:"applied"`
}

// Mark says how a site of a list came to be pinned.
type Mark string

// The marks. Intended is written before a site is pinned, so that a pin that a crash interrupts is recognized.
const (
	Intended  Mark = "intended"
	Ours      Mark = "ours"      // the list has pinned it, and unpins it when it is removed
	Theirs    Mark = "theirs"    // it was pinned already
	Meanwhile Mark = "meanwhile" // a reading that is held back has pinned it: becomes Ours once that is accepted
)

const (
	orderSuffix = ".order.json"
	stateSuffix = ".state.json"
)

// Folder is the folder of orders and states.
type Folder string

// FolderIn returns the folder below a data folder.
func FolderIn(dataDir string) Folder { return Folder(filepath.Join(dataDir, "pinlists")) }

func (f Folder) path(source, suffix string) string {
	sum := sha256.Sum256([]byte(source))
	return filepath.Join(string(f), hex.EncodeToString(sum[:8])+suffix)
}

// OrderFile returns the path of the order for a source.
func (f Folder) OrderFile(source string) string { return f.path(source, orderSuffix) }

// Files returns the folder, and the existing files of a list in it.
func (f Folder) Files(source string) []string {
	files := []string{string(f)}
	for _, suffix := range []string{orderSuffix, stateSuffix} {
		if name := f.path(source, suffix); exists(name) {
			files = append(files, name)
		}
	}
	return files
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// PutOrder writes an order. It replaces an earlier one for the same source.
func (f Folder) PutOrder(o Order) error { return f.writeJSON(f.path(o.Source, orderSuffix), o) }

// Cancel removes an order. The error has Kind NotFound if there is none.
func (f Folder) Cancel(source string) error {
	err := os.Remove(f.path(source, orderSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return notFollowedError(source)
	}
	return err
}

// Followed returns the order to follow a source. The error has Kind NotFound if there is none.
func (f Folder) Followed(source string) (Order, error) {
	var o Order
	err := readJSON(f.path(source, orderSuffix), &o)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !o.Follow {
		return o, notFollowedError(source)
	}
	return o, err
}

func notFollowedError(source string) error {
	return &engine.Error{
		Op: "pin list", Kind: engine.NotFound,
		Msg: engine.Clean(source) + " is not followed: `wtptui pin --lists` shows those that are",
	}
}

// Orders returns all orders, sorted by source. Files that are not valid orders are skipped.
func (f Folder) Orders() ([]Order, error) {
	names, err := filepath.Glob(filepath.Join(escapePattern(string(f)), "*"+orderSuffix))
	if err != nil {
		return nil, err
	}
	orders := []Order{}
	for _, name := range names {
		var o Order
		if err := readJSON(name, &o); err == nil && f.path(o.Source, orderSuffix) == name {
			orders = append(orders, o)
		}
	}
	slices.SortFunc(orders, func(a, b Order) int { return strings.Compare(a.Source, b.Source) })
	return orders, nil
}

// Saved is a followed list in a backup.
type Saved struct {
	Order Order `json:"order"`
	State State `json:"state"`
}

// Saved returns all followed lists. If the state of one cannot be read, it is empty.
func (f Folder) Saved() (all []Saved, err error) {
	orders, err := f.Orders()
	for _, o := range orders {
		if !o.Follow {
			continue
		}
		s, err := f.State(o.Source)
		if err != nil {
			s = State{}
		}
		all = append(all, Saved{o, s})
	}
	return all, err
}

// Restore follows a list of a backup. If it is followed already, nothing is changed and exists is true. The sites in
// unpinned are pinned again, whatever their marks in the backup.
func (f Folder) Restore(s Saved, unpinned map[string]bool) (exists bool, err error) {
	if _, err := f.Followed(s.Order.Source); err == nil {
		return true, nil
	}
	// The order comes first: a state without one is that of a cancelled list, whose sites are unpinned.
	if err := f.PutOrder(s.Order); err != nil || s.State.Order.Source != s.Order.Source {
		return false, err
	}
	s.State.Self = "" // The machine of the backup may still follow the list.
	maps.DeleteFunc(s.State.Marks, func(host string, _ Mark) bool { return unpinned[host] })
	return false, f.putState(s.State)
}

// escapePattern escapes the name of a folder for use in a pattern.
func escapePattern(dir string) string {
	return strings.NewReplacer(`[`, `[[]`, `*`, `[*]`, `?`, `[?]`).Replace(dir)
}

// State returns the state for a source; an empty State if there is none.
func (f Folder) State(source string) (State, error) {
	var s State
	err := readJSON(f.path(source, stateSuffix), &s)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if s.Marks == nil {
		s.Marks = map[string]Mark{}
	}
	if s.Sizes == nil {
		s.Sizes = map[string]int64{}
	}
	return s, err
}

// statesWithoutOrder returns the states that have no order any more, because it was cancelled or carried out. An order
// that cannot be read still counts. The states of long lists are large, and are not read if there is an order.
func (f Folder) statesWithoutOrder() []State {
	names, _ := filepath.Glob(filepath.Join(escapePattern(string(f)), "*"+stateSuffix)) // The pattern is valid.
	var all []State
	for _, name := range names {
		_, err := os.Lstat(strings.TrimSuffix(name, stateSuffix) + orderSuffix)
		if !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var s State
		if readJSON(name, &s) == nil && f.path(s.Order.Source, stateSuffix) == name {
			all = append(all, s)
		}
	}
	return all
}

func (f Folder) putState(s State) error { return f.writeJSON(f.path(s.Order.Source, stateSuffix), s) }

func (f Folder) removeState(source string) error {
	err := os.Remove(f.path(source, stateSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func readJSON(name string, v any) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// writeJSON replaces a file atomically. When it returns, the data is on the disk.
func (f Folder) writeJSON(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(string(f), ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // After success it no longer exists.
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
