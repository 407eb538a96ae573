package command

import "os/exec"

// group, terminateGroup and endGroup have nothing to do: only the process itself is killed, since Windows has no
// process groups.
func group(*exec.Cmd)          {}
func terminateGroup(*exec.Cmd) {}
func endGroup(*exec.Cmd)       {}
