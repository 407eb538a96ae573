package document

import "strings"

// Block is a block of a text: a Heading, Paragraph, Code, List, Table, Quote or Definitions.
type Block interface{ block() }

// Heading starts a section. Level is 1 for the title.
type Heading struct {
	Level int  `json:"level"`
	Text  Line `json:"text"`
}

// Paragraph is running text. Its renderer breaks it into lines.
type Paragraph struct {
	Text Line `json:"text"`
}

// Code is text whose lines are not changed. Each ends with a newline.
type Code struct {
	Text string `json:"text"`
}

// List is a list with bullets or numbers.
type List struct {
	// Start is the first number; 0 means bullets.
	Start int `json:"start,omitempty"`
	// Tight reports whether there are no blank lines between the items.
	Tight bool     `json:"tight,omitempty"`
	Items []Blocks `json:"items"`
}

// Table is a table. All rows have as many cells as Head.
type Table struct {
	Head []Line   `json:"head"`
	Rows [][]Line `json:"rows"`
}

// Quote is a quotation or a note.
type Quote struct {
	Blocks Blocks `json:"blocks"`
}

// Definitions are terms and their meanings, such as flags. Markdown has none; programs create them.
type Definitions []Definition

// Definition is a term and its meaning.
type Definition struct {
	Term   Line   `json:"term"`
	Blocks Blocks `json:"blocks"`
}

func (Heading) block()     {}
func (Paragraph) block()   {}
func (Code) block()        {}
func (List) block()        {}
func (Table) block()       {}
func (Quote) block()       {}
func (Definitions) block() {}

// Line is running text.
type Line []Span

// Span is a part of running text with one style and link.
type Span struct {
	Text  string `json:"text,omitempty"`
	Style Style  `json:"style,omitempty"`
	// Link is the target, as the source has it; empty for none.
	Link string `json:"link,omitempty"`
}

// Style is the style of a span.
type Style int

// The styles. Break has no text: it starts a new line.
const (
	Plain Style = iota
	Emphasis
	Strong
	Literal // what is typed or printed literally
	Break
)

// Text returns running text without styles.
func Text(s string) Line { return Line{{Text: s}} }

// String returns the text of a line without its styles.
func (l Line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Topic returns the topic that a link such as settings.md#listen leads to, and reports whether it leads to one.
func Topic(link string) (topic string, ok bool) {
	file, _, _ := strings.Cut(link, "#")
	topic, ok = strings.CutSuffix(strings.TrimPrefix(file, "./"), ".md")
	return topic, ok && !strings.ContainsAny(topic, "/:")
}

// External reports whether a link leads to another server, or is an address such as mailto:.
func External(link string) bool {
	scheme, _, ok := strings.Cut(link, ":")
	return ok && scheme != "" && !strings.ContainsAny(scheme, "/#.")
}
