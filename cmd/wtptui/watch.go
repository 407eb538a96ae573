package main

import (
	"context"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"wtptui/engine"
)

// listing is a verb that prints something once, or again after every change.
type listing struct {
	json, watch bool
	// collect returns the value that JSON prints, and render writes it for people.
	collect func(ctx context.Context, eng engine.Engine, s engine.Snapshot) (any, error)
	render  func(w io.Writer, value any)
}

func (l *listing) flags(cmd *cobra.Command) {
	addJSONFlag(cmd, &l.json)
	cmd.Flags().BoolVar(&l.watch, "watch", false,
		"print again whenever something changes (with --json one document a line)")
}

// run prints to w once, or with --watch until ctx ends.
func (l *listing) run(ctx context.Context, w io.Writer, eng engine.Engine) error {
	if !l.watch {
		s, err := snapshot(ctx, eng)
		if err != nil {
			return err
		}
		v, err := l.collect(ctx, eng, s)
		if err != nil {
			return err
		}
		if l.json {
			return printJSON(w, v)
		}
		l.render(w, v)
		return nil
	}
	ch, err := eng.Watch(ctx)
	if err != nil {
		return err
	}
	to := newRepeater(w, l.json)
	for s := range ch {
		if err := l.printUpdate(ctx, eng, s, to); err != nil && ctx.Err() == nil {
			return err
		}
	}
	if ctx.Err() == nil {
		return engineStoppedError(ctx)
	}
	return nil // It was interrupted, which is how a watch ends.
}

func (l *listing) printUpdate(ctx context.Context, eng engine.Engine, s engine.Snapshot, to *repeater) error {
	v, err := l.collect(ctx, eng, s)
	if err != nil {
		return err
	}
	var text strings.Builder
	if l.json {
		err = printJSONLine(&text, v)
	} else {
		l.render(&text, v)
	}
	if err != nil {
		return err
	}
	return to.print(text.String())
}

// repeater prints a text again when it has changed. On a terminal it replaces the previous text; elsewhere the texts
// follow each other, separated by an empty line.
type repeater struct {
	w        io.Writer
	tty      term.File // nil if w is not a terminal
	oneLine  bool      // each text is one line
	previous string
}

func newRepeater(w io.Writer, single bool) *repeater {
	r := &repeater{w: w, oneLine: single}
	if f, ok := w.(term.File); ok && !single && term.IsTerminal(f.Fd()) {
		r.tty = f
	}
	return r
}

func (r *repeater) print(text string) error {
	if text == r.previous {
		return nil
	}
	first := r.previous == ""
	r.previous = text
	switch {
	case r.tty != nil:
		text = r.fit(text)
	case !first && !r.oneLine:
		text = "\n" + text
	}
	_, err := io.WriteString(r.w, text)
	return err
}

// fit returns a text that replaces the previous one, cut to the size of the terminal, which must not scroll.
func (r *repeater) fit(text string) string {
	width, height, err := term.GetSize(r.tty.Fd())
	if err != nil || width < 1 || height < 2 {
		width, height = 80, 24
	}
	const home, eraseToEnd, eraseBelow = "\x1b[H", "\x1b[K", "\x1b[J"
	var b strings.Builder
	b.WriteString(home)
	rows := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for _, row := range rows[:min(len(rows), height-1)] {
		b.WriteString(ansi.Truncate(row, width, "") + eraseToEnd + "\n")
	}
	return b.String() + eraseBelow
}
