package companion_test

import (
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Mozilla signs what its linter accepts. The only notice is that Firefox does not know a key that Chromium needs.
func TestExtensionPassesMozillasLinter(t *testing.T) {
	t.Parallel()
	r := newReader(t)
	l := peers.LintExtension(t, r.extension)
	for _, f := range append(append(l.Errors, l.Warnings...), l.Notices...) {
		if f.Code != "BACKGROUND_SERVICE_WORKER_IGNORED" {
			t.Errorf("%+v", f)
		}
	}
}
