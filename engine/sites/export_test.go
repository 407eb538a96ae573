package sites

import (
	"path/filepath"
	"strings"
	"testing"

	"wtptui/engine"
)

func TestExport(t *testing.T) {
	b := start(t)
	f := newFolder(t, map[string]string{"index.html": "one", "deep/er/x": "x", "empty": ""})
	p := b.publish(engine.PublishRequest{Dir: f.dir})
	out := filepath.Join(t.TempDir(), "new", "copy")
	if err := b.Export(t.Context(), p.Host, out); err != nil {
		t.Fatal(err)
	}
	again := b.publish(engine.PublishRequest{Dir: out, DryRun: true})
	if again.Files != 3 || again.Size != p.Size {
		t.Errorf("the copy: %+v", again)
	}
	if err := b.Export(t.Context(), p.Host, out); engine.KindOf(err) != engine.Conflict {
		t.Errorf("over a folder that is not empty: %v", err)
	}
	if err := b.Export(t.Context(), p.Host, "x"); engine.KindOf(err) != engine.Invalid {
		t.Errorf("to a relative path: %v", err)
	}
	b.add(hashB)
	if err := b.Export(t.Context(), hashB, out+"2"); engine.KindOf(err) != engine.NotReady {
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

func TestProbeVerdicts(t *testing.T) {
	b := start(t)
	f := newFolder(t, map[string]string{"index.html": "one"})
	p := b.publish(engine.PublishRequest{Dir: f.dir})
	good, bad := engine.ReachWay{OK: true, Peers: 1}, engine.ReachWay{Why: "no tracker answers"}
	for want, reach := range map[string]map[bool]engine.ReachWay{
		"browsers and torrent clients can load it": {true: good, false: good},
		"only torrent clients can load it":         {true: bad, false: good},
		"browsers can load it; torrent clients":    {true: good, false: bad},
		"nobody can load it: no tracker answers":   {true: bad, false: bad},
	} {
		b.world.mu.Lock()
		b.world.reach = reach
		b.world.mu.Unlock()
		r, err := b.Probe(t.Context(), p.Host)
		if err != nil || !strings.HasPrefix(r.Verdict, want) || r.WebRTC != reach[true] || r.TCP != reach[false] {
			t.Errorf("%+v, %v, want %q", r, err, want)
		}
	}
	b.do(engine.Pause, p.Host)
	if _, err := b.Probe(t.Context(), p.Host); engine.KindOf(err) != engine.Conflict {
		t.Errorf("paused: %v", err)
	}
}
