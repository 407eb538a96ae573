// Package sections is a set of panes of which one is shown at a time, with a line of tabs: what inspector and site page
// have in common. It must not know the panes. Start with Set.
package sections
