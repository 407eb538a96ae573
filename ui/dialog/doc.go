// Package dialog has the two kinds of windows that lie on the screen: a List of lines to choose from, and a Form that
// says something and takes one answer.
//
// It must not know what is chosen or asked: what a window causes is given to it as functions. Start with List in
// list.go and with Ask, ShowAddress and Enter in form.go.
package dialog
