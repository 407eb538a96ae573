package licenses

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// allowed are the licenses under which a module may be linked in a program that is under the MIT License.
var allowed = []string{
	"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "Unlicense", "Zlib",
}

// repositories are those of modules whose paths do not name them, by the beginning of the path that stands for the URL.
var repositories = map[string]string{
	"charm.land/":       "https://github.com/charmbracelet/",
	"github.com/":       "https://github.com/",
	"go.etcd.io/":       "https://github.com/etcd-io/",
	"golang.org/x/":     "https://go.googlesource.com/",
	"lukechampine.com/": "https://github.com/lukechampine/",
}

// source returns the URL of the repository of a module. Modules can be folders of one, or its later versions.
func source(path string) (string, error) {
	for prefix, url := range repositories {
		rest, ok := strings.CutPrefix(path, prefix)
		if !ok {
			continue
		}
		names := strings.Split(rest, "/")
		if prefix == "github.com/" {
			return url + names[0] + "/" + names[1], nil
		}
		return url + names[0], nil
	}
	return "", errors.New("add its repository to repositories")
}

// section is a text and whose it is.
type section struct {
	license  string // an SPDX expression; empty if it is no license
	text     string
	inSource bool // whether the text is a comment of a source file
	modules  []*linkedModule
}

const longestHeader = 1024 // bytes of a source file in which it may name its license

var (
	noticeFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|copyright|notice)([.-].*)?$`)
	// Source files name their license at their beginning: https://spdx.dev/learn/handling-license-info
	spdxHeader = regexp.MustCompile(`(?m)^//\s*SPDX-License-Identifier:\s*(\S+)\s*$`)
	comment    = regexp.MustCompile(`(?m)^//.*\n(?://.*\n)*`)
	slashes    = regexp.MustCompile(`(?m)^//[ \t]*`)
	// What a license says that is to go with binaries too.
	inBinaries = regexp.MustCompile(`Redistributions in binary form|permission notice shall be included`)
)

// addTexts adds the texts of a module to those of others: the files in the folders of linked files and in the folders
// above them, and the licenses that linked files name or have in them.
func (m *linkedModule) addTexts(sections map[string]*section) error {
	dirs, named := map[string]bool{}, map[string]bool{}
	for file := range m.files {
		for dir := filepath.Dir(file); len(dir) >= len(m.root); dir = filepath.Dir(dir) {
			dirs[dir] = true
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if match := spdxHeader.FindSubmatch(source[:min(len(source), longestHeader)]); match != nil {
			named[string(match[1])] = true
		}
		if err := m.addComments(sections, source); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	files, err := noticeFiles(dirs)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, file := range files {
		license, err := m.addFile(sections, file)
		if err != nil {
			return err
		}
		has[license] = true
	}
	for license := range named {
		if has[license] {
			continue
		}
		// https://reuse.software/spec has them there.
		file := filepath.Join(m.root, "LICENSES", license+".txt")
		if found, err := m.addFile(sections, file); err != nil || found != license {
			return fmt.Errorf("a source file is under %s, and %s is %q: %w", license, file, found, err)
		}
		has[license] = true
	}
	if delete(has, ""); len(has) == 0 {
		return errors.New("it has no license file: ask its authors for one, or do without it")
	}
	return nil
}

// addComments adds the licenses that are comments of a source file.
func (m *linkedModule) addComments(sections map[string]*section, source []byte) error {
	if !inBinaries.Match(source) {
		return nil
	}
	for _, c := range comment.FindAll(source, -1) {
		if !inBinaries.Match(c) {
			continue
		}
		s, err := m.addText(sections, slashes.ReplaceAllString(string(c), ""), true)
		if err != nil {
			return err
		}
		s.inSource = true
	}
	return nil
}

// noticeFiles returns the files with licenses and notices in these folders, sorted.
func noticeFiles(dirs map[string]bool) ([]string, error) {
	var files []string
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		// The license there is of a part in binary form that only GOEXPERIMENT=boringcrypto links.
		if strings.HasSuffix(filepath.ToSlash(dir), "/src/crypto/internal/boring") {
			continue
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Type().IsRegular() && noticeFile.MatchString(e.Name()) && filepath.Ext(e.Name()) != ".go" {
				files = append(files, filepath.Join(dir, e.Name()))
			}
		}
	}
	return files, nil
}

// addFile adds a file with a license or a notice, and returns its license; empty if it is no license.
func (m *linkedModule) addFile(sections map[string]*section, file string) (license string, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	base := strings.ToLower(filepath.Base(file))
	isLicense := !strings.HasPrefix(base, "notice") && !strings.HasPrefix(base, "copyright")
	s, err := m.addText(sections, string(data), isLicense)
	if err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return s.license, nil
}

// addText adds a text of the module, and returns its section.
func (m *linkedModule) addText(sections map[string]*section, text string, isLicense bool) (*section, error) {
	text = strings.Trim(strings.ReplaceAll(text, "\r\n", "\n"), "\n") + "\n"
	if strings.Contains(text, separator) {
		return nil, errors.New("it has a line like those that part the notices: make separator another one")
	}
	s := sections[text]
	if s == nil {
		s = &section{text: text}
		if isLicense {
			license, err := recognize(text)
			if err != nil {
				return nil, err
			}
			s.license = license
		}
		sections[text] = s
	}
	if !slices.Contains(s.modules, m) {
		s.modules = append(s.modules, m)
	}
	return s, nil
}

// recognize returns the SPDX expression for the license that a text is.
func recognize(text string) (string, error) {
	const enough = 75 // percent of the words; the rest is names, and what licenses say of how to use them
	found := licensecheck.Scan([]byte(text))
	var ids []string
	for _, match := range found.Match {
		switch {
		case match.IsURL || slices.Contains(ids, match.ID):
		case !slices.Contains(allowed, match.ID):
			return "", fmt.Errorf("its license is %s, which is not in allowed: do without the module, "+
				"unless that license allows to link it in a program under the MIT License", match.ID)
		default:
			ids = append(ids, match.ID)
		}
	}
	if len(ids) == 0 || found.Percent < enough {
		return "", fmt.Errorf("its license is not known (%.0f%% of it is %v): read it", found.Percent, ids)
	}
	return strings.Join(ids, " AND "), nil
}
