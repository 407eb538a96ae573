// Package trackers is the pane of the trackers to which a site is announced. It must not know how they are asked. Start
// with Pane.
package trackers
