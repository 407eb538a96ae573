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

// Order says which list to follow. It is a file of its own, replaced as a whole.
type Order struct {
	// Source is the absolute path of a file, or a wtp:// URL.
	Source string `json:"source"`
	// Follow says to go on after the list has been applied once.
	Follow bool `json:"follow"`
	// MaxSites and MaxSize bound how many sites of the list are pinned, and their bytes together; 0 means no limit.
	MaxSites int   `json:"max_sites"`
	MaxSize  int64 `json:"max_size"`
	// Copies is how many copies others must have of a site for it to be left to them; with 0 each site is kept that fits.
	// Every is how often they are counted.
	Copies int           `json:"copies,omitempty"`
	Every  time.Duration `json:"every,omitempty"`
	// At tells orders of one source apart.
	At time.Time `json:"at"`
	// Accept is the State.Reading whose unpinning a person has agreed to; empty for none.
	Accept string `json:"accept"`
}

// State is how far an order has been carried out.
type State struct {
	Order Order `json:"order"`
	// ReadAt is when the list was read last; zero when it never could be. Version names what was read then.
	ReadAt  time.Time `json:"read_at"`
	Version string    `json:"version"`
	// Sites is how many the list names, Pinned how many of them are pinned because of it or by the person, and LeftOut
	// how many are over a limit.
	Sites   int `json:"sites"`
	Pinned  int `json:"pinned"`
	LeftOut int `json:"left_out"`
	// Skipped counts lines that name no site; Rubbish are the first of them.
	Skipped int       `json:"skipped"`
	Rubbish []Rubbish `json:"rubbish"`
	// Error says what keeps the list from being read or applied; clean.
	Error string `json:"error"`
	// Reading names what the list said when that was judged last, whatever its source is called then. Held is nil
	// unless it is held back.
	Reading string `json:"reading"`
	Held    *Held  `json:"held"`
	// Marks say of each site how it came to be pinned, and Sizes remembers how large they are.
	Marks map[string]Mark  `json:"marks"`
	Sizes map[string]int64 `json:"sizes"`
	// Self tells this follower from others of the list, and Counts are how many have each of its sites: both are of a list
	// that is shared, see Order.Copies.
	Self   string           `json:"self,omitempty"`
	Counts map[string]Count `json:"counts,omitempty"`
	// Failures counts the attempts in a row that have failed; Error may also say what is waited for.
	Failures int `json:"failures"`
	// DoneAt is when a list that was to be applied once was; the state stays for a while, for whoever gave the order.
	DoneAt time.Time `json:"done_at"`
	// Applied reports whether everything that Sites counts has been pinned or left out.
	Applied bool `json:"applied"`
}

// Mark is how a site of a list came to be pinned.
type Mark string

// The marks. Intended is written before a site is pinned, so that one that a crash has left half done is known.
const (
	Intended  Mark = "intended"
	Ours      Mark = "ours"      // the list has pinned it, and unpins it when it leaves
	Theirs    Mark = "theirs"    // it was pinned already
	Meanwhile Mark = "meanwhile" // a reading that is held back has pinned it: ours once that reading is accepted
)

const (
	orderSuffix = ".order.json"
	stateSuffix = ".state.json"
)

// Folder is where orders and states lie.
type Folder string

// In returns the folder below a data folder.
func In(dataDir string) Folder { return Folder(filepath.Join(dataDir, "pinlists")) }

func (f Folder) path(source, suffix string) string {
	sum := sha256.Sum256([]byte(source))
	return filepath.Join(string(f), hex.EncodeToString(sum[:8])+suffix)
}

// OrderFile is where the order for a source lies.
func (f Folder) OrderFile(source string) string { return f.path(source, orderSuffix) }

// Files returns the folder, and the files of a list that are in it.
func (f Folder) Files(source string) []string {
	files := []string{string(f)}
	for _, suffix := range []string{orderSuffix, stateSuffix} {
		if name := f.path(source, suffix); isThere(name) {
			files = append(files, name)
		}
	}
	return files
}

