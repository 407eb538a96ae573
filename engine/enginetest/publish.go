package enginetest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
)

func exportNeedsAKnownHost(t *testing.T, h Harness) {
	dir := filepath.Join(t.TempDir(), "out")
	for _, dotfiles := range []bool{false, true} {
		err := h.Engine.Export(t.Context(), h.Fetchable, engine.ExportRequest{Dir: dir, Dotfiles: dotfiles})
		wantKind(t, err, engine.NotFound)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a folder was made")
	}
}

// secretFolder returns a folder in which the check refuses files. The scripted engine knows it by its name.
func secretFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "secret-site")
	for name, content := range map[string]string{
		"index.html": "hello", "deploy/id_ed25519": "key",
		"old/store.p12": "keys",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// paths returns the paths of the findings for which wanted is true, sorted.
func paths(findings []engine.Finding, wanted func(engine.Finding) bool) []string {
	var out []string
	for _, f := range findings {
		if wanted(f) {
			out = append(out, f.Path)
		}
	}
	slices.Sort(out)
	return out
}

// publicURLIsRemembered: a PublicURL holds for later versions until it is removed.
func publicURLIsRemembered(t *testing.T, h Harness) {
	dir := secretFolder(t)
	first, err := h.Engine.Publish(t.Context(), engine.PublishRequest{Dir: dir, DryRun: true}, nil)
	wantKind(t, err, engine.Refused)
	leaveOut := paths(first.Findings, refused)
	for _, step := range []struct {
		kind      engine.Kind
		url, want string
	}{
		{engine.None, "", ""},
		{engine.Invalid, "ftp://me.example/", ""},
		{engine.None, "https://me.example/site", "https://me.example/site/"},
		{engine.None, "", "https://me.example/site/"},
		{engine.None, engine.NoPublicURL, ""},
	} {
		p, err := h.Engine.Publish(t.Context(), engine.PublishRequest{Dir: dir, LeaveOut: leaveOut, PublicURL: step.url}, nil)
		wantKind(t, err, step.kind)
		if err != nil {
			continue
		}
		d, err := h.Engine.Detail(t.Context(), p.Host)
		if err != nil || d.Site.PublicURL != step.want {
			t.Fatalf("after %q it is at %q, %v, want %q", step.url, d.Site.PublicURL, err, step.want)
		}
		waitForSite(t, h, p.Host, "at "+step.want, func(s engine.Site) bool { return s.PublicURL == step.want })
	}
}

func refused(f engine.Finding) bool { return f.Choice == engine.ChoiceRefuse }

// publishingAgainRemembers: paths that were left out or kept stay so for later versions, until a request is Fresh.
func publishingAgainRemembers(t *testing.T, h Harness) {
	dir := secretFolder(t)
	publish := func(kind engine.Kind, req engine.PublishRequest) engine.Publication {
		t.Helper()
		req.Dir = dir
		p, err := h.Engine.Publish(t.Context(), req, nil)
		wantKind(t, err, kind)
		return p
	}
	p := publish(engine.Refused, engine.PublishRequest{DryRun: true})
	decide := paths(p.Findings, refused)
	if len(decide) < 2 {
		t.Fatalf("too little is refused: %+v", p.Findings)
	}
	leaveOut, keep := decide[1:], decide[:1]
	p = publish(engine.None, engine.PublishRequest{LeaveOut: leaveOut, Keep: keep})
	d, err := h.Engine.Detail(t.Context(), p.Host)
	if err != nil {
		t.Fatal(err)
	}
	from := d.Published
	if from.Dir != dir || from.InPlace || from.At.IsZero() ||
		cmp.Diff(from.LeaveOut, leaveOut)+cmp.Diff(from.Keep, keep) != "" {
		t.Fatalf("published from %+v, want %s without %v and with %v", from, dir, leaveOut, keep)
	}
	again := publish(engine.None, engine.PublishRequest{DryRun: true})
	before := paths(again.Findings, func(f engine.Finding) bool { return f.AsBefore && f.Choice == engine.ChoiceLeaveOut })
	if diff := cmp.Diff(leaveOut, before); diff != "" {
		t.Fatalf("left out as before (-want +got):\n%s", diff)
	}
	if len(again.Ignore) != len(leaveOut) {
		t.Fatalf("lines for .wtpignore: %v, want one for each of %v", again.Ignore, leaveOut)
	}
	if again.AddedCount != len(again.Added) || again.ChangedCount != len(again.Changed) ||
		again.RemovedCount != len(again.Removed) {
		t.Errorf("%d, %d and %d are counted of %+v", again.AddedCount, again.ChangedCount, again.RemovedCount, again)
	}
	if len(again.AddedSizes) != len(again.Added) || len(again.ChangedSizes) != len(again.Changed) ||
		len(again.RemovedSizes) != len(again.Removed) {
		t.Fatalf("a size is missing: %+v", again)
	}
	p = publish(engine.Refused, engine.PublishRequest{DryRun: true, Fresh: true, Keep: keep})
	if diff := cmp.Diff(leaveOut, paths(p.Findings, refused)); diff != "" {
		t.Fatalf("refused afresh (-want +got):\n%s", diff)
	}
	// What the folder itself leaves out need not be remembered.
	publish(engine.None, engine.PublishRequest{WriteIgnore: true})
	ignored := func(f engine.Finding) bool { return f.Code == engine.FindingIgnored }
	p = publish(engine.None, engine.PublishRequest{DryRun: true, Fresh: true, Keep: keep})
	if len(paths(p.Findings, ignored)) != 1 {
		t.Fatalf("what .wtpignore leaves out is not found: %+v", p.Findings)
	}
}
