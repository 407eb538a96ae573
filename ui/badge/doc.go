// Package badge shows a site's state as a glyph, a word and a colour, so that each alone is enough, and its name and
// its problem as text. It must not know panes. Start with ForSite.
package badge
