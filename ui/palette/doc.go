// Package palette is the window in which any action is found by a few letters of what it does, with the key that does it
// at once. It must not know what actions do. Start with New.
package palette
