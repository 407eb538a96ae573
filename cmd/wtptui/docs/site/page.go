package main

import (
	"bytes"
	"fmt"
	"html/template"
	"path"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"wtptui/cmd/wtptui/docs"
	"wtptui/cmd/wtptui/docs/document"
	"wtptui/cmd/wtptui/docs/markdown"
)

// page is a page of the site, for the layout.
type page struct {
	// Name is the name of its file without the extension.
	Name, Title, Summary string
	// Lead is the first paragraph, which precedes the contents.
	Lead, Body template.HTML
	// Contents are its sections, if there are several.
	Contents       []entry
	Previous, Next *entry
	Pictures       []picture
	// SourceFiles are the files of the source tree to which it links, by their place in the site; each is relative to
	// the folder of the topics.
	SourceFiles map[string]string
}

// entry is a link to a topic or a section. Link is relative to the page.
type entry struct{ Link, Title, Summary string }

// Groups returns all topics, for the navigation.
func (page) Groups() (groups []group) {
	for _, g := range docs.Groups {
		shown := group{Title: g.Title}
		for _, topic := range g.Topics {
			shown.Topics = append(shown.Topics, *topicEntry(topic))
		}
		groups = append(groups, shown)
	}
	return groups
}

// group is a group of topics.
type group struct {
	Title  string
	Topics []entry
}

// Link returns the address of the page, relative to the others.
func (p page) Link() string { return p.Name + ".html" }

// topicEntry returns a link to a topic.
func topicEntry(topic string) *entry {
	title, summary := docs.Title(topic)
	return &entry{topic + ".html", title, summary}
}

// newPage makes a page of a Markdown text. The layout has its title.
func newPage(name, content string) page {
	source := []byte(content)
	p := page{Name: name, SourceFiles: map[string]string{}}
	md := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID(),
		parser.WithASTTransformers(util.Prioritized(linkRewriter{p.SourceFiles}, 1000))))
	tree := md.Parser().Parse(text.NewReader(source), parser.WithContext(parser.NewContext(parser.WithIDs(&anchors{}))))
	p.Contents = sectionEntries(tree, source)
	if lead := tree.FirstChild(); lead != nil {
		tree.RemoveChild(tree, lead)
		p.Lead = renderHTML(md, lead, source)
	}
	p.Body = renderHTML(md, tree, source)
	return p
}

// renderHTML returns a part of a text as HTML.
func renderHTML(md goldmark.Markdown, n ast.Node, source []byte) template.HTML {
	var b bytes.Buffer
	if err := md.Renderer().Render(&b, source, n); err != nil {
		panic(err) // Writing to a buffer never fails.
	}
	return template.HTML(b.String()) // It is made of our own texts, without HTML of theirs.
}

// sectionEntries returns links to the sections of a text, if there are more than two.
func sectionEntries(tree ast.Node, source []byte) (list []entry) {
	for n := tree.FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok || h.Level != 2 {
			continue
		}
		id, _ := h.AttributeString("id")
		anchor, _ := id.([]byte)
		list = append(list, entry{Link: "#" + string(anchor), Title: plainText(h, source)})
	}
	if len(list) < 3 {
		return nil
	}
	return list
}

// plainText returns the text of a heading without styles.
func plainText(h *ast.Heading, source []byte) string {
	blocks := markdown.Parse(strings.Repeat("#", h.Level) + " " + string(h.Lines().Value(source)))
	if heading, ok := blocks[0].(document.Heading); ok {
		return heading.Text.String()
	}
	return ""
}

// linkRewriter rewrites links to topics into links to their pages, and removes HTML, and the title, which is in the
// layout. It collects the linked files of the source tree.
type linkRewriter struct{ sources map[string]string }

// Transform implements parser.ASTTransformer.
func (r linkRewriter) Transform(tree *ast.Document, _ text.Reader, _ parser.Context) {
	var removed []ast.Node
	_ = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // The function never fails.
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			n.Destination = []byte(r.rewrite(string(n.Destination)))
		case *ast.Heading:
			if n.Level == 1 {
				removed = append(removed, n)
			}
		case *ast.HTMLBlock, *ast.RawHTML:
			removed = append(removed, n)
		}
		return ast.WalkContinue, nil
	})
	for _, n := range removed {
		n.Parent().RemoveChild(n.Parent(), n)
	}
}

// rewrite returns the target in the site of a link in a text.
func (r linkRewriter) rewrite(link string) string {
	topic, ok := document.Topic(link)
	switch {
	case ok:
		_, anchor, _ := strings.Cut(link, "#")
		return strings.TrimSuffix(topic+".html#"+anchor, "#")
	case document.External(link) || strings.HasPrefix(link, "#"):
		return link
	}
	place := "files/" + path.Base(link)
	if path.Ext(place) == "" {
		place += ".txt" // Browsers show it then.
	}
	r.sources[place] = link
	return place
}

// anchors makes the ids of headings as GitHub does, where the same texts are read: lower case, hyphens for blanks, no
// signs.
type anchors struct{ used map[string]int }

// Generate implements parser.IDs.
func (a *anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(string(value))) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	if a.used == nil {
		a.used = map[string]int{}
	}
	id := b.String()
	n := a.used[id]
	a.used[id]++
	if n > 0 {
		id = fmt.Sprintf("%s-%d", id, n)
	}
	return []byte(id)
}

// Put implements parser.IDs; no text has ids of its own.
func (*anchors) Put([]byte) {}
