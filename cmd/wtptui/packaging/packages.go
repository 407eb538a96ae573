package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"text/template"
)

// recipe is what nfpm.yaml is executed with.
type recipe struct {
	release

	Version   string // as the format spells it
	Summary   string
	Format    string
	Processor string // a GOARCH
	Scripts   string // folder of the scripts that run when the package is installed or removed
	Folders   []string
	Files     []recipeFile
}

// recipeFile is a file of a package.
type recipeFile struct {
	Source, Target string
	Mode           int64
	Type           string // that only rpm knows
}

//go:embed nfpm.yaml
var nfpmText string

var nfpmTemplate = template.Must(template.New("nfpm.yaml").Parse(nfpmText))

// packageName returns the name that users of a format expect of a package's file.
func (r release) packageName(format, processor string) string {
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[processor]
	switch format {
	case deb:
		return fmt.Sprintf("wtptui_%s_%s.deb", r.For(format), processor)
	case rpm:
		return fmt.Sprintf("wtptui-%s-1.%s.rpm", r.For(format), machine)
	case apk:
		return fmt.Sprintf("wtptui-%s-r0.%s.apk", r.For(format), machine)
	default:
		return fmt.Sprintf("wtptui-%s-1-%s.pkg.tar.zst", r.For(format), machine)
	}
}

// linuxPackage has nfpm write a package to a file. dir is an empty folder that is used for the work.
func linuxPackage(ctx context.Context, r release, format, processor string, files []packed, dir, to string) error {
	use := recipe{
		release: r, Version: r.For(format), Summary: Summary, Format: format, Processor: processor,
		Scripts: packaging + "scripts/" + strings.TrimSuffix(format, "linux"),
	}
	for _, folder := range folders(files) {
		// Those that others have files in are others'.
		if path.Base(folder) == "wtptui" || strings.Contains(folder, "/wtptui/") {
			use.Folders = append(use.Folders, "/"+folder)
		}
	}
	for i, f := range files {
		source := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(source, f.data, 0o600); err != nil {
			return err
		}
		use.Files = append(use.Files, recipeFile{filepath.ToSlash(source), "/" + f.path, f.mode, fileType(format, f.path)})
	}
	var text bytes.Buffer
	if err := nfpmTemplate.Execute(&text, use); err != nil {
		return err
	}
	config := filepath.Join(dir, "nfpm.yaml")
	if err := os.WriteFile(config, text.Bytes(), 0o600); err != nil {
		return err
	}
	return nfpm(ctx, "package", "--config", config, "--packager", format, "--target", to)
}

// fileType returns what rpm calls a file, for people who install no documentation; empty for files as others.
func fileType(format, path string) string {
	switch {
	case format != rpm:
		return ""
	case strings.HasPrefix(path, "usr/share/doc/"), strings.HasPrefix(path, "usr/share/man/"):
		return "doc"
	case strings.HasPrefix(path, "usr/share/licenses/"):
		return "license"
	default:
		return ""
	}
}

// nfpm runs nfpm, of the version that nfpm/go.mod names.
func nfpm(ctx context.Context, args ...string) error {
	tool := []string{"tool", "-modfile=" + packaging + "nfpm/go.mod", "nfpm"}
	cmd := exec.CommandContext(ctx, "go", append(tool, args...)...)
	// Flags that are as in .ci/run, so that both have one build of it.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nfpm %s: %w\n%s", strings.Join(args, " "), err, said)
	}
	return nil
}
