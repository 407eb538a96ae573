// Package emulator is a terminal for tests: what a program writes to it becomes the screen that a person would see, and
// what the program asks it is answered.
//
// It knows how to use github.com/charmbracelet/x/vt, and how to do so from several goroutines. It must not know which
// program is tested. Start with New.
package emulator
