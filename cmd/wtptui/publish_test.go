package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"wtptui/engine"
)

// publishingEngine is an engine whose publications have a fixed result.
type publishingEngine struct {
	engine.Engine

	result engine.Publication
	err    error
	onCopy func() // called when the copy begins
}

func (p *publishingEngine) Publish(
	_ context.Context, _ engine.PublishRequest, progress func(engine.PublishProgress),
) (engine.Publication, error) {
	progress(engine.PublishProgress{Stage: engine.PublishCheck, Findings: p.result.Findings})
	if p.onCopy != nil {
		p.onCopy()
	}
	return p.result, p.err
}

// Watch reports that the engine still runs.
func (p *publishingEngine) Watch(context.Context) (<-chan engine.Snapshot, error) {
	ch := make(chan engine.Snapshot, 1)
	ch <- engine.Snapshot{}
	return ch, nil
}

func newPublishing(dir string) (p *publishRun, stdout, stderr *strings.Builder) {
	stdout, stderr = new(strings.Builder), new(strings.Builder)
	p = &publishRun{client: newClient(
		environment{stdout: stdout, stderr: stderr, now: func() time.Time { return now }}, &settings{},
	)}
	p.req.Dir, p.hookLimit = dir, time.Minute
	return p, stdout, stderr
}

