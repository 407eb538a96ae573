// Package licenses knows which modules are linked in wtptui, under which licenses, and the notices that must accompany
// every copy of the program.
//
// All of it is in notices.txt, which can be given to people as it is. `make generate` writes that file, from the
// modules that a build for any supported system links and from the license files in them. The test fails if a module
// was added, removed or updated, or if its license is unknown or not allowed.
//
// The package does not know the command line, nor the modules that the running binary reports. Start with licenses.go,
// which reads the file; collect_test.go is the start of what writes it.
package licenses
