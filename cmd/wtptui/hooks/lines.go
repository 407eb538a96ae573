package hooks

import (
	"bytes"
	"fmt"

	"wtptui/engine"
)

// The limits of the output that is logged: bytes a line, and lines a run.
const (
	maxLineBytes = 1000
	maxLines     = 200
)

// lineWriter splits the output of a command into lines, cleans them, and passes each to emit.
type lineWriter struct {
	emit    func(line string)
	partial []byte // the start of a line that is not complete
	count   int
}

// Write implements io.Writer. It never fails: much output must not end a command.
func (l *lineWriter) Write(p []byte) (int, error) {
	n := len(p)
	for {
		line, rest, ended := bytes.Cut(p, []byte("\n"))
		if room := maxLineBytes - len(l.partial); room > 0 {
			l.partial = append(l.partial, line[:min(len(line), room)]...)
		}
		if !ended {
			return n, nil
		}
		l.flush()
		p = rest
	}
}

// flush emits the current line.
func (l *lineWriter) flush() {
	if len(l.partial) > 0 && l.count <= maxLines {
		line := engine.Clean(string(l.partial))
		if l.count == maxLines {
			line = fmt.Sprintf("(it says more than %d lines)", maxLines)
		}
		l.emit(line)
		l.count++
	}
	l.partial = l.partial[:0]
}
