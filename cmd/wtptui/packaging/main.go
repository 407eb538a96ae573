package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
)

// allTargets is what is built unless -targets says otherwise, as GOOS/GOARCH.
const allTargets = "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

// dist is one run.
type dist struct {
	release

	out  string            // folder that everything is put into
	temp string            // folder for the work
	host string            // a binary for this machine
	docs documents         // everything in shipped
	sums map[string]string // SHA-256 of what was put into out, by name
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("packaging", flag.ContinueOnError)
	out := flags.String("out", "dist", "folder that everything is put into")
	targets := flags.String("targets", allTargets, "systems and processors, as GOOS/GOARCH")
	key := flags.String("sign", "", "SSH key that the checksums are signed with")
	parsed := releaseFlags(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := parsed(ctx)
	if err != nil {
		return err
	}
	d := &dist{release: r, out: *out, sums: map[string]string{}}
	if d.temp, err = os.MkdirTemp("", "wtptui-packaging"); err != nil {
		return err
	}
	defer os.RemoveAll(d.temp)
	// What only the program itself knows comes from one that runs here.
	d.host = filepath.Join(d.temp, "wtptui.exe") // The suffix matters to Windows and to nobody else.
	if err := build(ctx, d.host, d.release, runtime.GOOS+"/"+runtime.GOARCH); err != nil {
		return err
	}
	if d.docs, err = collect(ctx, ".", d.host, r); err != nil {
		return err
	}
	for _, target := range strings.Fields(*targets) {
		if err := d.target(ctx, target); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	if err := d.rest(); err != nil {
		return err
	}
	if err := d.checksums(); err != nil || *key == "" {
		return err
	}
	return d.sign(ctx, *key)
}

// archiveFolder returns the folder that everything in an archive is in.
func archiveFolder(version, system, processor string) string {
	return fmt.Sprintf("wtptui-%s-%s-%s", version, system, processor)
}

// archiveName returns the name of an archive.
func archiveName(version, system, processor string) string {
	suffix := ".tar.gz"
	if system == "windows" {
		suffix = ".zip"
	}
	return archiveFolder(version, system, processor) + suffix
}

// target builds a binary, an archive with it, and for Linux the packages of it.
func (d *dist) target(ctx context.Context, target string) error {
	system, processor, ok := strings.Cut(target, "/")
	if !ok {
		return fmt.Errorf("give it as GOOS/GOARCH")
	}
	suffix := ""
	if system == "windows" {
		suffix = ".exe"
	}
	path := filepath.Join(d.temp, "wtptui-"+system+"-"+processor)
	if target == runtime.GOOS+"/"+runtime.GOARCH {
		path = d.host
	} else if err := build(ctx, path, d.release, target); err != nil {
		return err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := d.put("wtptui-"+system+"-"+processor+suffix, binary, 0o755); err != nil {
		return err
	}
	if err := d.materials(ctx, path, system, processor); err != nil {
		return err
	}
	if err := d.archive(system, processor, packed{"wtptui" + suffix, 0o755, binary}); err != nil || system != "linux" {
		return err
	}
	for _, format := range []string{deb, rpm, archlinux, apk} {
		if err := d.packaged(ctx, format, processor, binary); err != nil {
			return fmt.Errorf("%s: %w", format, err)
		}
	}
	return nil
}

// materials makes the bill of materials of a binary.
func (d *dist) materials(ctx context.Context, path, system, processor string) error {
	licenses, err := printed(ctx, d.host, d.release, []string{"licenses", "--json"})
	if err != nil {
		return err
	}
	var bill bytes.Buffer
	if err := writeSBOM(&bill, path, d.Version, licenses); err != nil {
		return err
	}
	return d.put(archiveFolder(d.Version, system, processor)+".cdx.json", bill.Bytes(), 0o644)
}

// archive makes the archive for a system and processor.
func (d *dist) archive(system, processor string, binary packed) error {
	folder := archiveFolder(d.Version, system, processor)
	files := sorted(append(d.docs.inArchive(system), binary))
	for i := range files {
		files[i].path = folder + "/" + files[i].path
	}
	pack := tarball
	if system == "windows" {
		pack = zipped
	}
	data, err := pack(files, d.Date)
	if err != nil {
		return err
	}
	return d.put(archiveName(d.Version, system, processor), data, 0o644)
}

// packaged makes the package of a format.
func (d *dist) packaged(ctx context.Context, format, processor string, binary []byte) error {
	files, err := d.docs.inPackage(format)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(d.temp, format)
	if err != nil {
		return err
	}
	name, to := d.packageName(format, processor), filepath.Join(dir, "package")
	files = sorted(append(files, packed{"usr/bin/wtptui", 0o755, binary}))
	if err := linuxPackage(ctx, d.release, format, processor, files, dir, to); err != nil {
		return err
	}
	data, err := os.ReadFile(to)
	if err != nil {
		return err
	}
	return d.put(name, data, 0o644)
}

// rest puts what is there once: the installer, the agent for launchd, and the manifests.
func (d *dist) rest() error {
	agent, err := os.ReadFile(packaging + "launchd/wtptui.plist")
	if err != nil {
		return err
	}
	if err := d.put("wtptui.plist", agent, 0o644); err != nil {
		return err
	}
	installer, err := os.ReadFile(packaging + "install.sh")
	if err != nil {
		return err
	}
	if installer, err = withDefaults(installer, d.release); err != nil {
		return err
	}
	if err := d.put("install.sh", installer, 0o755); err != nil || d.Releases == "" {
		return err
	}
	made, err := manifests(d.release, d.sums)
	for name, text := range made {
		if err := d.put(name, text, 0o644); err != nil {
			return err
		}
	}
	return err
}
