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
	// settleDelay is how long a folder must be unchanged before it is published: site generators write for some seconds,
	// with pauses.
	settleDelay = 700 * time.Millisecond
	// maxSettleDelay is how long changes can delay a publication.
	maxSettleDelay = 30 * time.Second
	// retryDelay is the time until the next attempt to publish a folder that has changed while it was read.
	retryDelay = 2 * time.Second
)

// watchFolder publishes the folder now, and after each series of changes, until ctx ends. It prints a line for each
// version.
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
			// The kernel's queue has overflowed, so some changes are not known. Check the whole folder.
			fmt.Fprintln(p.stderr, "wtptui:", engine.Clean(err.Error())+": checking the whole folder")
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

// folderWatch is a folder that is watched.
type folderWatch struct {
	*publishRun

	watcher      *fsnotify.Watcher
	settleTimer  *time.Timer
	firstChange  time.Time // time of the first change that has not been published; zero if there is none
	lastInfohash string    // infohash of the last version
	lastFailure  string    // the last reported failure, which is not reported again
	hooks        *hookQueue
}

// handleEvent records a change. The folder is published when no other follows for settleDelay.
func (w *folderWatch) handleEvent(ev fsnotify.Event) {
	if ev.Op == fsnotify.Chmod {
		return // Virus scanners and indexers cause these all the time.
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

// publishVersion publishes the folder as it is now. A failure that may be temporary is reported and retried; others end
// the watch.
func (w *folderWatch) publishVersion(ctx context.Context, eng engine.Engine) error {
	w.firstChange = time.Time{}
	first := w.lastInfohash == ""
	if _, err := os.Lstat(w.req.Dir); err == nil {
		// Builds delete the folder and create it again.
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
		if kind != engine.Refused { // The person has to mend the folder, which is a change.
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

// afterVersion writes the loader and runs the hook of a new version. Failures are reported and do not end the watch:
// the next version may succeed.
func (w *folderWatch) afterVersion(ctx context.Context, eng engine.Engine, r engine.Publication, first bool) {
	loaderOut := io.Discard
	if first && !w.asJSON {
		loaderOut = w.stderr
		printKeyOutcome(w.stderr, r, w.newKey)
	}
	if w.loader == nil && w.hook == "" {
		return
	}
	// The loader must not change while a hook uses it.
	queued := w.hooks.start(ctx, func(ctx context.Context) error {
		if err := w.writeAndPrintLoader(ctx, eng, r, loaderOut); err != nil {
			return err
		}
		return w.runHook(ctx, r)
	})
	if queued && w.hook != "" {
		fmt.Fprintln(w.stderr, "wtptui: the hook still runs for an earlier version; it runs for this one afterwards")
	}
}

// printVersion prints one version: a line, or with --json a document in one line.
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

// engineHasStopped reports whether the engine no longer answers.
func engineHasStopped(ctx context.Context, eng engine.Engine) bool {
	_, err := snapshot(ctx, eng)
	return err != nil
}

// watchTree watches a folder and all below it, except those that are never published. It does not follow links.
func watchTree(w *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path != dir:
			return nil // It is gone, or unreadable, which the check reports.
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
	return &engine.Error{
		Op: "watch", Kind: engine.Unavailable,
		Msg: engine.Clean("the folder " + dir +
			" cannot be watched: does it exist, and is fs.inotify.max_user_watches large enough?"),
		Err: err,
	}
}
