// Package sections is a set of panes of which one is shown at a time, with a line of tabs: the common part of inspector
// and site page. It must not know the panes. Start with Set.
package sections
