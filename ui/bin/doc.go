// Package bin is the window of what was evicted or removed and can come back. It must not know the engine: what it
// shows and what it does are given to it as functions.
//
// Start with Window.
package bin
