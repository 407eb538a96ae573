package overssh

import "os/exec"

// canMultiplex reports whether ssh can be asked for more while it runs; the one of Windows cannot.
const canMultiplex = false

// detachFromTerminal has nothing to do: with BatchMode, ssh asks nothing.
func detachFromTerminal(*exec.Cmd) {}
