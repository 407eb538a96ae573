// Package settings is the window in which the screen is set up: what is changed is seen at once and kept. It must not
// know what the settings are. Start with Pane.
package settings
