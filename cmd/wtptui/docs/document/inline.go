package document

import "strings"

// Inline returns running text that a program has written: text in backticks is literal, and nothing else has a
// meaning.
func Inline(text string) Line {
	var l Line
	for i, part := range strings.Split(text, "`") {
		style := Plain
		if i%2 == 1 {
			style = Literal
		}
		if part != "" {
			l = append(l, Span{Text: part, Style: style})
		}
	}
	return l
}
