package command

import "os/exec"

// group has nothing to do: only the process itself is ended, since Windows has no process groups.
func group(*exec.Cmd) {}

// endGroup has nothing to do either.
func endGroup(*exec.Cmd) {}
