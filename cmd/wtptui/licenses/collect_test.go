package licenses

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// processors are those that wtptui is built for, on each of allSystems.
var processors = []string{"amd64", "arm64"}

// linkedPackage is what `go list -json` says of a package.
type linkedPackage struct {
	Dir             string
	Standard        bool
	GoFiles, SFiles []string
	Module          *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// linkedModule is a module that some build links.
type linkedModule struct {
	Module
	root  string          // its folder
	files map[string]bool // the source files that are linked
}

// collect returns all modules that are linked, by path.
func collect(ctx context.Context) (map[string]*linkedModule, error) {
	modules := map[string]*linkedModule{}
	own, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		return nil, err
	}
	for _, system := range allSystems {
		for _, processor := range processors {
			if err := list(ctx, modules, own, system, processor); err != nil {
				return nil, err
			}
		}
	}
	return modules, nil
}

// list adds what a build for a system and a processor links.
func list(ctx context.Context, modules map[string]*linkedModule, own, system, processor string) error {
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-json=Dir,Standard,GoFiles,SFiles,Module", "wtptui/cmd/wtptui")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+processor)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list: %w\n%s", err, stderr.String())
	}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p linkedPackage
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		m := p.module(own)
		if known := modules[m.Path]; known != nil {
			m = known
		}
		modules[m.Path] = m
		if !slices.Contains(m.Systems, system) {
			m.Systems = append(m.Systems, system)
		}
		for _, name := range slices.Concat(p.GoFiles, p.SFiles) {
			m.files[filepath.Join(p.Dir, name)] = true
		}
	}
}

// module returns the module of a package, where this program is in the folder own.
func (p linkedPackage) module(own string) *linkedModule {
	m := &linkedModule{files: map[string]bool{}}
	switch {
	case p.Standard:
		m.Path = StandardLibrary
		m.root, _, _ = strings.Cut(p.Dir, string(filepath.Separator)+"src"+string(filepath.Separator))
	case p.Module.Main:
		m.Path, m.root = p.Module.Path, own
	default:
		m.Path, m.Version, m.root = p.Module.Path, p.Module.Version, p.Module.Dir
	}
	return m
}
