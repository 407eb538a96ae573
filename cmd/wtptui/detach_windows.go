package main

import "os/exec"

// detach does nothing: on Windows a program survives the console of the program that has started it.
func detach(*exec.Cmd) {}
