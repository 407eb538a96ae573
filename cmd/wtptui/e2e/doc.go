// Package e2e holds the end-to-end tests: the wtptui binary, seen only through its command line, its HTTP server and
// its screen, among real and independent peers, with sites that are the same everywhere. Its sub-package peers starts
// all of them, emulator is the terminal, keys has the tests of sites under keys, and companion those of the extension.
//
// newcomer_linux_test.go does what the README says, on a machine that has nothing but the program.
// serve_test.go is a visitor's first minute, visitor_test.go what the visitor gives back, life_test.go how sites come
// and go, restart_test.go how they survive restarts and crashes. The dashboard_*_test.go are the same in a terminal
// (terminal_test.go), and how that is left. badinput_test.go and faults_test.go are everything that goes wrong.
// interop_test.go is every client that people use, both ways. web_*_test.go are browsers as peers, browser_*_test.go
// and nginx_*_test.go what people see in one. doctor_test.go, metrics_test.go, pinlist_test.go and register_test.go
// are what the operator of a machine has. pebble_test.go is certificates from a real ACME server, proxies_test.go the
// reverse proxies that may stand before a public listener. hometracker_*_test.go are the tracker of a home, among
// clients that have no other. loader_*_test.go are visitors of a home, and of a static host, whose browsers open the
// site from its swarm. packages_*_test.go are what is given to people, installed and removed.
package e2e
