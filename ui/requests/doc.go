// Package requests is the pane of what browsers have asked of a site lately, and of why that took its time. It must not
// know HTTP. Start with Pane.
package requests