func TestDescribeDNS(t *testing.T) {
	at := engine.At(now)
	until := engine.At(now.Add(time.Hour))
	ours, other := strings.Repeat("a", 40), strings.Repeat("b", 40)
	for name, c := range map[string]struct {
		name engine.Name
		err  error
		want string
	}{
		"it does": {
			engine.Name{Infohash: ours, Source: "https://dns.example/", At: at, Expires: until},
			nil,
			"DNS has them: https://dns.example/ says so",
		},
		"another": {
			engine.Name{Infohash: other, At: at, Expires: until},
			nil,
			"DNS does not have them yet: it names " + other +
				". Once you have changed the records, all resolvers follow within 1h0m0s",
		},
		"no key": {
			engine.Name{ErrorKind: engine.NotFound, Error: "no wtpkey"},
			nil,
			"DNS does not have them yet: no wtpkey",
		},
		"no key any more": {
			engine.Name{Infohash: ours, Stale: true, ErrorKind: engine.NotFound, Error: "no wtpkey"},
			nil,
			"DNS does not have them yet: no wtpkey",
		},
		"nobody answers": {
			engine.Name{ErrorKind: engine.Unavailable, Error: "no network"},
			nil,
			"Whether DNS has them could not be found out: no network",
		},
		"nobody answers now": {
			engine.Name{Infohash: ours, Stale: true, ErrorKind: engine.Unavailable, Error: "no network"},
			nil,
			"Whether DNS has them could not be found out: no network",
		},
		"stopping": {
			engine.Name{},
			&engine.Error{Kind: engine.Unavailable, Msg: "stopping"},
			"Whether DNS has them could not be found out: stopping",
		},
	} {
		got := describeDNS(engine.Publication{Host: "a.example", Infohash: ours}, c.name, c.err)
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A site under a key is published as soon as DNS names the key, whatever else it names.
func TestDescribeDNSOfAKey(t *testing.T) {
	ours, other := strings.Repeat("a", 40), strings.Repeat("b", 40)
	for want, name := range map[string]engine.Name{
		"DNS names the key":                                     {Key: keyHost, Infohash: other, Stale: true},
		"it does not name the key":                              {Infohash: ours},
		"DNS does not have them yet: no wtpkey":                 {ErrorKind: engine.NotFound, Error: "no wtpkey"},
		"could not be found out: no network":                    {ErrorKind: engine.Unavailable, Error: "no network"},
		"names another key, " + otherKeyHost:                    {Key: keyHost, NextKey: otherKeyHost},
		"`wtptui accept-key a.example` accepts this one":        {Key: otherKeyHost, NextKey: keyHost},
		"another key still decides, " + otherKeyHost + ": `wtp": {Key: otherKeyHost, NextKey: keyHost},
	} {
		r := engine.Publication{Host: "a.example", Infohash: ours, Key: engine.Key{Host: keyHost}}
		if got := describeDNS(r, name, nil); !strings.Contains(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestHook(t *testing.T) {
	hash := strings.Repeat("a", 40)
	for host, name := range map[string]string{"a.example": "a.example", hash: "", keyHost: ""} {
		p, _, stderr := newPublishing("/some/where")
		p.hook = `echo "$WTP_NAME $WTP_KEY $WTP_HOST $WTP_INFOHASH $WTP_PREVIOUS $WTP_URL $WTP_DIR"`
		err := p.runHook(t.Context(), engine.Publication{
			Host: host, Infohash: hash, Previous: "before", URL: "wtp://x/", Key: engine.Key{Host: "zkey"},
		})
		want := fmt.Sprintf("%s zkey %s %s before wtp://x/ /some/where\n", name, host, hash)
		if got := stderr.String(); err != nil || got != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	p, _, _ := newPublishing("/some/where")
	p.hook = "exit 3"
	err := p.runHook(t.Context(), engine.Publication{})
	isExplained := strings.Contains(engine.Message(err), "was published, but the hook failed")
	if engine.KindOf(err) != engine.Unavailable || !isExplained {
		t.Error(err)
	}
}

// Findings are printed once, before anything is copied: all of them for a person, and those that visitors have to
// confirm with --json.
func TestFindingsArePrintedBeforeTheCopy(t *testing.T) {
	findings := []engine.Finding{
		{Code: "dotfile", Path: ".git", Why: "history", Choice: engine.ChoiceLeaveOut},
		{Code: engine.FindingLargeSite, Why: "it is large", Choice: engine.ChoiceNote},
		{Code: engine.FindingManyFiles, Why: "it has many files", Choice: engine.ChoiceNote},
	}
	for asJSON, want := range map[bool]string{
		false: "ACTION     PATH          WHY\nleave out  .git          history\n" +
			"note       (the folder)  it is large\nnote       (the folder)  it has many files\n\n",
		true: "wtptui: it is large\nwtptui: it has many files\n",
	} {
		for _, refusal := range []error{nil, &engine.Error{Kind: engine.Refused, Msg: "no"}} {
			p, stdout, stderr := newPublishing("/some/where")
			p.asJSON = asJSON
			eng := &publishingEngine{result: engine.Publication{Findings: findings}, err: refusal, onCopy: func() {
				if stderr.String() != want || stdout.String() != "" {
					t.Errorf("before the copy: %q, %q, want %q", stderr, stdout, want)
				}
			}}
			if err := p.run(t.Context(), eng); engine.KindOf(err) != engine.KindOf(refusal) {
				t.Error(err)
			}
			if stderr.String() != want {
				t.Errorf("at the end: %q, want %q", stderr, want)
			}
		}
	}
}

// The paths of --leave-out may have different forms, and a misspelt one is an error.
func TestLeaveOutPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"drafts/a.html", "bad\x01name"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for given, want := range map[string]string{
		"drafts": "drafts", "./drafts/": "drafts", filepath.Join(dir, "drafts"): "drafts", "drafts//a.html": "drafts/a.html",
		"badname": "badname", // as the check shows it
		"draft":   "there is no such thing", "drafts/b.html": "there is no such thing",
		".": "it is not in", "../elsewhere": "it is not in", filepath.Dir(dir): "it is not in",
	} {
		p, _, _ := newPublishing(dir)
		p.req.LeaveOut = []string{given}
		switch err := p.normalizePaths(); {
		case strings.Contains(want, " "):
			if engine.KindOf(err) != engine.Invalid || !strings.Contains(engine.Message(err), want) {
				t.Errorf("%s: %v, want %s", given, err, want)
			}
		case err != nil || p.req.LeaveOut[0] != want:
			t.Errorf("%s: %q, %v, want %s", given, p.req.LeaveOut, err, want)
		}
	}
	p, _, _ := newPublishing(filepath.Join(dir, "missing"))
	p.req.LeaveOut, p.req.Keep = []string{"x"}, []string{"./y/"}
	if err := p.normalizePaths(); err != nil || p.req.Keep[0] != "y" {
		t.Errorf("a folder that is not there is the engine's to judge: %v, %q", err, p.req.Keep)
	}
}

// A missing folder is reported once, and again if it was there meanwhile.
func TestWatchReportsAFailureOnce(t *testing.T) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		t.Skip("needs a watcher: ", err)
	}
	defer watcher.Close()
	p, stdout, stderr := newPublishing(t.TempDir())
	w := &folderWatch{publishRun: p, watcher: watcher, settleTimer: time.NewTimer(time.Hour)}
	defer w.settleTimer.Stop()
	present := &publishingEngine{result: engine.Publication{Infohash: strings.Repeat("a", 40)}}
	missing := &publishingEngine{err: &engine.Error{Kind: engine.Invalid, Msg: "there is no folder"}}
	for _, eng := range []*publishingEngine{present, missing, missing, missing, present, missing} {
		if err := w.publishVersion(t.Context(), eng); err != nil {
			t.Fatal(err)
		}
	}
	failures, versions := strings.Count(stderr.String(), "there is no folder"), strings.Count(stdout.String(), "\n")
	if failures != 2 || versions != 1 {
		t.Errorf("reported %d times, want 2; %d versions, want 1:\n%s%s", failures, versions, stderr, stdout)
	}
}
