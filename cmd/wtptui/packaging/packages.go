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

// recipe is the data of the template nfpm.yaml.
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
	Type           string // for rpm only
}

//go:embed nfpm.yaml
var nfpmText string

var nfpmTemplate = template.Must(template.New("nfpm.yaml").Parse(nfpmText))

// packageName returns the file name of a package, as is usual for its format.
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

// makePackage has nfpm write a package to the file output. dir is an empty folder for temporary files.
func makePackage(ctx context.Context, r release, format, processor string, files []file, dir, output string) error {
	data := recipe{
		release: r, Version: r.For(format), Summary: Summary, Format: format, Processor: processor,
		Scripts: packaging + "scripts/" + strings.TrimSuffix(format, "linux"),
	}
	for _, folder := range parentFolders(files) {
		// Folders that contain files of others belong to others.
		if path.Base(folder) == "wtptui" || strings.Contains(folder, "/wtptui/") {
			data.Folders = append(data.Folders, "/"+folder)
		}
	}
	for i, f := range files {
		source := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(source, f.data, 0o600); err != nil {
			return err
		}
		data.Files = append(data.Files, recipeFile{
			Source: filepath.ToSlash(source), Target: "/" + f.path, Mode: f.mode, Type: rpmFileType(format, f.path),
		})
	}
	var text bytes.Buffer
	if err := nfpmTemplate.Execute(&text, data); err != nil {
		return err
	}
	config := filepath.Join(dir, "nfpm.yaml")
	if err := os.WriteFile(config, text.Bytes(), 0o600); err != nil {
		return err
	}
	return runNfpm(ctx, "package", "--config", config, "--packager", format, "--target", output)
}

// rpmFileType returns the type of a file in an rpm, by which people leave out documentation; empty for ordinary files.
func rpmFileType(format, path string) string {
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

// runNfpm runs nfpm, in the version that nfpm/go.mod requires.
func runNfpm(ctx context.Context, args ...string) error {
	tool := []string{"tool", "-modfile=" + packaging + "nfpm/go.mod", "nfpm"}
	cmd := exec.CommandContext(ctx, "go", append(tool, args...)...)
	// With the same flags as in .ci/run, so that the build is cached.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nfpm %s: %w\n%s", strings.Join(args, " "), err, output)
	}
	return nil
}
