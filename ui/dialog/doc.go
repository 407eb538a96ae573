// Package dialog has the two kinds of windows that are drawn over the screen: a List of lines to choose from, and a
// Form that shows something and takes one answer.
//
// It must not know what is chosen or asked: what a window does is passed to it as functions. Start with List in list.go
// and with NewQuestion, NewAddress and NewEntry.
package dialog
