package main

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
)

// manifestFiles are templates of the files that package managers need of a release, by the path of each.
//
//go:embed all:manifests
var manifestFiles embed.FS

// manifest is the data of the templates.
type manifest struct {
	release

	Summary string
	sums    map[string]string // SHA-256 of each file, in hexadecimal
	missing map[string]bool   // files whose sum a template needs, and that were not built
}

// Folder returns the folder in the archive for a system and processor that contains all its files.
func (m manifest) Folder(system, processor string) string {
	return archiveFolder(m.Version, system, processor)
}

// Archive returns the URL of the archive for a system and processor.
func (m manifest) Archive(system, processor string) string {
	return m.URL(archiveName(m.Version, system, processor))
}

// Sum returns the SHA-256 of the archive for a system and processor.
func (m manifest) Sum(system, processor string) string {
	name := archiveName(m.Version, system, processor)
	if m.sums[name] == "" {
		m.missing[name] = true
	}
	return m.sums[name]
}

// Installed returns what a package of the format installs from the archive for Linux.
func (m manifest) Installed(format string) []content {
	var list []content
	for _, c := range shipped {
		if c.archive != "" && c.install != "" && inList(c.systems, "linux") && inList(c.formats, format) {
			list = append(list, c)
		}
	}
	return list
}

// Archived returns the path in the archive.
func (c content) Archived() string { return c.archive }

// Target returns the path in a package whose packager does the compression.
func (c content) Target() string { return strings.TrimSuffix(c.install, ".gz") }

// manifests returns the manifests of a release by path. sums has the SHA-256 of each file that was built, in
// hexadecimal.
func manifests(r release, sums map[string]string) (map[string][]byte, error) {
	m := manifest{release: r, Summary: Summary, sums: sums, missing: map[string]bool{}}
	made := map[string][]byte{}
	err := fs.WalkDir(manifestFiles, "manifests", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := manifestFiles.ReadFile(path)
		if err != nil {
			return err
		}
		t, err := template.New(path).Funcs(template.FuncMap{"upper": strings.ToUpper}).Parse(string(text))
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := t.Execute(&out, m); err != nil {
			return err
		}
		made[path] = out.Bytes()
		return nil
	})
	for name := range m.missing {
		return nil, fmt.Errorf("%s was not built, and the manifests need it: build all targets, or leave out -releases", name)
	}
	return made, err
}
