package main

import (
	"fmt"
	"io"

	"github.com/charmbracelet/x/term"

	"wtptui/engine"
)

// progress is one line that changes while a person waits. Without a terminal nothing is written.
type progress struct{ w io.Writer }

func newProgress(w io.Writer) progress {
	if f, ok := w.(term.File); !ok || !term.IsTerminal(f.Fd()) {
		w = io.Discard
	}
	return progress{w}
}

const eraseLine = "\r\x1b[K"

func (p progress) show(s engine.Site) {
	fmt.Fprintf(p.w, "%s%.40s  %s  %s of %s  %s  %s", eraseLine, s.Host, s.State, formatPercent(s.Done()),
		formatBytes(s.Size), formatRate(s.DownRate), pluralize(s.Peers, "peer"))
}

func (p progress) clear() { fmt.Fprint(p.w, eraseLine) }
