package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wtptui/engine"
)

const (
	op = "keys"
	// A key has two files: its seed, and a mark that a person has exported it. The mark holds the public key, so that
	// it is not valid for another key that gets the name later.
	seedSuffix   = ".key"
	backupSuffix = ".backed-up"
	// maxName is the maximum length of a key's name, and maxFile how much is read of its files, in bytes.
	maxName = 64
	maxFile = 4096
)

// Ring is a folder of keys. Several goroutines and programs may use it at the same time.
type Ring struct {
	dir  string
	link func(from, to string) error // os.Link
}

// New returns the Ring of a folder, which need not exist.
func New(dir string) *Ring { return &Ring{dir: dir, link: os.Link} }

// List returns all keys, sorted by name. If the file of a key cannot be used, its Error is set.
func (r *Ring) List() ([]engine.Key, error) {
	entries, err := os.ReadDir(r.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, internalError("the keys cannot be listed", err)
	}
	keys := []engine.Key{}
	for _, e := range entries {
		name, isKey := strings.CutSuffix(e.Name(), seedSuffix)
		if !isKey || engine.CheckKeyName(name) != nil {
			continue
		}
		k, err := r.Find(name)
		if err != nil {
			k = engine.Key{Name: name, Error: engine.Message(err)}
		}
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b engine.Key) int { return strings.Compare(a.Name, b.Name) })
	return keys, nil
}

// Find returns the description of a key. The error has Kind NotFound if there is none of that name.
func (r *Ring) Find(name string) (engine.Key, error) {
	secret, err := r.Load(name)
	if err != nil {
		return engine.Key{}, err
	}
	k := engine.Key{Name: name, Host: PublicHost(secret)}
	if info, err := os.Stat(r.path(name, seedSuffix)); err == nil {
		k.CreatedAt = engine.At(info.ModTime())
	}
	mark, err := readSmallFile(r.path(name, backupSuffix))
	k.BackedUp = err == nil && bytes.Equal(mark, backupMark(k.Host))
	return k, nil
}

// backupMark returns the content of the file that marks a key as exported.
func backupMark(host string) []byte { return []byte(host + "\n") }

// PublicHost returns the public key of a secret key, as a site's host.
func PublicHost(secret ed25519.PrivateKey) string {
	return engine.PublicKey(secret.Public().(ed25519.PublicKey)).Host()
}

// FindName returns the name of the key whose public key is host; false if it is not here, or cannot be read.
func (r *Ring) FindName(host string) (string, bool) {
	keys, err := r.List()
	if err != nil {
		return "", false
	}
	i := slices.IndexFunc(keys, func(k engine.Key) bool { return k.Host == host })
	if i < 0 {
		return "", false
	}
	return keys[i].Name, true
}

// Load returns a secret key. The error has Kind NotFound if there is none of that name, and Damaged if its file is not
// valid.
func (r *Ring) Load(name string) (ed25519.PrivateKey, error) {
	if err := engine.CheckKeyName(name); err != nil {
		return nil, err
	}
	b, err := readSmallFile(r.path(name, seedSuffix))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &engine.Error{
			Op: op, Kind: engine.NotFound,
			Msg: "there is no key " + name + " on this machine: `wtptui keys list` lists those that there are, " +
				"`wtptui keys import` brings one back",
		}
	case err != nil:
		return nil, internalError("the key "+name+" cannot be read", err)
	}
	secret, err := ParseSeed(b)
	if err != nil {
		return nil, &engine.Error{
			Op: op, Kind: engine.Damaged, Err: err,
			Msg: "the file of the key " + name + " does not hold one: bring it back from your backup with " +
				"`wtptui keys remove " + name + "` and `wtptui keys import " + name + " FILE`",
		}
	}
	return secret, nil
}

// Create makes a new key. The error has Kind Conflict if there is one of that name.
func (r *Ring) Create(name string) (ed25519.PrivateKey, error) {
	_, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, internalError("the key cannot be made", err)
	}
	return secret, r.Import(name, secret)
}

