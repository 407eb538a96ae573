package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
	"wtptui/store"
)

// restoreCommand returns the verb restore.
func restoreCommand(p *program) *cobra.Command {
	var dryRun, asJSON bool
	cmd := &cobra.Command{
		Use:               "restore FILE",
		Short:             "Add the sites, keys and settings of a backup that are not here",
		GroupID:           groupRun,
		Args:              exactArgs(1, "one file, or \"-\""),
		ValidArgsFunction: completeArgs(completeFiles),
		RunE: func(cmd *cobra.Command, args []string) error {
			from, err := p.openBackup(args[0])
			if err != nil {
				return err
			}
			defer from.Close()
			done, err := p.restore(cmd.Context(), from, dryRun)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(p.stdout, done)
			} else {
				p.printRestored(done, dryRun)
			}
			for _, outcome := range done {
				if err == nil && outcome.Outcome == control.OutcomeRefused {
					err = errReported
				}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "change nothing, and say what would be added")
	addJSONFlag(cmd, &asJSON)
	return cmd
}

// openBackup opens a backup file, or standard input for "-".
func (p *program) openBackup(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(p.stdin), nil
	}
	f, err := os.Open(name)
	if err == nil {
		if info, statErr := f.Stat(); statErr == nil && info.IsDir() {
			err = errors.Join(syscall.EISDIR, f.Close())
		}
	}
	if err != nil {
		err = systemReason(err)
		return nil, &engine.Error{
			Op: "restore", Kind: engine.NotFound, Err: err,
			Msg: "cannot read " + engine.Clean(name) + ": " + err.Error() + ": give a file that `wtptui backup` has written",
		}
	}
	return f, nil
}

// restore has the running engine restore a backup. If none runs, it restores into the data folder itself.
func (p *program) restore(ctx context.Context, from io.Reader, dryRun bool) ([]control.Restored, error) {
	if p.machine.readOnly && !dryRun {
		return nil, readOnlyError("restore", "", p.machine.name)
	}
	if p.attachTo != "" || isInUse(p.settings.dataDir()) {
		c, err := p.dial(ctx)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		return c.Restore(ctx, from, dryRun)
	}
	open := p.openArchive
	if dryRun {
		open = p.openArchiveForDryRun
	}
	a, done, err := open()
	if err != nil {
		return nil, err
	}
	restored, err := a.restore(ctx, from, dryRun)
	return restored, errors.Join(err, done())
}

// openArchive locks the data folder, in which no engine runs, until done is called.
func (p *program) openArchive() (a archive, done func() error, err error) {
	folder, err := lockDataFolder(p.settings.dataDir())
	if err != nil {
		return archive{}, nil, err
	}
	fixOwners := func() error {
		return chownLikeFolder(folder.path,
			existingFiles(folder.lock.Path(), folder.databasePath(), folder.databasePath()+".lock")...)
	}
	if err := folder.checkDatabase(); err != nil { // store.Open would replace it with an empty one.
		defer folder.release()
		return archive{}, nil, errors.Join(err, fixOwners())
	}
	db, report, err := store.Open(folder.databasePath(), slog.New(slog.DiscardHandler))
	if err != nil {
		defer folder.release()
		return archive{}, nil, errors.Join(err, fixOwners())
	}
	a = archive{
		store: databaseStore{db: db, now: p.now, ttl: p.settings.CacheTTL},
		dir:   folder.path, configPath: p.settings.configFile(), now: p.now,
	}
	done = func() error {
		defer folder.release()
		return errors.Join(db.Close(), fixOwners())
	}
	if report.New {
		if err := db.PutSetting(welcomeDue, []byte("yes")); err != nil { // As on the first start.
			return archive{}, nil, errors.Join(err, done())
		}
	}
	return a, done, nil
}

// existingFiles returns the files that exist.
func existingFiles(names ...string) []string {
	return slices.DeleteFunc(names, func(name string) bool { _, err := os.Lstat(name); return err != nil })
}

// openArchiveForDryRun is openArchive for a dry run: it does not create the data folder.
func (p *program) openArchiveForDryRun() (a archive, done func() error, err error) {
	folder := &dataFolder{path: p.settings.dataDir()}
	if _, err := os.Stat(folder.databasePath()); err == nil {
		return p.openArchive()
	}
	if err := folder.checkDatabase(); err != nil {
		return archive{}, nil, err
	}
	dir, err := os.MkdirTemp("", "wtptui")
	if err != nil {
		return archive{}, nil, dataFolderError(os.TempDir(), err)
	}
	db, _, err := store.Open(filepath.Join(dir, databaseName), slog.New(slog.DiscardHandler))
	if err != nil {
		return archive{}, nil, errors.Join(err, os.RemoveAll(dir))
	}
	a = archive{
		store: databaseStore{db: db, now: p.now, ttl: p.settings.CacheTTL},
		dir:   folder.path, spoolDir: dir, configPath: p.settings.configFile(), now: p.now,
	}
	return a, func() error { return errors.Join(db.Close(), os.RemoveAll(dir)) }, nil
}

// printRestored prints what was added, how many parts of each kind existed already, and what was refused.
func (p *program) printRestored(done []control.Restored, dryRun bool) {
	added, existing := map[control.RestoredKind]int{}, map[control.RestoredKind]int{}
	for _, outcome := range done {
		switch outcome.Outcome {
		case control.OutcomeAdded:
			added[outcome.Kind]++
		case control.OutcomeExists:
			existing[outcome.Kind]++
		case control.OutcomeRefused:
			fmt.Fprintf(p.stderr, "wtptui: %s: %s\n", strings.TrimSpace(string(outcome.Kind)+" "+outcome.Name), outcome.Why)
		}
	}
	verb := "added"
	if dryRun {
		verb = "would add"
	}
	fmt.Fprintln(p.stdout, verb, describeCounts(added))
	if len(existing) > 0 {
		fmt.Fprintln(p.stdout, "here already:", describeCounts(existing))
	}
	if added[control.RestoredConfig] > 0 && !dryRun {
		fmt.Fprintln(p.stderr, "The settings of config.toml take effect when wtptui is started again.")
	}
}

// describeCounts returns the number of parts of each kind: "2 sites, 1 key, config.toml".
func describeCounts(counts map[control.RestoredKind]int) string {
	var parts []string
	for _, kind := range []control.RestoredKind{control.RestoredSite, control.RestoredKey, control.RestoredList} {
		if n := counts[kind]; n > 0 {
			parts = append(parts, pluralize(n, string(kind)))
		}
	}
	if counts[control.RestoredConfig] > 0 {
		parts = append(parts, "config.toml")
	}
	if counts[control.RestoredSettings] > 0 {
		parts = append(parts, "limits and homes")
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
