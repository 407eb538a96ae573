package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/pelletier/go-toml/v2/unstable"
)

// readConfigFile reads config.toml if there is one.
func readConfigFile(path string, options []option, set func(option, []string) error) error {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil // What is wrong with the data folder is told by whoever needs it.
	case err != nil:
		return usageError("cannot read the settings: %s: make the file readable, or choose another folder with --data-dir", err)
	}
	return readConfig(path, data, options, set)
}

// readConfig gives every setting of a TOML file to set. A setting is a key at the top level with a string, a number, a
// boolean, or a list of strings. Errors name the line. It walks the syntax tree, because the decoder forgets where a
// value stood that was well-formed but wrong.
func readConfig(name string, data []byte, options []option, set func(option, []string) error) error {
	byName := map[string]option{}
	for _, o := range options {
		byName[o.name] = o
	}
	seen := map[string]bool{}
	var p unstable.Parser
	p.Reset(data)
	at := func(line int, format string, args ...any) error {
		return usageError("%s:%d: %s", name, line, fmt.Sprintf(format, args...))
	}
	for p.NextExpression() {
		node := p.Expression()
		key, line := keyOf(&p, node)
		o, known := byName[key]
		switch {
		case node.Kind == unstable.Comment:
			continue
		case node.Kind != unstable.KeyValue || !known:
			return at(line, "there is no setting %q: `wtptui serve --help` lists them", key)
		case seen[key]:
			return at(line, "%s is set twice", key)
		}
		seen[key] = true
		values, err := valuesOf(node.Value())
		if err == nil {
			err = set(o, values)
		}
		if err != nil {
			return at(line, "%s: %s", key, err)
		}
	}
	if err := p.Error(); err != nil {
		var syntax *unstable.ParserError
		if errors.As(err, &syntax) {
			return at(p.Shape(p.Range(syntax.Highlight)).Start.Line, "%s", syntax.Message)
		}
		return usageError("%s: %s", name, err)
	}
	return nil
}

// keyOf gives the dotted key of an expression and its line.
func keyOf(p *unstable.Parser, node *unstable.Node) (key string, line int) {
	if node.Kind == unstable.Comment {
		return "", 0
	}
	var parts []string
	for it := node.Key(); it.Next(); {
		if line == 0 {
			line = p.Shape(it.Node().Raw).Start.Line
		}
		parts = append(parts, string(it.Node().Data))
	}
	return strings.Join(parts, "."), line
}

// valuesOf gives a value as the text that the flag would have.
func valuesOf(v *unstable.Node) ([]string, error) {
	switch v.Kind {
	case unstable.String, unstable.Integer, unstable.Float, unstable.Bool:
		return []string{string(v.Data)}, nil
	case unstable.Array:
		values := []string{}
		for it := v.Children(); it.Next(); {
			if it.Node().Kind != unstable.String {
				return nil, errors.New("the list should hold texts only, in quotes")
			}
			values = append(values, string(it.Node().Data))
		}
		return values, nil
	}
	return nil, errors.New("give a text in quotes, a number, true or false, or a list of texts")
}
