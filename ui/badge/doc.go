// Package badge says how a site's state is shown: a glyph, a word and a colour, so that each alone is enough. It must
// not know panes. Start with ForSite.
package badge
