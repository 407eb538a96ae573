// Package peers is the pane of a site's connected peers. It must not know how they were found. Start with Pane.
package peers
