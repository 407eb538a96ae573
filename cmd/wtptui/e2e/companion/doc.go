// Package companion holds the end-to-end tests of the browser extension: the wtptui binary, which writes the extension
// and is its native host, and the real Chromium and Firefox, each with a profile of its own.
//
// reader_test.go is a person with both; chromium_test.go and firefox_test.go are the browsers, and what they show.
// addresses_test.go is what is typed and clicked, keep_test.go how sites stay and how wtptui is started, and
// strangers_test.go who gets nothing.
package companion
