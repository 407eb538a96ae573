// Package overssh makes a line to the control socket of another machine with that machine's ssh server and this one's
// own ssh command, so that everything that works for ssh (keys, agents, jump hosts, ~/.ssh/config) works here, and the
// other machine needs no setting but a wtptui in its PATH.
//
// It knows how to run ssh and what its failures mean. It must not know what goes over the line.
//
// Start with Open.
package overssh
