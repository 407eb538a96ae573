package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // What Debian's own tools check against accidents.
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// shipped are the files beside this program that go into packages as they are.
//
//go:embed systemd launchd desktop Containerfile compose.yaml grafana.json alerts.yml
var shipped embed.FS

// packed is one file of a package.
type packed struct {
	path string // without a slash in front
	mode int64
	data []byte
}

// debianPackage makes a package in the format of deb(5): an ar archive of a version and two tar archives.
func debianPackage(version, processor string, binary []byte, texts map[string][]byte) ([]byte, error) {
	files, err := contents(binary, texts)
	if err != nil {
		return nil, err
	}
	data, err := tarball(files)
	if err != nil {
		return nil, err
	}
	size := 0
	var sums strings.Builder
	for _, f := range files {
		size += (len(f.data) + 1023) / 1024
		fmt.Fprintf(&sums, "%x  %s\n", md5.Sum(f.data), f.path) //nolint:gosec // See the import.
	}
	control, err := tarball([]packed{
		{"control", 0o644, []byte(fmt.Sprintf(controlFile, version, processor, size))},
		{"md5sums", 0o644, []byte(sums.String())},
		{"postinst", 0o755, []byte(afterInstall)},
		{"prerm", 0o755, []byte(beforeRemoval)},
		{"postrm", 0o755, []byte(afterRemoval)},
	})
	if err != nil {
		return nil, err
	}
	var deb bytes.Buffer
	deb.WriteString("!<arch>\n")
	for _, member := range []packed{{"debian-binary", 0, []byte("2.0\n")}, {"control.tar.gz", 0, control}, {"data.tar.gz", 0, data}} {
		// Name, time, owner, group, mode, size: see ar(5).
		fmt.Fprintf(&deb, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", member.path, 0, 0, 0, "100644", len(member.data))
		deb.Write(member.data)
		if len(member.data)%2 == 1 {
			deb.WriteByte('\n')
		}
	}
	return deb.Bytes(), nil
}

// contents are the files of a package, sorted.
func contents(binary []byte, texts map[string][]byte) ([]packed, error) {
	man, err := compressed(texts["man"])
	if err != nil {
		return nil, err
	}
	files := []packed{
		{"usr/bin/wtptui", 0o755, binary},
		{"usr/share/man/man1/wtptui.1.gz", 0o644, man},
		{"usr/share/bash-completion/completions/wtptui", 0o644, texts["bash"]},
		{"usr/share/zsh/vendor-completions/_wtptui", 0o644, texts["zsh"]},
		{"usr/share/fish/vendor_completions.d/wtptui.fish", 0o644, texts["fish"]},
		{"usr/share/doc/wtptui/copyright", 0o644, texts["notices"]}, // of everything that is linked
	}
	for from, to := range map[string]string{
		"systemd/system/wtptui.service": "usr/lib/systemd/system/wtptui.service",
		"systemd/user/wtptui.service":   "usr/lib/systemd/user/wtptui.service",
		"desktop/wtptui.desktop":        "usr/share/applications/wtptui.desktop",
		"Containerfile":                 "usr/share/doc/wtptui/examples/Containerfile",
		"compose.yaml":                  "usr/share/doc/wtptui/examples/compose.yaml",
		"systemd/folders.conf":          "usr/share/doc/wtptui/examples/folders.conf",
		"grafana.json":                  "usr/share/doc/wtptui/examples/grafana.json",
		"alerts.yml":                    "usr/share/doc/wtptui/examples/alerts.yml",
	} {
		data, err := shipped.ReadFile(from)
		if err != nil {
			return nil, err
		}
		files = append(files, packed{to, 0o644, data})
	}
	slices.SortFunc(files, func(a, b packed) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

// epoch is the time of everything in a package.
var epoch = time.Unix(0, 0)

// tarball packs files, with the folders that they are in, as root's.
func tarball(files []packed) ([]byte, error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(zip)
	made := map[string]bool{}
	var folder func(dir string) error
	folder = func(dir string) error {
		if made[dir] {
			return nil
		}
		made[dir] = true
		if dir != "." {
			if err := folder(path.Dir(dir)); err != nil {
				return err
			}
			dir = "./" + dir
		}
		return w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, ModTime: epoch, Uname: "root", Gname: "root", Format: tar.FormatGNU})
	}
	for _, f := range files {
		if err := folder(path.Dir(f.path)); err != nil {
			return nil, err
		}
		head := &tar.Header{Typeflag: tar.TypeReg, Name: "./" + f.path, Mode: f.mode, Size: int64(len(f.data)), ModTime: epoch, Uname: "root", Gname: "root", Format: tar.FormatGNU}
		if err := w.WriteHeader(head); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, err
		}
	}
	err = errors.Join(w.Close(), zip.Close())
	return out.Bytes(), err
}

// compressed is gzip -9n.
func compressed(text []byte) ([]byte, error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(zip, bytes.NewReader(text)); err != nil {
		return nil, err
	}
	err = zip.Close()
	return out.Bytes(), err
}

// controlFile is deb-control(5): version, architecture, installed size in KiB.
const controlFile = `Package: wtptui
Version: %s
Architecture: %s
Maintainer: wtptui <wtptui@localhost>
Installed-Size: %d
Section: net
Priority: optional
Recommends: ca-certificates, xdg-utils
Suggests: openssh-client
Description: wtp:// sites out of BitTorrent swarms, in your browser and in a dashboard
 wtptui finds the site that a wtp:// address names in a BitTorrent swarm, serves it to the browser on this machine, and
 seeds what is visited, so that a site lives as long as it has readers. Browsers with WebTorrent are peers as well.
 .
 Nothing is started by installing it: run wtptui, or enable the service of the system or of one person.
`

// The scripts do nothing in a root that is not the running one (DPKG_ROOT), nor where systemd does not run.
const (
	afterInstall = `#!/bin/sh
set -e
if [ "$1" = configure ] && [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
	# A new version takes over where the old one runs.
	systemctl try-restart wtptui.service || true
fi
`
	beforeRemoval = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
	systemctl disable --now wtptui.service || true
fi
`
	afterRemoval = `#!/bin/sh
set -e
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
	systemctl daemon-reload || true
fi
# What was published and pinned goes only with purge.
if [ "$1" = purge ] && [ -z "$DPKG_ROOT" ]; then
	rm -rf /var/lib/private/wtptui /var/lib/wtptui
fi
`
)
