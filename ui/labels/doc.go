// Package labels is the window in which labels are put on sites: all labels, how many of the sites have each, and a
// line in which a new one is typed. It knows sites and assignments (package engine), and must not know who carries them
// out. Start with New.
package labels
