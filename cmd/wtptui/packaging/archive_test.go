package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// What is packed is unpacked unchanged, with one date and owned by root, each file after its folder.
func TestArchivesAreReproducible(t *testing.T) {
	t.Parallel()
	files := []file{{"a/b/one", 0o644, []byte("1")}, {"a/two", 0o755, []byte("22")}}
	data, err := makeTarGz(files, testRelease.Date)
	if err != nil {
		t.Fatal(err)
	}
	compressor, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for r := tar.NewReader(compressor); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || !head.ModTime.Equal(testRelease.Date) || head.Uid != 0 || head.Gid != 0 || head.Uname != "root" {
			t.Errorf("%+v: %v", head, err)
		}
		got = append(got, fmt.Sprintf("%s %o %s", head.Name, head.Mode, text))
	}
	const want = "a/ 755 |a/b/ 755 |a/b/one 644 1|a/two 755 22"
	if strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
	data, err = makeZip(files, testRelease.Date)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(r.File) != 2 {
		t.Fatalf("%v, %v", r, err)
	}
	for i, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		same := f.Name == files[i].path && string(text) == string(files[i].data)
		if err != nil || !same || !f.Modified.Equal(testRelease.Date) {
			t.Errorf("%+v: %q, %v", f.FileHeader, text, err)
		}
	}
}
