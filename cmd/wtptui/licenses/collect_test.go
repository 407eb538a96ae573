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

// architectures are the processors that wtptui is built for, on each of allSystems.
var architectures = []string{"amd64", "arm64"}

// linkedPackage has fields of a package in the output of `go list -json`.
type linkedPackage struct {
	Dir             string
	Standard        bool
	GoFiles, SFiles []string
	Module          *struct {
		Path, Version, Dir string
		Main               bool
	}
}

// linkedModule is a module that at least one build links.
type linkedModule struct {
	Module
	root  string          // its folder
	files map[string]bool // the source files that are linked
}

// collectModules returns all modules that are linked, by path.
func collectModules(ctx context.Context) (map[string]*linkedModule, error) {
	modules := map[string]*linkedModule{}
	mainRoot, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		return nil, err
	}
	for _, system := range allSystems {
		for _, processor := range architectures {
			if err := addLinkedModules(ctx, modules, mainRoot, system, processor); err != nil {
				return nil, err
			}
		}
	}
	return modules, nil
}

// addLinkedModules adds the modules that a build for a system and a processor links.
func addLinkedModules(ctx context.Context, modules map[string]*linkedModule, mainRoot, system, processor string) error {
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
		m := p.linkedModule(mainRoot)
		if existing := modules[m.Path]; existing != nil {
			m = existing
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

// linkedModule returns the module of a package. mainRoot is the folder of this module.
func (p linkedPackage) linkedModule(mainRoot string) *linkedModule {
	m := &linkedModule{files: map[string]bool{}}
	switch {
	case p.Standard:
		m.Path = StandardLibrary
		m.root, _, _ = strings.Cut(p.Dir, string(filepath.Separator)+"src"+string(filepath.Separator))
	case p.Module.Main:
		m.Path, m.root = p.Module.Path, mainRoot
	default:
		m.Path, m.Version, m.root = p.Module.Path, p.Module.Version, p.Module.Dir
	}
	return m
}
