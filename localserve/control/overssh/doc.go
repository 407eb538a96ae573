// Package overssh connects to the control socket of another machine through that machine's ssh server, with the ssh
// command of this one. So everything that works for ssh (keys, agents, jump hosts, ~/.ssh/config) works here, and the
// other machine only needs a wtptui in its PATH.
//
// It knows how to run ssh and what its failures mean. It must not know what is sent over the connection.
//
// Start with Dial.
package overssh
