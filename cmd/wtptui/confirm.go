package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/term"

	"wtptui/engine"
)

// confirmation is a question that a person answers at the terminal before something is done.
type confirmation struct {
	op  string
	yes bool // they have said so on the command line
	// question is what is asked, need what is told where nobody can be asked, and no what is told after a no.
	question, noTerminal, declined string
}

// confirm returns nil if a person at the terminal agrees, or has said so before.
func (c *client) confirm(ctx context.Context, q confirmation) error {
	if q.yes {
		return nil
	}
	if !isTerminalInput(c.stdin) {
		return usageError("%s", q.noTerminal)
	}
	fmt.Fprint(c.stderr, q.question+" [y/N] ")
	answer := make(chan string, 1)
	go func() { // A read of a terminal cannot be ended: it goes when the program does.
		line, _ := bufio.NewReader(c.stdin).ReadString('\n')
		answer <- line
	}()
	select {
	case <-ctx.Done():
		return interruptedError(ctx, q.op)
	case line := <-answer:
		if isYes(line) {
			return nil
		}
	}
	return &engine.Error{Op: q.op, Kind: engine.Refused, Msg: q.declined}
}

// agrees reports whether what a person typed is a yes.
func isYes(line string) bool {
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}

// isTerminalInput reports whether a person types what is read from r.
func isTerminalInput(r io.Reader) bool {
	f, ok := r.(term.File)
	return ok && term.IsTerminal(f.Fd())
}
