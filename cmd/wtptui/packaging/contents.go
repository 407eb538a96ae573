package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A content is a file that ships with the program. Its bytes are the output of wtptui with args, or those of a file of
// the source tree, or what text returns.
type content struct {
	args []string             // of wtptui
	file string               // path in the source tree
	text func(release) string // made for the release

	// edit changes the bytes of file, and is told which files all archives contain; nil for no change.
	edit func(data []byte, isInArchive func(path string) bool) ([]byte, error)

	archive string // path in archives; empty if it is in none
	systems string // the GOOS of the archives that have it, separated by spaces; empty for all
	install string // path in packages, compressed if it ends with .gz; empty if it is in none
	formats string // the formats of the packages that have it, separated by spaces; empty for all
}

// The formats of packages, by the names that nfpm has for them.
const (
	deb       = "deb"
	rpm       = "rpm"
	archlinux = "archlinux"
	apk       = "apk"
)

// Alpine has another service manager, for which there is no unit.
const systemdFormats = deb + " " + rpm + " " + archlinux

// What differs between the formats.
const (
	formatsWithoutDeb = rpm + " " + archlinux + " " + apk
	unix              = "linux darwin"
)

// shipped has everything that ships with the program, except the program itself. To ship another file, add an element:
// archives, packages and the recipe for the AUR follow from it. The formula for Homebrew, the flake for Nix and the
// installer take every page in man/ and the completions.
var shipped = []content{
	{
		args: []string{"man"}, archive: "man/wtptui.1", systems: unix,
		install: "usr/share/man/man1/wtptui.1.gz",
	},
	{
		args: []string{"man", "config"}, archive: "man/wtptui-config.5", systems: unix,
		install: "usr/share/man/man5/wtptui-config.5.gz",
	},
	{
		args: []string{"completion", "bash"}, archive: "completions/wtptui.bash", systems: unix,
		install: "usr/share/bash-completion/completions/wtptui",
	},
	{
		args: []string{"completion", "fish"}, archive: "completions/wtptui.fish", systems: unix,
		install: "usr/share/fish/vendor_completions.d/wtptui.fish",
	},
	{
		args: []string{"completion", "zsh"}, archive: "completions/_wtptui", systems: unix,
		install: "usr/share/zsh/site-functions/_wtptui", formats: formatsWithoutDeb,
	},
	{args: []string{"completion", "zsh"}, install: "usr/share/zsh/vendor-completions/_wtptui", formats: deb},
	{args: []string{"completion", "powershell"}, archive: "completions/wtptui.ps1", systems: "windows"},

	{file: "README.md", edit: archiveReadme, archive: "README.md"},
	{file: "SECURITY.md", archive: "SECURITY.md"},
	{file: "CHANGELOG.md", archive: "CHANGELOG.md", install: "usr/share/doc/wtptui/CHANGELOG.md.gz"},
	{file: "LICENSE", archive: "LICENSE", install: "usr/share/licenses/wtptui/LICENSE", formats: formatsWithoutDeb},
	{
		args: []string{"licenses", "--full"}, archive: "THIRD-PARTY-NOTICES",
		install: "usr/share/licenses/wtptui/THIRD-PARTY-NOTICES", formats: formatsWithoutDeb,
	},
	{args: []string{"licenses", "--full"}, install: "usr/share/doc/wtptui/copyright", formats: deb},
	{text: debianChangelog, install: "usr/share/doc/wtptui/changelog.gz", formats: deb},

	{
		file: packaging + "systemd/system/wtptui.service", archive: "systemd/system/wtptui.service", systems: "linux",
		install: "usr/lib/systemd/system/wtptui.service", formats: systemdFormats,
	},
	{
		file: packaging + "systemd/user/wtptui.service", archive: "systemd/user/wtptui.service", systems: "linux",
		install: "usr/lib/systemd/user/wtptui.service", formats: systemdFormats,
	},
	{
		file: packaging + "systemd/folders.conf", archive: "examples/folders.conf", systems: "linux",
		install: "usr/share/doc/wtptui/examples/folders.conf", formats: systemdFormats,
	},
	{
		file: packaging + "desktop/wtptui.desktop", archive: "desktop/wtptui.desktop", systems: "linux",
		install: "usr/share/applications/wtptui.desktop",
	},
	{file: packaging + "launchd/wtptui.plist", archive: "launchd/wtptui.plist", systems: "darwin"},
	{
		file: packaging + "Containerfile", archive: "examples/Containerfile", systems: "linux",
		install: "usr/share/doc/wtptui/examples/Containerfile",
	},
	{
		file: packaging + "compose.yaml", archive: "examples/compose.yaml", systems: "linux",
		install: "usr/share/doc/wtptui/examples/compose.yaml",
	},
	{
		file: packaging + "grafana.json", archive: "examples/grafana.json", systems: "linux",
		install: "usr/share/doc/wtptui/examples/grafana.json",
	},
	{
		file: packaging + "alerts.yml", archive: "examples/alerts.yml", systems: "linux",
		install: "usr/share/doc/wtptui/examples/alerts.yml",
	},
}

