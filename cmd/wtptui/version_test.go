package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

func TestDescribeBuild(t *testing.T) {
	t.Parallel()
	const revision = "9c12003a1b2c3d4e5f60718293a4b5c6d7e8f901"
	at := engine.At(time.Date(2026, 11, 30, 1, 2, 3, 0, time.UTC))
	checkout := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{
			{Key: "GOOS", Value: "plan9"},
			{Key: "vcs.revision", Value: revision},
			{Key: "vcs.time", Value: "2026-11-30T01:02:03Z"},
			{Key: "vcs.modified", Value: modified},
		}
	}
	for _, c := range []struct {
		name                       string
		release, commit, committed string
		settings                   []debug.BuildSetting
		want                       build
		prints                     string
	}{
		{
			name: "nothing known", want: build{Version: "unreleased"}, prints: "wtptui unreleased\n",
		},
		{
			name: "a checkout", settings: checkout("false"),
			want:   build{Version: "unreleased-9c12003a1b2c", Commit: revision, Committed: at},
			prints: "wtptui unreleased-9c12003a1b2c\ncommit     " + revision + "\ncommitted  2026-11-30T01:02:03Z\n",
		},
		{
			name: "a checkout with changes", settings: checkout("true"),
			want: build{Version: "unreleased-9c12003a1b2c+changes", Commit: revision, Changed: true, Committed: at},
			prints: "wtptui unreleased-9c12003a1b2c+changes\ncommit     " + revision + " with changes\n" +
				"committed  2026-11-30T01:02:03Z\n",
		},
		{
			name: "a release", release: "1.2.3", commit: revision, committed: "2026-11-30T02:02:03+01:00",
			want:   build{Version: "1.2.3", Released: true, Commit: revision, Committed: at},
			prints: "wtptui 1.2.3\ncommit     " + revision + "\ncommitted  2026-11-30T01:02:03Z\n",
		},
		{
			name: "a release out of an archive", release: "1.2.3", settings: checkout("false"),
			want: build{Version: "1.2.3", Released: true}, prints: "wtptui 1.2.3\n",
		},
		{
			name: "a release with changes", release: "1.2.3", commit: revision + "+changes",
			want:   build{Version: "1.2.3", Released: true, Commit: revision, Changed: true},
			prints: "wtptui 1.2.3\ncommit     " + revision + " with changes\n",
		},
	} {
		c.want.Go, c.want.System, c.want.Processor = runtime.Version(), runtime.GOOS, runtime.GOARCH
		got := describeBuild(c.release, c.commit, c.committed, c.settings)
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
		var out strings.Builder
		got.print(&out)
		if !strings.HasPrefix(out.String(), c.prints+"go ") {
			t.Errorf("%s prints\n%swant\n%s", c.name, &out, c.prints)
		}
	}
}
