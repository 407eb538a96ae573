package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
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
	out   string
	build build
	host  string   // a binary for this machine
	files []string // what has been made, by name in out
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("packaging", flag.ContinueOnError)
	out := flags.String("out", "dist", "folder that everything is put into")
	version := flags.String("version", "", "version that is stamped into everything, like 1.2.3")
	commit := flags.String("commit", "", "full name of the commit that is built, with +changes behind it if there are any")
	committed := flags.String("committed", "", "time of that commit, like 2006-01-02T15:04:05Z")
	targets := flags.String("targets", allTargets, "systems and processors, as GOOS/GOARCH")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if !versionForm.MatchString(*version) {
		return fmt.Errorf("-version %q: give one that begins with a digit, like 1.2.3 or 0.0.0+git", *version)
	}
	if !commitForm.MatchString(*commit) || !timeForm.MatchString(*committed) {
		return fmt.Errorf("-commit %q -committed %q: give both as git has them, or leave them out", *commit, *committed)
	}
	d := &dist{out: *out, build: build{*version, *commit, *committed}}
	if err := os.MkdirAll(d.out, 0o755); err != nil { //nolint:gosec // It is for everybody.
		return err
	}
	// What only the program itself knows comes from one that runs here.
	dir, err := os.MkdirTemp("", "wtptui-packaging")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d.host = filepath.Join(dir, "wtptui.exe") // The suffix matters to Windows and to nobody else.
	if err := d.build.run(ctx, d.host, runtime.GOOS+"/"+runtime.GOARCH); err != nil {
		return err
	}
	texts, err := describe(ctx, d.host)
	if err != nil {
		return err
	}
	if err := d.write("THIRD-PARTY-NOTICES", texts["notices"]); err != nil {
		return err
	}
	for _, target := range strings.Fields(*targets) {
		if err := d.target(ctx, target, texts); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	return d.checksums()
}

// versionForm is what Debian (deb-version(7)) and a shell both take.
var versionForm = regexp.MustCompile(`^[0-9][A-Za-z0-9.+~]*$`)

// What git says of a commit; both may be unknown.
var (
	commitForm = regexp.MustCompile(`^([0-9a-f]{40,64}(\+changes)?)?$`)
	timeForm   = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?$`)
)

// target builds a binary, the bill of its materials, and for Linux a package of it.
func (d *dist) target(ctx context.Context, target string, texts map[string][]byte) error {
	system, processor, ok := strings.Cut(target, "/")
	if !ok {
		return fmt.Errorf("give it as GOOS/GOARCH")
	}
	name := fmt.Sprintf("wtptui-%s-%s", system, processor)
	if system == "windows" {
		name += ".exe"
	}
	path := filepath.Join(d.out, name)
	if target == runtime.GOOS+"/"+runtime.GOARCH {
		path = d.host
	} else if err := d.build.run(ctx, path, target); err != nil {
		return err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.out, name), binary, 0o755); err != nil { //nolint:gosec // It is for everybody.
		return err
	}
	d.files = append(d.files, name)
	var sbom bytes.Buffer
	if err := writeSBOM(&sbom, path, d.build.version, texts["licenses"]); err != nil {
		return err
	}
	name = fmt.Sprintf("wtptui-%s-%s-%s.cdx.json", d.build.version, system, processor)
	if err := d.write(name, sbom.Bytes()); err != nil {
		return err
	}
	switch system {
	case "darwin":
		return d.ship("launchd/wtptui.plist")
	case "windows":
		return nil
	}
	deb, err := debianPackage(d.build.version, processor, binary, texts)
	if err != nil {
		return err
	}
	return d.write(fmt.Sprintf("wtptui_%s_%s.deb", d.build.version, processor), deb)
}

// write puts a file into out.
func (d *dist) write(name string, data []byte) error {
	d.files = append(d.files, name)
	return os.WriteFile(filepath.Join(d.out, name), data, 0o644) //nolint:gosec // It is for everybody.
}

// ship puts a file beside the binaries, as it is.
func (d *dist) ship(from string) error {
	name := path.Base(from)
	if slices.Contains(d.files, name) {
		return nil
	}
	data, err := shipped.ReadFile(from)
	if err != nil {
		return err
	}
	return d.write(name, data)
}

// build is what is stamped into each binary.
type build struct {
	version           string
	commit, committed string // empty if unknown
}

// run compiles wtptui so that only its source, what is stamped into it and the compiler count.
func (b build) run(ctx context.Context, path, target string) error {
	system, processor, _ := strings.Cut(target, "/")
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	stamps := "-X main.release=" + b.version + " -X main.commit=" + b.commit + " -X main.committed=" + b.committed
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -buildid= "+stamps, "-o", path, "wtptui/cmd/wtptui")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOAMD64=v1", "GOARM64=v8.0",
		"GOOS="+system, "GOARCH="+processor)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}

// describe has a wtptui for this machine write its man page, its completions, and what it says of licenses.
func describe(ctx context.Context, path string) (map[string][]byte, error) {
	texts := map[string][]byte{}
	for name, args := range map[string][]string{
		"man": {"man"}, "bash": {"completion", "bash"}, "zsh": {"completion", "zsh"}, "fish": {"completion", "fish"},
		"licenses": {"licenses", "--json"}, "notices": {"licenses", "--full"},
	} {
		cmd := exec.CommandContext(ctx, path, args...)
		// Nothing of whoever builds it: defaults that are below a home are everybody's.
		cmd.Env = []string{"HOME=/home/you", "PATH=" + os.Getenv("PATH"), "SOURCE_DATE_EPOCH=0", "TZ=UTC", "LC_ALL=C.UTF-8"}
		text, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("wtptui %s: %w", strings.Join(args, " "), err)
		}
		texts[name] = text
	}
	return texts, nil
}

// checksums writes SHA256SUMS, as sha256sum -c reads it.
func (d *dist) checksums() error {
	slices.Sort(d.files)
	var sums strings.Builder
	for _, name := range d.files {
		f, err := os.Open(filepath.Join(d.out, name))
		if err != nil {
			return err
		}
		hash := sha256.New()
		_, err = io.Copy(hash, f)
		f.Close()
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", hash.Sum(nil), name)
	}
	return os.WriteFile(filepath.Join(d.out, "SHA256SUMS"), []byte(sums.String()), 0o644) //nolint:gosec // It is for everybody.
}
