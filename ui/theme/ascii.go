package theme

import (
	"math/bits"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// asciiSigns are the ASCII spellings of all signs that the panes draw, one cell each. States stay apart from each
// other: they have a word as well, and a letter where there is no room for the word.
var asciiSigns = map[rune]byte{
	'●': '*', '○': 'o', '◌': '.', '▸': '>', '★': '*', '◷': 'c', '↓': 'v', '↑': '^', '⌂': 'm', '◇': 'd', '✗': 'x', '✓': '+',
	'‖': '=', '⟳': '~', '⚠': '!', '?': '?', '▼': 'v', '▲': '^', '▰': '#', '▱': '.', '–': '-', '…': '~', '·': '.',
	'↵': '<', '←': '<', '→': '>', '─': '-', '│': '|', '╭': '+', '╮': '+', '╰': '+', '╯': '+', '├': '+', '└': '+',
	'▏': '_', '█': '#', '▓': '%', '▒': '%', '▄': '=', '░': '.', '×': 'x', '⇡': '^', '⇣': 'v', '“': '"', '”': '"',
	'≥': '>', '≤': '<', '┃': '|',
	'—': '-', '‹': '<', '›': '>',
}

// asciiKeys spells out the keys that have no sign of their own in ASCII.
var asciiKeys = strings.NewReplacer("↵", "enter", "↑", "up", "↓", "down", "←", "left", "→", "right")

// asciiArrows spells out the arrows of directions, in headings of columns and alone, so that a screen reader can read
// them.
var asciiArrows = strings.NewReplacer("▼/s", "down/s", "▲/s", "up/s", "▼ all", "down", "▲ all", "up", "▼", "down", "▲",
	"up")

// SpellArrows returns a text with words for the arrows of down and up in ASCII, and unchanged otherwise.
func (t *Theme) SpellArrows(text string) string {
	if !t.ASCII {
		return text
	}
	return asciiArrows.Replace(text)
}

// Rule returns a line of w cells; blank in ASCII, where a screen reader would read every hyphen.
func (t *Theme) Rule(w int) string {
	if t.ASCII {
		return strings.Repeat(" ", max(w, 0))
	}
	return strings.Repeat("─", max(w, 0))
}

// asciiDots are the ASCII signs for braille patterns with none to eight dots.
const asciiDots = " ..::--=="

// ASCII rewrites a finished frame, styles included, with ASCII alone and the same widths. A sign without a spelling is
// part of foreign text: it becomes question marks.
func ASCII(frame string) string {
	plain := true
	for i := range len(frame) {
		if frame[i] >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return frame
	}
	var b strings.Builder
	b.Grow(len(frame))
	for _, r := range frame {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case asciiSigns[r] != 0:
			b.WriteByte(asciiSigns[r])
		case r >= 0x2800 && r <= 0x28ff:
			b.WriteByte(asciiDots[bits.OnesCount8(uint8(r-0x2800))])
		default:
			b.WriteString(strings.Repeat("?", ansi.StringWidth(string(r))))
		}
	}
	return b.String()
}
