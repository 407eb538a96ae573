// Package labels is the window in which sites get labels: those that there are, how many of the sites have each, and a
// line in which a new one is typed. It knows sites and assignments (package engine), and must not know who carries them
// out. Start with New.
package labels
