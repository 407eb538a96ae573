// Package register makes a program this user's handler of wtp: links, and undoes that: with a desktop entry (XDG), keys
// in the user's part of the registry (Windows), or an app bundle (macOS). It does the same for the native host of the
// browser extension.
//
// It knows how each desktop stores handlers. It must not know what the program does with an address. Whatever a link in
// a web page or a mail contains is passed as the last argument, after "--", and must be treated as untrusted text.
//
// Start with Handler in handler.go; handler_xdg.go, handler_windows.go and handler_darwin.go are the three desktops.
// The browsers are in companion.go and the files named after it.
package register