// Import stores a key that was made elsewhere. The error has Kind Conflict if there is one of that name, or that key
// under another name.
func (r *Ring) Import(name string, secret ed25519.PrivateKey) error {
	if err := engine.CheckKeyName(name); err != nil {
		return err
	}
	if other, here := r.FindName(PublicHost(secret)); here {
		return &engine.Error{Op: op, Kind: engine.Conflict, Msg: "that key is here already, as " + other}
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return internalError("the key "+name+" cannot be kept", err)
	}
	err := r.writeNew(r.path(name, seedSuffix), FormatSeed(secret))
	if errors.Is(err, fs.ErrExist) {
		return &engine.Error{Op: op, Kind: engine.Conflict, Msg: "there is a key " + name + " already: choose another name"}
	}
	if err != nil {
		return internalError("the key "+name+" cannot be kept", err)
	}
	return nil
}

// WriteFile writes a secret key into a new file that only its owner can read. The error has Kind Conflict if the file
// exists.
func WriteFile(path string, secret ed25519.PrivateKey) error {
	err := New(filepath.Dir(path)).writeNew(path, FormatSeed(secret))
	if errors.Is(err, fs.ErrExist) {
		return &engine.Error{Op: op, Kind: engine.Conflict, Msg: engine.Clean(path) + " is there already: give a new file"}
	}
	if err == nil {
		return nil
	}
	why := err
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		why = pathErr.Err
	}
	return &engine.Error{
		Op: op, Kind: engine.Unavailable, Err: err,
		Msg: "cannot write " + engine.Clean(path) + ": " + engine.Clean(why.Error()) +
			": give a file in a folder that you can write to",
	}
}

// MarkBackedUp marks a key as exported.
func (r *Ring) MarkBackedUp(name string) error {
	secret, err := r.Load(name)
	if err != nil {
		return err
	}
	if err := replaceFile(r.path(name, backupSuffix), backupMark(PublicHost(secret))); err != nil {
		return internalError("that the key was exported cannot be written down", err)
	}
	return nil
}

// Files returns the paths of the folder and of the files of a key that exist.
func (r *Ring) Files(name string) []string {
	files := []string{r.dir}
	for _, suffix := range []string{seedSuffix, backupSuffix} {
		if _, err := os.Lstat(r.path(name, suffix)); err == nil {
			files = append(files, r.path(name, suffix))
		}
	}
	return files
}

// Remove deletes a key: irreversibly if there is no backup. The error has Kind NotFound if there is none of that name.
func (r *Ring) Remove(name string) error {
	if err := engine.CheckKeyName(name); err != nil {
		return err
	}
	err := os.Remove(r.path(name, seedSuffix))
	if errors.Is(err, fs.ErrNotExist) {
		_, err := r.Load(name)
		return err
	}
	if err != nil {
		return internalError("the key "+name+" cannot be removed", err)
	}
	if err := os.Remove(r.path(name, backupSuffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return internalError("a file of the key "+name+" cannot be removed", err)
	}
	return nil
}

func (r *Ring) path(name, suffix string) string { return filepath.Join(r.dir, name+suffix) }

// ParseSeed parses the content of a key's file: the seed as 64 hex digits, with optional white space around them.
func ParseSeed(b []byte) (ed25519.PrivateKey, error) {
	seed, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, &engine.Error{
			Op: op, Kind: engine.Invalid, Msg: "that is not a key: the file of a key holds 64 hex digits",
		}
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// FormatSeed is the inverse of ParseSeed.
func FormatSeed(secret ed25519.PrivateKey) []byte {
	return []byte(hex.EncodeToString(secret.Seed()) + "\n")
}

func internalError(what string, err error) error {
	return &engine.Error{Op: op, Kind: engine.Internal, Msg: what + ": " + engine.Clean(err.Error()), Err: err}
}
