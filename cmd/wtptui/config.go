package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/pelletier/go-toml/v2/unstable"

	"wtptui/engine"
)

// configFile is a parsed config.toml. Its values are not checked yet.
type configFile struct {
	path string
	// entries are the settings, keys and hooks are the tables of that name, in the order of the file.
	entries, keys, hooks []configEntry
	// labels, schedules, fleet and commands are the tables [labels.NAME], [schedules.NAME] and so on.
	labels, schedules, fleet, commands []configTable
	seenTables                         []string // the tables without a name that have appeared so far
}

// configEntry is one line of the file. The values have the form in which the flag takes them.
type configEntry struct {
	name   string
	values []string
	list   bool
	line   int
}

// maxConfigSize is the largest config.toml that is read, in bytes.
const maxConfigSize = 1 << 20

// errorAt returns an error that names the file and the line.
func (c configFile) errorAt(line int, format string, args ...any) error {
	return usageError("%s:%d: %s", c.path, line, engine.Clean(fmt.Sprintf(format, args...)))
}

// readConfigFile reads config.toml. A missing file is like an empty one.
func readConfigFile(path string, options []option) (configFile, error) {
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return configFile{path: path}, nil // An unusable data folder is reported where the folder is needed.
	case err != nil:
		return configFile{}, usageError("cannot read the settings in %s: %s: make the file readable, "+
			"or choose another folder with --data-dir", engine.Clean(path), systemReason(err))
	case len(data) > maxConfigSize:
		return configFile{}, usageError("%s is over 1 MiB, too large for settings: check that it is the right file", path)
	}
	return readConfig(path, []byte(strings.TrimPrefix(string(data), byteOrderMark)), options)
}

// byteOrderMark is what some editors write before UTF-8.
const byteOrderMark = "\ufeff"

// readConfig parses a TOML file. A setting is a key at the top level with a string, a number, a boolean, or a list of
// strings. Errors name the line. It walks the syntax tree, since a decoder does not keep the positions of values that
// are well-formed but invalid.
func readConfig(name string, data []byte, options []option) (configFile, error) {
	c := configFile{path: name}
	known := make([]string, len(options))
	for i, o := range options {
		known[i] = o.name
	}
	var p unstable.Parser
	p.Reset(data)
	current := configSection{kind: topLevel, entries: &c.entries}
	for p.NextExpression() {
		node := p.Expression()
		key, line := keyAndLine(&p, node)
		var err error
		switch node.Kind {
		case unstable.Comment:
		case unstable.KeyValue:
			if err = c.checkKey(current, key, line, known); err == nil {
				err = c.addEntry(current.entries, key, line, node.Value())
			}
		default:
			current, err = c.openTable(node, key, line)
		}
		if err != nil {
			return c, err
		}
	}
	err := c.syntaxError(&p)
	return c, err
}

// addEntry appends a line to the entries of its table.
func (c *configFile) addEntry(entries *[]configEntry, key string, line int, value *unstable.Node) error {
	if slices.ContainsFunc(*entries, func(e configEntry) bool { return e.name == key }) {
		return c.errorAt(line, "%s is set twice", key)
	}
	values, err := parseValues(value)
	if err != nil {
		return c.errorAt(line, "%s: %s", key, err)
	}
	*entries = append(*entries, configEntry{key, values, value.Kind == unstable.Array, line})
	return nil
}

func (c *configFile) syntaxError(p *unstable.Parser) error {
	err := p.Error()
	var syntax *unstable.ParserError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return c.errorAt(p.Shape(p.Range(syntax.Highlight)).Start.Line, "%s", syntax.Message)
	}
	return usageError("%s: %s", c.path, err)
}

// keyAndLine returns the dotted key of an expression, and its line.
func keyAndLine(p *unstable.Parser, node *unstable.Node) (key string, line int) {
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

// parseValues returns a value as the texts that the flag takes.
func parseValues(v *unstable.Node) ([]string, error) {
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
