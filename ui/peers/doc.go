// Package peers is the pane of a site's connected peers. It must not know where they come from. Start with Pane.
package peers
