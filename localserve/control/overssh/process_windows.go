package overssh

import "os/exec"

// canMultiplex reports whether a running ssh takes further requests over a control socket; that of Windows does not.
const canMultiplex = false

// detachFromTerminal does nothing: with BatchMode, ssh does not ask for anything.
func detachFromTerminal(*exec.Cmd) {}
