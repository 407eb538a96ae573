// Package bin is the window of evicted and removed sites that can be brought back. It must not know the engine: what it
// shows and what it does are passed to it as functions.
//
// Start with Window.
package bin
