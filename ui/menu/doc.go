// Package menu is the window of a few things to choose from, each with a letter of its own. It must not know what they
// do. Start with New.
package menu
