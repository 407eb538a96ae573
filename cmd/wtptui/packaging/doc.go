// Command packaging builds what is given to people: a static binary of wtptui for each system and processor, a bill of
// materials (CycloneDX) and an archive with each, packages for Debian, Fedora, Arch Linux and Alpine (deb, rpm,
// pkg.tar.zst, apk), an installer, the manifests of other package managers, and the checksums of everything, signed if
// there is a key. The same source, version and date give the same bytes, wherever and whenever they are built, by
// whomever: nothing of the machine, the user or the clock gets into them, and a signature is no part of what is summed
// up.
//
// It must not know wtptui: what it needs of it (the man pages, completions, licenses) it gets from the binary that it
// has built. What is shipped is one table, in contents.go.
//
// The packages are made by nfpm, from one description (nfpm.yaml) and with one date for all that is in them. nfpm is
// a program that is built from a module of its own, nfpm/go.mod.
//
// No URL is invented: where nobody says where the files are published, there are no manifests, and the installer has to
// be told.
//
// Start with main.go. `make dist` runs it.
package main
