package disk

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestIdentity(t *testing.T) {
	const valid = "00112233445566778899aabbccddeeff"
	for name, test := range map[string]struct {
		content string
		same    bool
		left    []string
	}{
		"kept":      {valid + "\n", true, []string{"identity"}},
		"no end":    {valid, true, []string{"identity"}},
		"empty":     {"", false, []string{"identity", "identity-damaged"}},
		"too short": {valid[2:], false, []string{"identity", "identity-damaged"}},
		"no digits": {strings.Repeat("x", 32), false, []string{"identity", "identity-damaged"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			putFile(t, filepath.Join(dir, "identity"), test.content)
			first, again := newStore(t, dir).Identity(), newStore(t, dir).Identity()
			if first != again || (first == valid) != test.same || len(first) != 32 {
				t.Errorf("%s and %s", first, again)
			}
			if got := namesIn(t, dir); !slices.Equal(got, test.left) {
				t.Errorf("there is %q", got)
			}
		})
	}
	if a, b := newStore(t, t.TempDir()).Identity(), newStore(t, t.TempDir()).Identity(); a == b {
		t.Errorf("two data folders are %s", a)
	}
}

// A disk that fails when the data folder is made does not prevent the start. The identity is written before any state
// file.
func TestIdentityOnAFullDisk(t *testing.T) {
	full := true
	opts := Options{Dir: t.TempDir(), Completion: &memory{}, Flush: func(_ *os.File, _ bool, flush func() error) error {
		if full {
			return syscall.ENOSPC
		}
		return flush()
	}}
	s, err := New(opts)
	must(t, err)
	defer s.Close()
	id, f := s.Identity(), []Folder{{Name: torrentName, State: []byte("s")}}
	if err := s.WriteFolders(f); !errors.Is(err, syscall.ENOSPC) || len(namesIn(t, opts.Dir)) != 0 {
		t.Errorf("error %v, and there is %q", err, namesIn(t, opts.Dir))
	}
	full = false
	must(t, s.WriteFolders(f))
	if again := newStore(t, opts.Dir).Identity(); again != id || s.Identity() != id {
		t.Errorf("%s, %s and %s", id, s.Identity(), again)
	}
}
