//go:build linux

package e2e_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha1" // apk checks files with it.
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// unpackAPK checks the structure of a package of Alpine, for which there is no package manager here, and unpacks it.
func unpackAPK(t *testing.T, root throwawayRoot, file string) func() {
	t.Helper()
	data := []byte(readFile(t, file))
	// Two compressed archives follow each other: what is said of the package, and what is in it.
	in := bytes.NewReader(data)
	control := gunzipMember(t, in)
	inside := data[len(data)-in.Len():]
	content := gunzipMember(t, in)
	if in.Len() > 0 {
		t.Errorf("%d bytes follow", in.Len())
	}
	heads, bodies := readTar(t, control)
	if len(heads) != 1 || heads[0].Name != ".PKGINFO" {
		t.Fatalf("the first archive has %v", heads)
	}
	for _, line := range []string{
		"pkgname = wtptui", "pkgver = " + packageVersion + "-r0", "arch = " + machineName(), "license = MIT",
		"maintainer = " + packageMaintainer, "url = " + packageHomepage,
		fmt.Sprintf("datahash = %x", sha256.Sum256(inside)),
	} {
		if !slices.Contains(strings.Split(string(bodies[0]), "\n"), line) {
			t.Errorf("no %q in\n%s", line, bodies[0])
		}
	}
	heads, bodies = readTar(t, content)
	var made []string
	for i, head := range heads {
		path := root.path(head.Name)
		if head.Uid != 0 || head.Gid != 0 || head.ModTime.Unix() != 1767323045 {
			t.Errorf("%s: of %d:%d, %v", head.Name, head.Uid, head.Gid, head.ModTime)
		}
		if head.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(path, head.FileInfo().Mode().Perm()); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if sum := fmt.Sprintf("%x", sha1.Sum(bodies[i])); head.PAXRecords["APK-TOOLS.checksum.SHA1"] != sum {
			t.Errorf("%s: %v instead of %s", head.Name, head.PAXRecords, sum)
		}
		if err := os.WriteFile(path, bodies[i], head.FileInfo().Mode().Perm()); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, head.ModTime, head.ModTime); err != nil {
			t.Fatal(err)
		}
		made = append(made, path)
	}
	return func() {
		for _, path := range made {
			if err := os.Remove(path); err != nil {
				t.Error(err)
			}
		}
		for _, dir := range []string{"usr/share/doc/wtptui/examples", "usr/share/doc/wtptui", "usr/share/licenses/wtptui"} {
			if err := os.Remove(root.path(dir)); err != nil {
				t.Error(err)
			}
		}
	}
}

// gunzipMember returns the contents of one compressed file. The reader is left where the next one begins.
func gunzipMember(t *testing.T, in *bytes.Reader) []byte {
	t.Helper()
	zip, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	zip.Multistream(false)
	data, err := io.ReadAll(bufio.NewReader(zip))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// readTar returns the headers and bodies of an archive, whose end may be missing, as that of the first one of a package
// is.
func readTar(t *testing.T, data []byte) (heads []*tar.Header, bodies [][]byte) {
	t.Helper()
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return heads, bodies
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		heads, bodies = append(heads, head), append(bodies, body)
	}
}
