package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/cmd/wtptui/docs"
	"wtptui/cmd/wtptui/docs/document"
)

// verbPage returns the help of a verb, or of the whole program: description, usage, examples, verbs, flags.
func verbPage(cmd *cobra.Command) document.Blocks {
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	description, examples := verbText(cmd)
	page := slices.Concat(description, document.Blocks{section("Usage"), document.Code{Text: usageLine(cmd) + "\n"}})
	if examples != "" {
		page = append(page, section("Examples"), document.Code{Text: examples})
	}
	page = append(page, subVerbs(cmd)...)
	page = appendFlags(page, "Flags", cmd.LocalFlags())
	page = appendFlags(page, "Flags of every verb", cmd.InheritedFlags())
	switch path := verbPath(cmd); {
	case path == "":
		page = append(page, section("Topics"), topicTitles())
	case slices.Contains(shadowedTopics, path):
		title, _ := docs.Title(path)
		seeAlso := document.Inline("`" + topicCommand(path) + "`: " + title)
		page = append(page, section("See also"), document.Paragraph{Text: seeAlso})
	}
	return page
}

// verbText returns the description of a verb, and its examples.
func verbText(cmd *cobra.Command) (description document.Blocks, examples string) {
	blocks, ok := docs.Verb(verbPath(cmd))
	if !ok {
		return document.Blocks{document.Paragraph{Text: document.Inline(cmd.Short + ".")}}, ""
	}
	isHeading := func(b document.Block) bool { _, ok := b.(document.Heading); return ok }
	end := slices.IndexFunc(blocks, isHeading)
	if end < 0 {
		return blocks, ""
	}
	for _, b := range blocks[end:] {
		if code, ok := b.(document.Code); ok {
			examples += code.Text
		}
	}
	return blocks[:end], examples
}

// verbPath returns the words of a verb after wtptui.
func verbPath(cmd *cobra.Command) string {
	return strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()), " ")
}

// usageLine returns the usage of a verb in one line.
func usageLine(cmd *cobra.Command) string {
	line := strings.TrimSuffix(cmd.UseLine(), " [flags]")
	if cmd.HasAvailableSubCommands() {
		line += " [VERB]"
	}
	return line + " [--flags]"
}

// subVerbs returns the verbs below a verb, in their groups.
func subVerbs(cmd *cobra.Command) (page document.Blocks) {
	groups := append([]*cobra.Group{{Title: "verbs"}}, cmd.Groups()...)
	for _, group := range groups {
		var list document.Definitions
		for _, sub := range cmd.Commands() {
			if isShown(sub) && sub.GroupID == group.ID {
				list = append(list, definition(strings.TrimSuffix(sub.Use, " [flags]"), sub.Short))
			}
		}
		if len(list) > 0 {
			page = append(page, section(upperFirst(group.Title)), list)
		}
	}
	return page
}

// isShown reports whether the help shows a verb. Cobra's own rule would omit the verb help.
func isShown(cmd *cobra.Command) bool { return !cmd.Hidden && cmd.Deprecated == "" }

// topicTitles returns the list of all topics.
func topicTitles() document.Definitions {
	var list document.Definitions
	for _, topic := range docs.Topics {
		title, _ := docs.Title(topic)
		list = append(list, definition(topicCommand(topic), title))
	}
	return list
}

// appendFlags appends a section about flags, if there are any.
func appendFlags(page document.Blocks, title string, flags *pflag.FlagSet) document.Blocks {
	if list := describeFlagSet(flags, func(*pflag.Flag) bool { return true }); len(list) > 0 {
		return append(page, section(title), list)
	}
	return page
}

// describeFlagSet returns the flags that are not hidden and that include accepts.
func describeFlagSet(flags *pflag.FlagSet, include func(*pflag.Flag) bool) (list document.Definitions) {
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || !include(f) {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		d := document.Definition{Term: document.Line{{Text: name, Style: document.Strong}}}
		if value := valueName(f); value != "" {
			d.Term = append(d.Term, document.Span{Text: " "}, document.Span{Text: value, Style: document.Emphasis})
		}
		text := document.Inline(f.Usage)
		if !slices.Contains([]string{"", "false", "0", "0s", "none", "[]"}, f.DefValue) {
			text = append(text, document.Span{Text: " (default " + f.DefValue + ")"})
		}
		d.Blocks = document.Blocks{document.Paragraph{Text: text}}
		list = append(list, d)
	})
	return list
}

// valueNames are the placeholders for the values of flags whose type does not determine one.
var valueNames = map[string]string{
	"attach": "ssh://...", "on": "NAME", "data-dir": "DIR", "label": "LABEL", "from": "LIST",
	"loader": "DIR", "loader-url": "URL", "hook": "COMMAND", "key": "NAME", "name": "DOMAIN",
	"keep": "PATH", "leave-out": "PATH",
	"listen": "HOST:PORT", "metrics-listen": "HOST:PORT", "peer-host": "IP",
	"encryption": "HOW", "log-level": "LEVEL", "log-format": "FORMAT",
	"home-listen": "HOST:PORT", "home-listen-http": "HOST:PORT", "home-listen-udp": "HOST:PORT",
	"home-cert": "FILE", "home-key": "FILE", "home-acme": "URL", "home-acme-email": "ADDRESS", "home-contact": "LINE",
	"home-log": "WHAT", "home-tracker": "WHO", "home-loader": "ON|OFF",
}

// valueName returns the placeholder for the value of a flag; empty for a flag without a value.
func valueName(f *pflag.Flag) string {
	if name, ok := valueNames[f.Name]; ok {
		return name
	}
	switch kind := f.Value.Type(); kind {
	case "bool":
		return ""
	case "number", "int", "count":
		return "N"
	case "string", "strings", "stringArray", "stringSlice":
		return "TEXT"
	default:
		return strings.ToUpper(kind)
	}
}

func section(title string) document.Block {
	return document.Heading{Level: 2, Text: document.Text(title)}
}

// definition returns a term in bold, and one line of text about it.
func definition(term, text string) document.Definition {
	return document.Definition{
		Term:   document.Line{{Text: term, Style: document.Strong}},
		Blocks: document.Blocks{document.Paragraph{Text: document.Inline(text)}},
	}
}
