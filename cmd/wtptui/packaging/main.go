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

// dist is one run of the program.
type dist struct {
	release

	out      string            // folder that everything is put into
	temp     string            // folder for the work
	host     string            // a binary for this machine
	contents contentData       // everything in shipped
	sums     map[string]string // SHA-256 of what was put into out, by name
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("packaging", flag.ContinueOnError)
	out := flags.String("out", "dist", "folder that everything is put into")
	targets := flags.String("targets", allTargets, "systems and processors, as GOOS/GOARCH")
	key := flags.String("sign", "", "SSH key that the checksums are signed with")
	validate := releaseFlags(flags)
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := validate(ctx)
	if err != nil {
		return err
	}
	d := &dist{release: r, out: *out, sums: map[string]string{}}
	if d.temp, err = os.MkdirTemp("", "wtptui-packaging"); err != nil {
		return err
	}
	defer os.RemoveAll(d.temp)
	// The man pages and other texts come from a binary that runs on this machine.
	d.host = filepath.Join(d.temp, "wtptui.exe") // Windows needs the suffix; others ignore it.
	if err := build(ctx, d.host, d.release, runtime.GOOS+"/"+runtime.GOARCH); err != nil {
		return err
	}
	if d.contents, err = collectContents(ctx, ".", d.host, r); err != nil {
		return err
	}
	for _, target := range strings.Fields(*targets) {
		if err := d.buildTarget(ctx, target); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	if err := d.writeCommonFiles(); err != nil {
		return err
	}
	if err := d.writeChecksums(); err != nil || *key == "" {
		return err
	}
	return d.signChecksums(ctx, *key)
}

// archiveFolder returns the folder in an archive that contains all its files.
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

// buildTarget builds a binary and its archive, and for Linux its packages.
func (d *dist) buildTarget(ctx context.Context, target string) error {
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
	if err := d.writeFile("wtptui-"+system+"-"+processor+suffix, binary, 0o755); err != nil {
		return err
	}
	if err := d.writeBill(ctx, path, system, processor); err != nil {
		return err
	}
	if err := d.writeArchive(system, processor, file{"wtptui" + suffix, 0o755, binary}); err != nil || system != "linux" {
		return err
	}
	for _, format := range []string{deb, rpm, archlinux, apk} {
		if err := d.writePackage(ctx, format, processor, binary); err != nil {
			return fmt.Errorf("%s: %w", format, err)
		}
	}
	return nil
}

// writeBill writes the bill of materials of a binary.
func (d *dist) writeBill(ctx context.Context, path, system, processor string) error {
	licenses, err := programOutput(ctx, d.host, d.release, []string{"licenses", "--json"})
	if err != nil {
		return err
	}
	var bill bytes.Buffer
	if err := writeSBOM(&bill, path, d.Version, licenses); err != nil {
		return err
	}
	return d.writeFile(archiveFolder(d.Version, system, processor)+".cdx.json", bill.Bytes(), 0o644)
}

// writeArchive writes the archive for a system and processor.
func (d *dist) writeArchive(system, processor string, binary file) error {
	folder := archiveFolder(d.Version, system, processor)
	files := sortByPath(append(d.contents.archiveFiles(system), binary))
	for i := range files {
		files[i].path = folder + "/" + files[i].path
	}
	pack := makeTarGz
	if system == "windows" {
		pack = makeZip
	}
	data, err := pack(files, d.Date)
	if err != nil {
		return err
	}
	return d.writeFile(archiveName(d.Version, system, processor), data, 0o644)
}

// writePackage writes the package of a format.
func (d *dist) writePackage(ctx context.Context, format, processor string, binary []byte) error {
	files, err := d.contents.packageFiles(format)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(d.temp, format)
	if err != nil {
		return err
	}
	name, path := d.packageName(format, processor), filepath.Join(dir, "package")
	files = sortByPath(append(files, file{"usr/bin/wtptui", 0o755, binary}))
	if err := makePackage(ctx, d.release, format, processor, files, dir, path); err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return d.writeFile(name, data, 0o644)
}

// writeCommonFiles writes what does not depend on the target: the installer, the agent for launchd, and the manifests.
func (d *dist) writeCommonFiles() error {
	agent, err := os.ReadFile(packaging + "launchd/wtptui.plist")
	if err != nil {
		return err
	}
	if err := d.writeFile("wtptui.plist", agent, 0o644); err != nil {
		return err
	}
	installer, err := os.ReadFile(packaging + "install.sh")
	if err != nil {
		return err
	}
	if installer, err = installerWithDefaults(installer, d.release); err != nil {
		return err
	}
	if err := d.writeFile("install.sh", installer, 0o755); err != nil || d.Releases == "" {
		return err
	}
	made, err := manifests(d.release, d.sums)
	for name, text := range made {
		if err := d.writeFile(name, text, 0o644); err != nil {
			return err
		}
	}
	return err
}
