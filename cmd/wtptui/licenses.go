package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/cmd/wtptui/licenses"
	"wtptui/engine"
)

// licensesVerb prints the modules that are linked into this program, and their licenses.
type licensesVerb struct {
	environment
	full, asJSON bool
}

func licensesCommand(env environment) *cobra.Command {
	v := licensesVerb{environment: env}
	cmd := &cobra.Command{
		Use:     "licenses [MODULE]",
		Short:   "List the modules that are linked in this program, with their licenses",
		GroupID: groupRun,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError("licenses takes at most one module: wtptui %s", cmd.Use)
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var paths []cobra.Completion
			for _, m := range licenses.Modules(version()) {
				if len(args) == 0 {
					paths = append(paths, m.Path)
				}
			}
			return paths, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error { return v.print(args) },
	}
	cmd.Flags().BoolVar(&v.full, "full", false, "print the notices of all modules: copyright lines and texts")
	addJSONFlag(cmd, &v.asJSON)
	return cmd
}

// print prints all modules, or the named one.
func (v *licensesVerb) print(named []string) error {
	modules := licenses.Modules(version())
	if len(named) > 0 {
		i := slices.IndexFunc(modules, func(m licenses.Module) bool { return m.Path == named[0] })
		if i < 0 {
			return &engine.Error{
				Op: "licenses", Kind: engine.NotFound,
				Msg: fmt.Sprintf("no module %q is linked: `wtptui licenses` lists those that are", engine.Clean(named[0])),
			}
		}
		modules = modules[i : i+1]
	}
	switch {
	case v.asJSON:
		if !v.full && len(named) == 0 {
			for i := range modules {
				modules[i].Notices = nil
			}
		}
		return printJSON(v.stdout, modules)
	case len(named) > 0:
		printModule(v.stdout, modules[0])
		return nil
	case v.full:
		_, err := io.WriteString(v.stdout, licenses.Notices())
		return err
	}
	printModules(v.stdout, modules)
	return nil
}

func printModules(w io.Writer, modules []licenses.Module) {
	var rows [][]string
	for _, m := range modules {
		if !slices.Contains(m.Systems, runtime.GOOS) {
			m.License += " (not on " + runtime.GOOS + ")"
		}
		rows = append(rows, []string{m.Path, m.Version, m.License, m.Source})
	}
	printTable(w, []string{"MODULE", "VERSION", "LICENSE", "SOURCE"}, rows)
}

func printModule(w io.Writer, m licenses.Module) {
	printFields(w, "module", m.Path, "version", m.Version, "license", m.License, "source", m.Source,
		"linked for", strings.Join(m.Systems, ", "))
	for _, notice := range m.Notices {
		fmt.Fprint(w, "\n", notice)
	}
}
