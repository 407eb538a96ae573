// Package requests is the pane of the latest requests of browsers to a site, and of why they took as long as they did.
// It must not know HTTP. Start with Pane.
package requests
