// Package columns knows the columns of the site table: which there are, which a person has chosen and in which order,
// and which of them fit into a width. It must not know sites or how a cell is drawn. Start with Set and Fit.
package columns
