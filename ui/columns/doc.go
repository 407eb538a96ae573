// Package columns knows the columns of the site table: all that there are, which of them a person has chosen and in
// which order, and which fit into a width. It must not know sites or how a cell is drawn. Start with Set and Fit.
package columns
