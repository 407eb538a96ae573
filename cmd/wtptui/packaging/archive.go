package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"path"
	"time"
)

// makeTarGz returns a compressed tar archive of the files and the folders that they are in, owned by root and with one
// date.
func makeTarGz(files []file, date time.Time) ([]byte, error) {
	var out bytes.Buffer
	compressor := gzip.NewWriter(&out)
	w := tar.NewWriter(compressor)
	add := func(head tar.Header, data []byte) error {
		head.ModTime, head.Uname, head.Gname, head.Format = date, "root", "root", tar.FormatUSTAR
		head.Size = int64(len(data))
		if err := w.WriteHeader(&head); err != nil {
			return err
		}
		_, err := w.Write(data)
		return err
	}
	for _, dir := range parentFolders(files) {
		if err := add(tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755}, nil); err != nil {
			return nil, err
		}
	}
	for _, f := range files {
		if err := add(tar.Header{Typeflag: tar.TypeReg, Name: f.path, Mode: f.mode}, f.data); err != nil {
			return nil, err
		}
	}
	err := errors.Join(w.Close(), compressor.Close())
	return out.Bytes(), err
}

// makeZip returns a zip archive of the files, with one date.
func makeZip(files []file, date time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		file, err := w.CreateHeader(&zip.FileHeader{Name: f.path, Method: zip.Deflate, Modified: date})
		if err != nil {
			return nil, err
		}
		if _, err := file.Write(f.data); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

// parentFolders returns every folder that files are in, each after its parent.
func parentFolders(files []file) []string {
	var dirs []string
	known := map[string]bool{".": true}
	var add func(dir string)
	add = func(dir string) {
		if known[dir] {
			return
		}
		known[dir] = true
		add(path.Dir(dir))
		dirs = append(dirs, dir)
	}
	for _, f := range files {
		add(path.Dir(f.path))
	}
	return dirs
}
