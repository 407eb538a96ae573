package command

import "os/exec"

// setProcessGroup, terminateGroupOnCancel and killGroup do nothing: Windows has no process groups, and only the
// process itself is killed.
func setProcessGroup(*exec.Cmd)        {}
func terminateGroupOnCancel(*exec.Cmd) {}
func killGroup(*exec.Cmd)              {}
