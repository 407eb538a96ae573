// Command packaging builds what is given to people: a static binary of wtptui for each system and processor, with a
// bill of its materials, Debian packages of those for Linux, the notices of what is linked, and checksums. The same
// source and version give the same bytes, wherever and whenever they are built, by whomever: nothing of the machine, the
// user or the clock gets into them.
//
// It must not know wtptui: what it needs of it (the man page, completions, licenses) it gets from the binary that it
// has built.
//
// Start with main.go. `make dist` runs it.
package main
