package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"wtptui/engine"
)

const (
	// settleDelay is how long a folder has to be quiet before it is published: site generators write for some seconds
	// and pause now and then.
	settleDelay = 700 * time.Millisecond
	// maxSettleDelay is for how long it may go on changing at most.
	maxSettleDelay = 30 * time.Second
	// retryDelay is when a folder is published again that changed while it was read.
	retryDelay = 2 * time.Second
)

// follow publishes the folder now and whenever it has changed and then been quiet for a while, until ctx ends. Each
// version is one line.
func (p *publishRun) watchFolder(ctx context.Context, eng engine.Engine) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return watchError(p.req.Dir, err)
	}
	defer watcher.Close()
	if err := watchTree(watcher, p.req.Dir); err != nil {
		return watchError(p.req.Dir, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &folderWatch{publishRun: p, watcher: watcher, settleTimer: time.NewTimer(0), hooks: newHookQueue()}
	defer w.hooks.wait()
	defer cancel()
	defer w.settleTimer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case ev, ok := <-watcher.Events:
			if !ok {
				return watchError(p.req.Dir, fs.ErrClosed)
			}
			w.handleEvent(ev)
		case err := <-watcher.Errors:
			// The kernel's queue ran over: some changes were not told, so all may have changed.
			fmt.Fprintln(p.stderr, "wtptui:", engine.Clean(err.Error())+": looking at all of it")
			w.settleTimer.Reset(settleDelay)
		case end := <-w.hooks.results:
			w.handleHookResult(ctx, end.err)
		case <-w.settleTimer.C:
			if err := w.publishVersion(ctx, eng); err != nil && !wasInterrupted(ctx, err) {
				return err
			}
		}
	}
}

// watching is a folder that is watched.
type folderWatch struct {
	*publishRun

	watcher      *fsnotify.Watcher
	settleTimer  *time.Timer
	firstChange  time.Time // of the first change that has not been published; zero when there is none
	lastInfohash string    // infohash
	lastFailure  string    // what went wrong last, so that it is told once
	hooks        *hookQueue
}

// changed notes a change; the folder is published when no more follow for a while.
func (w *folderWatch) handleEvent(ev fsnotify.Event) {
	if ev.Op == fsnotify.Chmod {
		return // What a virus scanner or an indexer does all the time.
	}
	if ev.Has(fsnotify.Create) {
		if info, err := os.Lstat(ev.Name); err == nil && info.IsDir() {
			_ = watchTree(w.watcher, ev.Name) // It may be gone already.
		}
	}
	if w.firstChange.IsZero() {
		w.firstChange = w.now()
	}
	w.settleTimer.Reset(min(settleDelay, max(0, maxSettleDelay-w.now().Sub(w.firstChange))))
}

// version publishes the folder as it is now. What may mend itself is told and tried again; the rest ends the watch.
func (w *folderWatch) publishVersion(ctx context.Context, eng engine.Engine) error {
	w.firstChange = time.Time{}
	first := w.lastInfohash == ""
	if _, err := os.Lstat(w.req.Dir); err == nil {
		// Builds delete the folder and make it anew.
		if err := watchTree(w.watcher, w.req.Dir); err != nil {
			return watchError(w.req.Dir, err)
		}
	}
	found := func([]engine.Finding) {}
	switch {
	case first && w.asJSON:
		found = w.printVisitorNotes
	case first:
		found = w.printFindings
	}
	r, err := w.publish(ctx, eng, found)
	switch kind := engine.KindOf(err); {
	case err == nil:
	case wasInterrupted(ctx, err):
		return nil
	case first:
		return err
	case kind == engine.Unavailable && engineHasStopped(ctx, eng):
		return err
	default:
		if msg := engine.Message(err); msg != w.lastFailure {
			w.lastFailure = msg
			fmt.Fprintln(w.stderr, "wtptui:", msg)
		}
		if kind != engine.Refused { // It waits to be mended, which is a change.
			w.settleTimer.Reset(retryDelay)
		}
		return nil
	}
	w.lastFailure = ""
	if r.Infohash == w.lastInfohash {
		return nil
	}
	w.lastInfohash = r.Infohash
	if err := w.printVersion(r); err != nil {
		return err
	}
	w.afterVersion(ctx, eng, r, first)
	return nil
}

// after does what belongs to a new version. What fails is told, and does not end the watch: it may do better with the
// next version.
func (w *folderWatch) afterVersion(ctx context.Context, eng engine.Engine, r engine.Publication, first bool) {
	tell := io.Discard
	if first && !w.asJSON {
		tell = w.stderr
		printKeyOutcome(w.stderr, r, w.newKey)
	}
	if w.loader == nil && w.hook == "" {
		return
	}
	// The loader is not to change while a hook still does something with it.
	waits := w.hooks.start(ctx, func(ctx context.Context) error {
		if err := w.writeAndPrintLoader(ctx, eng, r, tell); err != nil {
			return err
		}
		return w.runHook(ctx, r)
	})
	if waits && w.hook != "" {
		fmt.Fprintln(w.stderr, "wtptui: the hook still runs for a version before; it comes for this one after that")
	}
}

// line prints one version: as JSON, one document a line.
func (w *folderWatch) printVersion(r engine.Publication) error {
	if w.asJSON {
		return printJSONLine(w.stdout, r)
	}
	record := ""
	if r.Key.Host != "" {
		record = "  " + recordOutcome(r.Record)
	}
	_, err := fmt.Fprintf(w.stdout, "%s  %s  %s in %d files  +%d ~%d -%d  %s%s\n",
		w.now().Format(time.TimeOnly), r.Infohash, formatBytes(r.Size), r.Files,
		r.AddedCount, r.ChangedCount, r.RemovedCount, r.URL, record)
	return err
}

// engineHasStopped reports whether the engine does not answer any more.
func engineHasStopped(ctx context.Context, eng engine.Engine) bool {
	_, err := snapshot(ctx, eng)
	return err != nil
}

// watchTree watches a folder and all below it, except those that are never published. Links are not followed.
func watchTree(w *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path != dir:
			return nil // It went away, or cannot be read, which the check tells.
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case path != dir && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".well-known" || d.Name() == "node_modules"):
			return fs.SkipDir
		}
		return w.Add(path)
	})
}

func watchError(dir string, err error) error {
	return &engine.Error{Op: "watch", Kind: engine.Unavailable, Msg: engine.Clean("the folder " + dir + " cannot be watched: does it exist, and is fs.inotify.max_user_watches large enough?"), Err: err}
}
