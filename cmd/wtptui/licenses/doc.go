// Package licenses knows what is linked in wtptui, under which licenses, and the notices that have to go with every
// copy of the program.
//
// All of it is in notices.txt, which can be given to people as it is. go test ./cmd/wtptui/licenses -update writes that
// file, from the modules that a build for any of our systems links and from the license files in them. The test fails
// if a module is new, gone or of another version, or if its license is unknown or not one that we may use.
//
// The package does not know the command line, nor what the running binary itself says of its modules. Start with
// licenses.go for what is read, and with collect_test.go for how it is written.
package licenses
