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

// allowed are the licenses of which modules may be linked in a program under the MIT License.
var allowed = []string{
	"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "Unlicense", "Zlib",
}

// repositories maps the beginning of a module path to the beginning of its repository's URL, to which the next element
// of the path is added.
var repositories = map[string]string{
	"charm.land/":       "https://github.com/charmbracelet/",
	"github.com/":       "https://github.com/",
	"go.etcd.io/":       "https://github.com/etcd-io/",
	"golang.org/x/":     "https://go.googlesource.com/",
	"lukechampine.com/": "https://github.com/lukechampine/",
}

// repositoryURL returns the URL of a module's repository. A repository can contain several modules and major versions.
func repositoryURL(path string) (string, error) {
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

// section is a text and the modules that have it.
type section struct {
	license    string // an SPDX expression; empty if the text is not a license
	text       string
	fromSource bool // whether the text is a comment of a source file
	modules    []*linkedModule
}

const maxHeaderBytes = 1024 // how many bytes of a source file are searched for the name of its license

var (
	noticeFileName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|copyright|notice)([.-].*)?$`)
	// Source files name their license at their beginning: https://spdx.dev/learn/handling-license-info
	spdxHeader    = regexp.MustCompile(`(?m)^//\s*SPDX-License-Identifier:\s*(\S+)\s*$`)
	commentBlock  = regexp.MustCompile(`(?m)^//.*\n(?://.*\n)*`)
	commentPrefix = regexp.MustCompile(`(?m)^//[ \t]*`)
	// Phrases of licenses that must accompany binaries too.
	appliesToBinaries = regexp.MustCompile(`Redistributions in binary form|permission notice shall be included`)
)

// addTexts adds the texts of a module to sections: the files in the folders of linked files and in the folders above
// them, and the licenses that linked files name or contain.
func (m *linkedModule) addTexts(sections map[string]*section) error {
	dirs, declared := map[string]bool{}, map[string]bool{}
	for file := range m.files {
		for dir := filepath.Dir(file); len(dir) >= len(m.root); dir = filepath.Dir(dir) {
			dirs[dir] = true
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if match := spdxHeader.FindSubmatch(source[:min(len(source), maxHeaderBytes)]); match != nil {
			declared[string(match[1])] = true
		}
		if err := m.addComments(sections, source); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	files, err := noticeFiles(dirs)
	if err != nil {
		return err
	}
	present := map[string]bool{}
	for _, file := range files {
		license, err := m.addFile(sections, file)
		if err != nil {
			return err
		}
		present[license] = true
	}
	for license := range declared {
		if present[license] {
			continue
		}
		// This is where https://reuse.software/spec puts them.
		file := filepath.Join(m.root, "LICENSES", license+".txt")
		if found, err := m.addFile(sections, file); err != nil || found != license {
			return fmt.Errorf("a source file is under %s, and %s is %q: %w", license, file, found, err)
		}
		present[license] = true
	}
	if delete(present, ""); len(present) == 0 {
		return errors.New("it has no license file: ask its authors for one, or do without it")
	}
	return nil
}

// addComments adds the licenses that are in comments of a source file.
func (m *linkedModule) addComments(sections map[string]*section, source []byte) error {
	if !appliesToBinaries.Match(source) {
		return nil
	}
	for _, c := range commentBlock.FindAll(source, -1) {
		if !appliesToBinaries.Match(c) {
			continue
		}
		s, err := m.addText(sections, commentPrefix.ReplaceAllString(string(c), ""), true)
		if err != nil {
			return err
		}
		s.fromSource = true
	}
	return nil
}

// noticeFiles returns the files with licenses and notices in these folders, sorted.
func noticeFiles(dirs map[string]bool) ([]string, error) {
	var files []string
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		// The license there is that of a binary that is linked only with GOEXPERIMENT=boringcrypto.
		if strings.HasSuffix(filepath.ToSlash(dir), "/src/crypto/internal/boring") {
			continue
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Type().IsRegular() && noticeFileName.MatchString(e.Name()) && filepath.Ext(e.Name()) != ".go" {
				files = append(files, filepath.Join(dir, e.Name()))
			}
		}
	}
	return files, nil
}

// addFile adds a file with a license or a notice, and returns its license; empty if it is not a license.
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
			license, err := recognizeLicense(text)
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

// recognizeLicense returns the SPDX expression for the licenses in a text.
func recognizeLicense(text string) (string, error) {
	const minPercent = 75 // of the words; the others are names and instructions
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
	if len(ids) == 0 || found.Percent < minPercent {
		return "", fmt.Errorf("its license is not known (%.0f%% of it is %v): read it", found.Percent, ids)
	}
	return strings.Join(ids, " AND "), nil
}
