package hooks

import (
	"bytes"
	"fmt"

	"wtptui/engine"
)

// The bounds of what a command may say into the log: a line has so many bytes, and one run so many lines.
const (
	longestLine = 1000
	mostLines   = 200
)

// lines takes what a command says apart into lines, which are clean.
type lines struct {
	say  func(line string)
	rest []byte // the beginning of a line whose end has not come
	n    int
}

// Write implements io.Writer. It never fails: a command is not to end because it says much.
func (l *lines) Write(p []byte) (int, error) {
	n := len(p)
	for {
		line, rest, ended := bytes.Cut(p, []byte("\n"))
		if room := longestLine - len(l.rest); room > 0 {
			l.rest = append(l.rest, line[:min(len(line), room)]...)
		}
		if !ended {
			return n, nil
		}
		l.end()
		p = rest
	}
}

// end ends the line that has begun.
func (l *lines) end() {
	if len(l.rest) > 0 && l.n <= mostLines {
		line := engine.Clean(string(l.rest))
		if l.n == mostLines {
			line = fmt.Sprintf("(it says more than %d lines)", mostLines)
		}
		l.say(line)
		l.n++
	}
	l.rest = l.rest[:0]
}
