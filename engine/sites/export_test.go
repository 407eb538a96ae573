package sites

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wtptui/engine"
)

func TestExportWritesTheSite(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one", "deep/er/x": "x", "empty": ""})
	p := b.publish(engine.PublishRequest{Dir: f.dir})
	out := filepath.Join(t.TempDir(), "new", "copy")
	if err := b.Export(t.Context(), p.Host, engine.ExportRequest{Dir: out}); err != nil {
		t.Fatal(err)
	}
	again := b.publish(engine.PublishRequest{Dir: out, DryRun: true})
	if again.Files != 3 || again.Size != p.Size {
		t.Errorf("the copy: %+v", again)
	}
	if err := b.Export(t.Context(), p.Host, engine.ExportRequest{Dir: out}); engine.KindOf(err) != engine.Conflict {
		t.Errorf("over a folder that is not empty: %v", err)
	}
	if err := b.Export(t.Context(), p.Host, engine.ExportRequest{Dir: "x"}); engine.KindOf(err) != engine.Invalid {
		t.Errorf("to a relative path: %v", err)
	}
	b.addSite(hashB)
	if err := b.Export(t.Context(), hashB, engine.ExportRequest{Dir: out + "2"}); engine.KindOf(err) != engine.NotReady {
		t.Errorf("of a site that is not complete: %v", err)
	}
	if _, err := b.Metainfo(t.Context(), hashB); engine.KindOf(err) != engine.NotReady {
		t.Errorf("metainfo of a site that is not known: %v", err)
	}
	data, err := b.Metainfo(t.Context(), p.Host)
	if err != nil || !strings.Contains(string(data), "my-site") {
		t.Errorf("metainfo %q, %v", data, err)
	}
}

// Files that programs obey are exported only if the person asks for them, and names that deceive never are.
func TestExportTreatsDeceptiveNames(t *testing.T) {
	for _, tc := range []struct {
		name string
		// refused is what is said without and with dotfiles, or empty for a site that is written.
		without, with string
	}{
		{"a.html", "", ""},
		{".well-known/security.txt", "", ""},
		{".htaccess", "may obey: .htaccess: nothing was written, and --dotfiles writes them too", ""},
		{"deep/.git/config", "obey: deep/.git/config", ""},
		{"a\nb", `its file "a\nb" has control characters`, `its file "a\nb" has control characters`},
		{".\x1b[2J", `its file ".\x1b[2J"`, `its file ".\x1b[2J"`},
		{"a\u202egnp.exe", `its file "a\u202egnp.exe"`, `its file "a\u202egnp.exe"`},
	} {
		b := startFixture(t)
		b.swarm.seed(hashA, 2)
		b.swarm.sources[hashA].Files[0].Path = strings.Split(tc.name, "/")
		b.addSite(hashA)
		b.waitFor(hashA, "seeding", func(s engine.Site) bool { return s.State == engine.Seeding })
		for _, dotfiles := range []bool{false, true} {
			parent := t.TempDir()
			err := b.Export(t.Context(), hashA, engine.ExportRequest{Dir: filepath.Join(parent, "out"), Dotfiles: dotfiles})
			want := tc.without
			if dotfiles {
				want = tc.with
			}
			if want == "" {
				if err != nil {
					t.Errorf("%q, dotfiles %t: %v", tc.name, dotfiles, err)
				}
				continue
			}
			if engine.KindOf(err) != engine.Refused || !strings.Contains(engine.Message(err), want) {
				t.Errorf("%q, dotfiles %t: %v, want %q", tc.name, dotfiles, err, want)
			}
			if left, _ := os.ReadDir(parent); len(left) > 0 {
				t.Errorf("%q, dotfiles %t: it left %v", tc.name, dotfiles, left)
			}
		}
	}
}

func TestProbeVerdictsNameWhoCanLoad(t *testing.T) {
	b := startFixture(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	p := b.publish(engine.PublishRequest{Dir: f.dir})
	good, bad := engine.ReachWay{OK: true, Peers: 1}, engine.ReachWay{Why: "no tracker answers"}
	for want, reach := range map[string]map[bool]engine.ReachWay{
		"browsers and torrent clients can load it": {true: good, false: good},
		"only torrent clients can load it":         {true: bad, false: good},
		"browsers can load it; torrent clients":    {true: good, false: bad},
		"nobody can load it: no tracker answers":   {true: bad, false: bad},
	} {
		b.swarm.mu.Lock()
		b.swarm.reach = reach
		b.swarm.mu.Unlock()
		r, err := b.Probe(t.Context(), p.Host)
		if err != nil || !strings.HasPrefix(r.Verdict, want) || r.WebRTC != reach[true] || r.TCP != reach[false] {
			t.Errorf("%+v, %v, want %q", r, err, want)
		}
	}
	b.doVerb(engine.Pause, p.Host)
	if _, err := b.Probe(t.Context(), p.Host); engine.KindOf(err) != engine.Conflict {
		t.Errorf("paused: %v", err)
	}
}
