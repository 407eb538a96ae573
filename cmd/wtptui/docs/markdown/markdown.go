package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extensionast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"wtptui/cmd/wtptui/docs/document"
)

// Parse returns the blocks of a Markdown text. HTML, including comments, is left out.
func Parse(markdown string) document.Blocks {
	p := parser.NewParser(
		parser.WithBlockParsers(parser.DefaultBlockParsers()...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(append(parser.DefaultParagraphTransformers(),
			util.Prioritized(extension.NewTableParagraphTransformer(), 200))...),
		parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
	)
	source := source(markdown)
	return source.blocks(p.Parse(text.NewReader(source)))
}

// source is the text to which the nodes of a tree refer.
type source []byte

// blocks returns the blocks below a node.
func (s source) blocks(parent ast.Node) document.Blocks {
	var all document.Blocks
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if b := s.block(n); b != nil {
			all = append(all, b)
		}
	}
	return all
}

// block returns the block for a node; nil for HTML and rules, which not every output supports.
func (s source) block(n ast.Node) document.Block {
	switch n := n.(type) {
	case *ast.Heading:
		return document.Heading{Level: n.Level, Text: s.inlineText(n)}
	case *ast.Paragraph, *ast.TextBlock:
		return document.Paragraph{Text: s.inlineText(n)}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		return document.Code{Text: s.codeText(n)}
	case *ast.Blockquote:
		return document.Quote{Blocks: s.blocks(n)}
	case *ast.List:
		list := document.List{Start: n.Start, Tight: n.IsTight}
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			list.Items = append(list.Items, s.blocks(item))
		}
		return list
	case *extensionast.Table:
		return s.table(n)
	}
	return nil
}

func (s source) codeText(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(s))
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (s source) table(n *extensionast.Table) document.Table {
	var t document.Table
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []document.Line
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, s.inlineText(cell))
		}
		if _, ok := row.(*extensionast.TableHeader); ok {
			t.Head = cells
			continue
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// inlineText returns the running text below a node.
func (s source) inlineText(n ast.Node) document.Line {
	var l document.Line
	s.appendSpans(n, document.Span{}, &l)
	return l
}

// appendSpans appends the spans below a node. like has the style and link of the node.
func (s source) appendSpans(parent ast.Node, like document.Span, l *document.Line) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		span := like
		switch n := n.(type) {
		case *ast.Text:
			span.Text = s.text(n, like.Style)
			if n.SoftLineBreak() {
				span.Text += " "
			}
			appendSpan(l, span)
			if n.HardLineBreak() {
				appendSpan(l, document.Span{Style: document.Break})
			}
			continue
		case *ast.String:
			span.Text = string(n.Value)
			appendSpan(l, span)
			continue
		case *ast.AutoLink:
			span.Text, span.Link = string(n.Label(s)), string(n.URL(s))
			appendSpan(l, span)
			continue
		case *ast.CodeSpan:
			span.Style = document.Literal
		case *ast.Emphasis:
			span.Style = document.Emphasis
			if n.Level == 2 {
				span.Style = document.Strong
			}
		case *ast.Link:
			span.Link = string(n.Destination)
		}
		s.appendSpans(n, span, l) // The children of an image are its alternative text.
	}
}

// text returns the text of a node: unchanged in code, otherwise without the escapes and entities of Markdown.
func (s source) text(n *ast.Text, style document.Style) string {
	value := n.Value(s)
	if style == document.Literal || n.IsRaw() {
		return strings.ReplaceAll(string(value), "\n", " ")
	}
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(value))))
}

// appendSpan appends a span. A span with the same style and link as the last one is joined with it.
func appendSpan(l *document.Line, s document.Span) {
	if n := len(*l); n > 0 && s.Style != document.Break && (*l)[n-1].Style == s.Style && (*l)[n-1].Link == s.Link {
		(*l)[n-1].Text += s.Text
		return
	}
	*l = append(*l, s)
}
