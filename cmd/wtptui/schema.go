package main

import (
	"embed"
	"encoding/json"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// schemas are the JSON Schemas of the output of verbs. A test generates them from the types.
//
//go:embed schemas/*.json
var schemas embed.FS

// openAPIName is the name of the control protocol's description in the list of schemas.
const openAPIName = "openapi"

func schemaCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use:     "schema [NAME]",
		Short:   "Print the JSON Schema of what a verb prints, or the control protocol as OpenAPI",
		GroupID: groupRun,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return schemaNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listSchemas(env.stdout)
			}
			document, err := schema(strings.Join(args, "-"))
			if err == nil {
				_, err = env.stdout.Write(document)
			}
			return err
		},
	}
}

// schemaNames returns the sorted names of all schemas, followed by that of the control protocol's description.
func schemaNames() []string {
	var names []string
	files, _ := schemas.ReadDir("schemas") // The folder is embedded.
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".json"))
	}
	return append(names, openAPIName)
}

// schema returns the document with the given name. The error has Kind Invalid.
func schema(name string) ([]byte, error) {
	name = strings.ToLower(name)
	switch {
	case name == openAPIName:
		return control.OpenAPI(), nil
	case !slices.Contains(schemaNames(), name):
		return nil, usageError("there is no schema %q: `wtptui schema` lists them", engine.Clean(name))
	}
	return schemas.ReadFile(path.Join("schemas", name+".json"))
}

// listSchemas prints a table of all schemas.
func listSchemas(w io.Writer) error {
	var rows [][]string
	for _, name := range schemaNames() {
		document, err := schema(name)
		if err != nil {
			return err
		}
		about := struct {
			ID    string `json:"$id"`
			Title string `json:"title"`
			Info  struct {
				Version string `json:"version"`
			} `json:"info"`
		}{}
		if err := json.Unmarshal(document, &about); err != nil {
			return err
		}
		version := about.ID[strings.LastIndex(about.ID, ":")+1:]
		if name == openAPIName {
			about.Title, version = "the requests that "+socketName+" answers", about.Info.Version
		}
		rows = append(rows, []string{name, version, about.Title})
	}
	printTable(w, []string{"NAME", ">VERSION", "DESCRIBES"}, rows)
	return nil
}
