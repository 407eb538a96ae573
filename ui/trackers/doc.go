// Package trackers is the pane of the trackers that are asked for a site. It must not know how they are asked. Start
// with Pane.
package trackers