func isThere(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// PutOrder gives an order; it takes the place of an earlier one for the same source.
func (f Folder) PutOrder(o Order) error { return f.put(f.path(o.Source, orderSuffix), o) }

// Cancel takes an order back. Kind NotFound if there is none.
func (f Folder) Cancel(source string) error {
	err := os.Remove(f.path(source, orderSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return notFollowed(source)
	}
	return err
}

// Followed returns the order to follow a source. Kind NotFound if there is none.
func (f Folder) Followed(source string) (Order, error) {
	var o Order
	err := get(f.path(source, orderSuffix), &o)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !o.Follow {
		return o, notFollowed(source)
	}
	return o, err
}

func notFollowed(source string) error {
	return &engine.Error{
		Op: "pin list", Kind: engine.NotFound,
		Msg: engine.Clean(source) + " is not followed: `wtptui pin --lists` shows those that are",
	}
}

// Orders returns all orders, sorted by source. A file that is none is passed over.
func (f Folder) Orders() ([]Order, error) {
	names, err := filepath.Glob(filepath.Join(escape(string(f)), "*"+orderSuffix))
	if err != nil {
		return nil, err
	}
	orders := []Order{}
	for _, name := range names {
		var o Order
		if err := get(name, &o); err == nil && f.path(o.Source, orderSuffix) == name {
			orders = append(orders, o)
		}
	}
	slices.SortFunc(orders, func(a, b Order) int { return strings.Compare(a.Source, b.Source) })
	return orders, nil
}

// Saved is a list that is followed as a backup has it.
type Saved struct {
	Order Order `json:"order"`
	State State `json:"state"`
}

// Saved returns all lists that are followed. One whose state cannot be read begins anew.
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

// Restore follows a list of a backup, unless it is followed already: here says so, and then nothing is changed. The
// list pins the sites of unpinned again, whatever the backup says of them.
func (f Folder) Restore(s Saved, unpinned map[string]bool) (here bool, err error) {
	if _, err := f.Followed(s.Order.Source); err == nil {
		return true, nil
	}
	// The order comes first: a state without one is that of a list that was cancelled, whose sites are unpinned.
	if err := f.PutOrder(s.Order); err != nil || s.State.Order.Source != s.Order.Source {
		return false, err
	}
	s.State.Self = "" // The machine of the backup may follow the list still.
	maps.DeleteFunc(s.State.Marks, func(host string, _ Mark) bool { return unpinned[host] })
	return false, f.putState(s.State)
}

// escape keeps a folder's name from being taken for a pattern.
func escape(dir string) string {
	return strings.NewReplacer(`[`, `[[]`, `*`, `[*]`, `?`, `[?]`).Replace(dir)
}

// State returns what is known of a source; a zero State for nothing.
func (f Folder) State(source string) (State, error) {
	var s State
	err := get(f.path(source, stateSuffix), &s)
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

// leftStates returns the states that have no order any more: of lists that were cancelled, or are done. An order that
// cannot be read is still one. The states of long lists are large, and are not even read where there is an order.
func (f Folder) leftStates() []State {
	names, _ := filepath.Glob(filepath.Join(escape(string(f)), "*"+stateSuffix)) // The pattern is valid.
	var all []State
	for _, name := range names {
		_, err := os.Lstat(strings.TrimSuffix(name, stateSuffix) + orderSuffix)
		if !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var s State
		if get(name, &s) == nil && f.path(s.Order.Source, stateSuffix) == name {
			all = append(all, s)
		}
	}
	return all
}

func (f Folder) putState(s State) error { return f.put(f.path(s.Order.Source, stateSuffix), s) }

func (f Folder) dropState(source string) error {
	err := os.Remove(f.path(source, stateSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func get(name string, v any) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// put replaces a file as a whole; it has reached the disk when put returns.
func (f Folder) put(name string, v any) error {
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
	defer os.Remove(tmp.Name()) // It is gone when all went well.
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
