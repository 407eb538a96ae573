// Package picker is the window in which the columns of the site table are chosen and put in order. What is changed is
// seen at once. Start with Pane.
package picker