// packaging is the folder of this program in the source tree.
const packaging = "cmd/wtptui/packaging/"

// file is a file of an archive or of a package.
type file struct {
	path string // without a slash in front
	mode int64
	data []byte
}

// contentData has the bytes of everything in shipped, in the same order.
type contentData [][]byte

// collectContents returns the bytes of everything in shipped. root is the source tree, program a wtptui that runs on
// this machine.
func collectContents(ctx context.Context, root, program string, r release) (contentData, error) {
	docs := make(contentData, 0, len(shipped))
	for _, c := range shipped {
		var data []byte
		var err error
		switch {
		case c.args != nil:
			data, err = programOutput(ctx, program, r, c.args)
		case c.file != "":
			data, err = os.ReadFile(filepath.Join(root, filepath.FromSlash(c.file)))
			if err == nil && c.edit != nil {
				data, err = c.edit(data, isInArchive)
			}
		default:
			data = []byte(c.text(r))
		}
		if err != nil {
			return nil, err
		}
		docs = append(docs, data)
	}
	return docs, nil
}

// programOutput returns what wtptui prints. It does not depend on who builds it: a default below the home folder is
// below /home/you, and the date is that of the release.
func programOutput(ctx context.Context, program string, r release, args []string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{
		"HOME=/home/you", "PATH=" + os.Getenv("PATH"), "TZ=UTC", "LC_ALL=C.UTF-8",
		fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.Date.Unix()),
	}
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("wtptui %s: %w", strings.Join(args, " "), err)
	}
	return text, nil
}

// archiveFiles returns the files of the archives for a system, sorted by path.
func (docs contentData) archiveFiles(system string) []file {
	var files []file
	for i, c := range shipped {
		if c.archive != "" && inList(c.systems, system) {
			files = append(files, file{c.archive, 0o644, docs[i]})
		}
	}
	return sortByPath(files)
}

// packageFiles returns the files of packages of a format, sorted by path.
func (docs contentData) packageFiles(format string) ([]file, error) {
	var files []file
	for i, c := range shipped {
		if c.install == "" || !inList(c.formats, format) {
			continue
		}
		data := docs[i]
		if strings.HasSuffix(c.install, ".gz") {
			var err error
			if data, err = gzipBytes(data); err != nil {
				return nil, err
			}
		}
		files = append(files, file{c.install, 0o644, data})
	}
	return sortByPath(files), nil
}

// inList reports whether name is in a list of names that are separated by spaces. An empty list contains every name.
func inList(list, name string) bool {
	return list == "" || slices.Contains(strings.Fields(list), name)
}

func sortByPath(files []file) []file {
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files
}

// gzipBytes compresses data as gzip -9n does.
func gzipBytes(data []byte) ([]byte, error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = zip.Write(data)
	if err := errors.Join(err, zip.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// debianChangelog returns the changelog that Debian requires of each package, in the format of deb-changelog(5).
func debianChangelog(r release) string {
	return fmt.Sprintf("wtptui (%s) unstable; urgency=medium\n\n  * Version %s.\n\n -- %s  %s\n",
		r.Version, r.Version, r.Maintainer, r.Date.UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}
