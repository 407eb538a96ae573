// Package register makes a program this user's handler of wtp: links, and takes that back: a desktop entry (XDG), keys
// of the user's part of the registry (Windows), or an app bundle (macOS).
//
// It knows how each desktop keeps handlers. It must not know what the program does with an address; whatever a web page
// or a mail has in a link arrives there as its last argument, after "--", and has to be taken for foreign text.
//
// Start with Handler in handler.go; handler_xdg.go, handler_windows.go and handler_darwin.go are the three desktops.
package register
