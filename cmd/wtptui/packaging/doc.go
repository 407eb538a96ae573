// Command packaging builds the files of a release: a static binary of wtptui for each system and processor, a bill of
// materials (CycloneDX) and an archive with each, packages for Debian, Fedora, Arch Linux and Alpine (deb, rpm,
// pkg.tar.zst, apk), an installer, the manifests of other package managers, and the checksums of everything, signed if
// a key is given. Builds are reproducible: the same source, version and date result in the same bytes, independent of
// the machine, the user and the clock. A signature is not part of the checksums.
//
// It must not know wtptui: what it needs (the man pages, completions, licenses) is printed by the binary that it has
// built. What is shipped is one table, in contents.go; readme.go adapts the README for archives.
//
// The packages are made by nfpm, from one description (nfpm.yaml) and with one date for all files. nfpm is built from a
// module of its own, nfpm/go.mod.
//
// No URL is invented: unless the URL of the published files is given, there are no manifests, and the installer has to
// be told it.
//
// Start with main.go. `make dist` runs it.
package main
