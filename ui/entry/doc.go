// Package entry is the window in which one line is typed: a limit, the name of a view. It must not know what becomes of
// it. Start with New.
package entry
