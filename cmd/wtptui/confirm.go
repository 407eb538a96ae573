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
	yes bool // answered on the command line
	// question is asked at a terminal. noTerminal is the error if there is none, and declined the error after a no.
	question, noTerminal, declined string
}

// confirm returns nil if the person agrees, at the terminal or by a flag.
func (c *client) confirm(ctx context.Context, q confirmation) error {
	if q.yes {
		return nil
	}
	if !isTerminalInput(c.stdin) {
		return usageError("%s", q.noTerminal)
	}
	fmt.Fprint(c.stderr, q.question+" [y/N] ")
	answer := make(chan string, 1)
	go func() { // A read from a terminal cannot be cancelled. The goroutine ends with the program.
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

// isYes reports whether the typed line means yes.
func isYes(line string) bool {
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}

// isTerminalInput reports whether r is a terminal.
func isTerminalInput(r io.Reader) bool {
	f, ok := r.(term.File)
	return ok && term.IsTerminal(f.Fd())
}
