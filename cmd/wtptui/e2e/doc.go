// Package e2e holds the end-to-end tests: the wtptui binary, seen only through its command line, its HTTP server and
// its screen, among real and independent peers, with sites that are the same on every machine. Its sub-package peers
// starts all of them, emulator is the terminal, keys has the tests of sites under keys, and companion those of the
// extension.
//
// newcomer_linux_test.go follows the README on a machine that has nothing but the program. serve_test.go is a
// visitor's first minute, visitor_test.go the visitor as a seed, expiry_test.go the end of a site's cache period,
// restart_test.go restarts and crashes. The dashboard_*_test.go and tmux_*_test.go are the dashboard in a terminal
// (terminal_test.go). crash_*_test.go crash the program at any time, and compare what is left with what it
// acknowledged (ledger_*_test.go). badinput_test.go, faults_test.go and full_disk_test.go are what goes wrong.
//
// interop_test.go is every client that people use, both ways. web_*_test.go are browsers as peers, browser_*_test.go
// and nginx_*_test.go what people see in one. doctor_test.go, metrics_test.go, pinlist_test.go and register_test.go
// are for the operator of a machine. pebble_test.go is certificates from a real ACME server, proxies_test.go reverse
// proxies before a public listener, hometracker_*_test.go the tracker of a home, among clients that have no other.
// loader_*_test.go are visitors of a home, and of a static host, whose browsers open the site from its swarm.
// packages_*_test.go install and remove what is released.
package e2e
