package main

import (
	"os"

	"github.com/charmbracelet/x/term"
)

// terminal returns the terminal on which the dashboard draws.
func (e environment) terminal() (*os.File, error) {
	const instead = ": `wtptui serve` runs without one, `wtptui ls` shows the sites, " +
		"and `wtptui --help` lists the verbs for scripts"
	tty, ok := e.stdout.(*os.File)
	switch {
	case !ok || !term.IsTerminal(tty.Fd()):
		return nil, usageError("the dashboard needs a terminal" + instead)
	case e.getenv("TERM") == "dumb":
		return nil, usageError("the dashboard needs a terminal that can move its cursor (TERM is dumb)" + instead)
	}
	return tty, nil
}
