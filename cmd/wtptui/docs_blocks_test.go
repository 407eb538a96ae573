package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"wtptui/engine/schematest"
)

// docBlock is a fenced code block in a file of the documentation.
type docBlock struct {
	file string
	line int // of its first line, from 1
	// language is the first word after the fence, and about is the second one.
	language, about string
	text            string
}

func (b docBlock) String() string { return fmt.Sprintf("%s:%d", b.file, b.line) }

// docBlocks returns the fenced blocks of a file.
func docBlocks(t *testing.T, file string) (blocks []docBlock) {
	t.Helper()
	var open *docBlock
	for i, line := range strings.Split(readDoc(t, file), "\n") {
		info, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && open == nil:
			language, about, _ := strings.Cut(info, " ")
			open = &docBlock{file: file, line: i + 2, language: language, about: about}
		case fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		t.Errorf("%s: the block is not closed", *open)
	}
	return blocks
}

// unchecked maps the languages that no test checks to the reason why that is acceptable.
var unchecked = map[string]string{
	"bat":       "the service manager of Windows has no dry run",
	"caddyfile": "it is made from what the end-to-end tests run Caddy with",
	"ini":       "it is systemd's, and three lines of its manual",
	"js":        "it is a browser's, and one line of any manual of proxies",
	"nginx":     "it is made from what the end-to-end tests run nginx with",
	"yaml":      "it is Prometheus', and a beginning of its own manual",
}

// The examples in the documentation are valid: commands, settings and JSON.
func TestDocsBlocks(t *testing.T) {
	seen := map[string]bool{}
	for _, file := range documentation() {
		for _, block := range docBlocks(t, file) {
			seen[block.language] = true
			switch block.language {
			case "sh", "text":
				for _, line := range commandLines(block.text) {
					if err := parseCommand(line, true); err != nil {
						t.Errorf("%s: %s: %v", block, line, err)
					}
				}
			case "toml":
				checkTOML(t, block)
			case "json":
				checkJSON(t, block)
			default:
				if unchecked[block.language] == "" {
					t.Errorf("%s: nobody knows what to do with a block in %q", block, block.language)
				}
			}
		}
	}
	for _, language := range slices.Sorted(maps.Keys(unchecked)) {
		if !seen[language] {
			t.Errorf("no block is in %s any more", language)
		}
	}
}

// The verbs and flags that the prose of the documentation mentions as code exist.
func TestDocsMentions(t *testing.T) {
	mentioned := 0
	for _, file := range documentation() {
		for _, span := range codeSpan.FindAllString(strings.Join(proseOf(t, file), "\n"), -1) {
			line := strings.ReplaceAll(strings.Trim(span, "`"), "\n", " ")
			for _, command := range commandLines(line) {
				mentioned++
				if err := parseCommand(command, false); err != nil {
					t.Errorf("%s: `%s`: %v", file, line, err)
				}
			}
		}
	}
	if mentioned < 50 {
		t.Errorf("only %d commands are mentioned", mentioned)
	}
}

// commandLines returns the command lines of wtptui in a text for a shell, without sudo and continuation marks.
func commandLines(text string) (lines []string) {
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimPrefix(strings.TrimSpace(line), "sudo ")
		if line == "wtptui" || strings.HasPrefix(line, "wtptui ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// parseCommand parses a command line without running it. withArgs also checks the arguments: prose often omits them.
func parseCommand(line string, withArgs bool) error {
	words, err := shellWords(line)
	if err != nil {
		return err
	}
	root := rootForTests()
	cmd, rest, err := root.Find(words[1:])
	if err != nil {
		return err
	}
	if cmd.HasSubCommands() && cmd.HasParent() && len(rest) > 0 && withArgs {
		return fmt.Errorf("%s has no verb %q", cmd.Name(), rest[0])
	}
	err = cmd.ParseFlags(rest)
	var lacksValue *pflag.ValueRequiredError
	if errors.As(err, &lacksValue) && !withArgs {
		return nil // The prose is about the flag alone.
	}
	if err != nil {
		return err
	}
	args := cmd.Flags().Args()
	isUsage := line == usageOf(cmd) || slices.Contains(words, placeholder)
	switch {
	case !withArgs && cmd == root && len(args) > 0:
		return fmt.Errorf("there is no verb %q", args[0])
	case withArgs && !isUsage:
		return cmd.ValidateArgs(args)
	}
	return nil
}

// placeholder stands in the README for an address that an earlier command has printed.
const placeholder = "ADDRESS"

// shellWords splits a simple command into words like a shell. It stops where another command begins.
func shellWords(line string) (words []string, err error) {
	var word strings.Builder
	inWord, quote := false, rune(0)
	end := func() {
		if inWord {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == ' ':
			end()
		case strings.ContainsRune("|&;>", c) || c == '#' && !inWord:
			end()
			return words, nil
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", quote)
	}
	end()
	return words, nil
}

// checkTOML checks a block as a config.toml.
func checkTOML(t *testing.T, block docBlock) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(block.text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	s.DataDir = dir
	if err := s.loadLayers(pflag.NewFlagSet("", pflag.ContinueOnError), func(string) string { return "" }); err != nil {
		t.Errorf("%s: %v", block, err)
		return
	}
	if _, err := s.keyMap(); err != nil {
		t.Errorf("%s: %v", block, err)
	}
}

// checkJSON checks a block against the schema that it names.
func checkJSON(t *testing.T, block docBlock) {
	t.Helper()
	if block.about == "" {
		if !json.Valid([]byte(block.text)) {
			t.Errorf("%s is no JSON", block)
		}
		return
	}
	document, err := schema(block.about)
	if err != nil {
		t.Errorf("%s: %v", block, err)
		return
	}
	validator, err := schematest.NewValidator(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := validator.Check("", []byte(block.text)); err != nil {
		t.Errorf("%s: %v", block, err)
	}
}
