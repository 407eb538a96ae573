package control_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// TestBackupReportsLateFailure promises that Backup returns the error that occurred after a part of the backup was
// sent.
func TestBackupReportsLateFailure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		kind engine.Kind
		says string
	}{
		"an error":           {"it is too large: 小さく", engine.TooLarge, "it is too large: 小さく"},
		"a long error":       {strings.Repeat("<", 4000), engine.Unavailable, "gone away"},
		"one of line breaks": {"a\nb", engine.TooLarge, "a b"},
	} {
		path := serveProgram(t, control.Program{Backup: func(_ context.Context, to io.Writer, _ bool) error {
			if _, err := to.Write(make([]byte, 1<<20)); err != nil {
				return err
			}
			return &engine.Error{Op: "backup", Kind: engine.TooLarge, Msg: test.text}
		}})
		err := dial(t, path).Backup(t.Context(), io.Discard, true)
		if engine.KindOf(err) != test.kind || !strings.Contains(engine.Message(err), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
