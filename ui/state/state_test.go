package state

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"wtptui/ui/list"
)

func TestSaveAndLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "screen.json")
	none, err := Load(file)
	if err != nil || !cmp.Equal(none, State{Version: Version}, cmpopts.IgnoreUnexported(list.SavedView{})) {
		t.Fatalf("without a file: %+v, %v", none, err)
	}
	off := false
	want := State{
		Version: Version, View: list.SavedView{View: list.Cached, Sort: "size", Reversed: true}, Saved: []list.SavedView{
			{Name: "漫画", Filter: `!"a b"`, Sort: "site"},
		},
		Columns: []string{"site", "-title"}, Inspector: &off, InspectorSize: 12, Theme: "light", Mouse: &off,
		DrawUnfocused: true,
	}
	for range 2 { // the second time over what is there
		if err := Save(file, want.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Load(file)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(list.SavedView{})); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if !bytes.Equal(got.Encode(), want.Encode()) {
		t.Error("the same setup is written in two ways")
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"empty": "", "half": `{"version":1`, "other": `[1,2]`, "types": `{"version":1,"view":{"view":"x"}}`,
		"large": string(make([]byte, maxSize+1)),
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Load(file); err == nil || errors.Is(err, ErrNewer) || s.Theme != "" || s.Columns != nil {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	file := filepath.Join(dir, "future")
	if err := os.WriteFile(file, []byte(`{"version":2,"view":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(file); !errors.Is(err, ErrNewer) {
		t.Errorf("a file of the future: %v", err)
	}
	if _, err := Load(dir); err == nil {
		t.Error("a folder is a file")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(`{"version":1,"columns":["-title"],"saved":[{"name":"x","view":9}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "screen.json")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := Load(file); err == nil {
			p := list.New(nil, nil)
			p.SetSavedViews(s.Saved)
			p.RestoreView(s.View)
		}
	})
}
