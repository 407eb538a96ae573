// Package notice is the window that shows an address to be read, copied or typed elsewhere. Start with Pane.
package notice
