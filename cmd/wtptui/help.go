package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"wtptui/cmd/wtptui/docs"
	"wtptui/cmd/wtptui/docs/document"
	"wtptui/cmd/wtptui/docs/terminal"
)

// topicWord marks the next word as a topic, even if a verb has the same name.
const topicWord = "topic"

// helpPrinter prints the help of verbs, and topics.
type helpPrinter struct {
	out      io.Writer
	renderer terminal.Renderer
}

// Widths of texts, in cells.
const (
	maxTextWidth  = 100 // Longer lines are hard to read.
	pipeTextWidth = 80
)

// newHelpPrinter returns a printer for the program's output. It uses colours on terminals that support them, unless
// NO_COLOR is set.
func (p *program) newHelpPrinter() helpPrinter {
	h := helpPrinter{out: p.stdout, renderer: terminal.Renderer{Width: pipeTextWidth, Command: topicCommand}}
	tty, ok := p.stdout.(*os.File)
	if !ok || !term.IsTerminal(tty.Fd()) {
		return h
	}
	if width, _, err := term.GetSize(tty.Fd()); err == nil && width > 0 {
		h.renderer.Width = min(width, maxTextWidth)
	}
	h.renderer.Color = p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb" && supportsEscapes(tty)
	return h
}

// printVerb prints the help of a verb, or of the whole program.
func (h helpPrinter) printVerb(cmd *cobra.Command) { h.print(verbPage(cmd)) }

func (h helpPrinter) print(blocks document.Blocks) { fmt.Fprint(h.out, h.renderer.Render(blocks)) }

// topicCommand returns the command that shows a topic.
func topicCommand(topic string) string {
	if slices.Contains(shadowedTopics, topic) {
		topic = topicWord + " " + topic
	}
	return "wtptui help " + topic
}

// shadowedTopics are the topics whose name is also that of a verb. The verb wins.
var shadowedTopics = []string{"keys"}

// addHelp adds the verbs that are about all others to the command line: the help, the man pages, completion.
func addHelp(p *program, root *cobra.Command) {
	root.SetHelpCommand(helpCommand(p))
	root.InitDefaultHelpCmd()
	root.AddCommand(manCommand(p))
	configureCompletion(root)
}

func helpCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "help [VERB | TOPIC]",
		Short:   "Show the help of a verb, or a topic of the guide and the reference",
		GroupID: groupRun,
		RunE: func(cmd *cobra.Command, words []string) error {
			blocks, err := helpPage(cmd.Root(), words)
			if err != nil {
				return err
			}
			p.newHelpPrinter().print(blocks)
			return nil
		},
		ValidArgsFunction: completeHelp,
	}
}

// helpPage returns the page about the words after help: a verb, or a topic.
func helpPage(root *cobra.Command, words []string) (document.Blocks, error) {
	if len(words) == 0 {
		return verbPage(root), nil
	}
	if words[0] == topicWord {
		if len(words) == 1 {
			return topicsPage(), nil
		}
		return topicPage(strings.Join(words[1:], " "), docs.Topics)
	}
	if found, rest, err := root.Find(words); err == nil && found != root && len(rest) == 0 {
		return verbPage(found), nil
	}
	known := slices.Clone(docs.Topics)
	for _, cmd := range root.Commands() {
		if isShown(cmd) {
			known = append(known, cmd.Name())
		}
	}
	return topicPage(strings.Join(words, " "), known)
}

// topicPage returns a topic. The error suggests the nearest known word.
func topicPage(topic string, known []string) (document.Blocks, error) {
	if text, ok := docs.Topic(topic); ok {
		return text, nil
	}
	advice := "`wtptui help topic` lists the topics, `wtptui --help` the verbs"
	if suggestion, near := nearest(topic, known); near {
		advice = "did you mean " + suggestion + "?"
	}
	return nil, usageError("there is no verb or topic %q: %s", topic, advice)
}

// topicsPage returns the list of all topics, with their summaries.
func topicsPage() document.Blocks {
	var list document.Definitions
	for _, topic := range docs.Topics {
		_, summary := docs.Title(topic)
		list = append(list, definition(topicCommand(topic), summary))
	}
	return document.Blocks{document.Heading{Level: 2, Text: document.Text("Topics")}, list}
}

// completeHelp completes verbs and topics.
func completeHelp(
	cmd *cobra.Command, words []string, toComplete string,
) ([]cobra.Completion, cobra.ShellCompDirective) {
	var offers []cobra.Completion
	offer := func(word, about string) {
		if strings.HasPrefix(word, toComplete) {
			offers = append(offers, cobra.CompletionWithDesc(word, about))
		}
	}
	anyTopic := len(words) == 1 && words[0] == topicWord
	for _, topic := range docs.Topics {
		if title, _ := docs.Title(topic); anyTopic || len(words) == 0 && !slices.Contains(shadowedTopics, topic) {
			offer(topic, title)
		}
	}
	if len(words) == 0 {
		offer(topicWord, "The topics of the guide and the reference")
	}
	if found, rest, err := cmd.Root().Find(words); err == nil && len(rest) == 0 {
		for _, sub := range found.Commands() {
			if isShown(sub) {
				offer(sub.Name(), sub.Short)
			}
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}
