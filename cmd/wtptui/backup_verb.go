package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wtptui/cmd/wtptui/backup"
	"wtptui/engine"
	"wtptui/engine/keyring"
)

// backupCommand returns the verb backup.
func backupCommand(p *program) *cobra.Command {
	var noKeys, force bool
	cmd := &cobra.Command{
		Use:               "backup FILE",
		Short:             "Write a backup of sites, keys and settings into a file",
		GroupID:           groupRun,
		Args:              exactArgs(1, "one file, or \"-\""),
		ValidArgsFunction: completeArgs(completeFiles),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] != "-" {
				return p.backupTo(cmd.Context(), args[0], !noKeys, force)
			}
			if isTerminal(p.stdout) {
				return usageError("a backup cannot be shown on a terminal: write it to a file with `wtptui backup FILE`")
			}
			keyHosts, err := p.currentKeys(!noKeys)
			if err != nil {
				return err
			}
			if err := p.writeBackup(cmd.Context(), p.stdout, !noKeys); err != nil {
				return err
			}
			return p.markBackedUp(keyHosts)
		},
	}
	cmd.Flags().BoolVar(&noKeys, "no-keys", false, "leave the secret keys out")
	cmd.Flags().BoolVar(&force, "force", false, "replace an existing file")
	return cmd
}

// writeBackup has the running engine write a backup. If none runs, it makes one of the data folder itself.
func (p *program) writeBackup(ctx context.Context, dst io.Writer, keys bool) error {
	if p.attachTo != "" || isInUse(p.settings.dataDir()) {
		c, err := p.dial(ctx)
		if err != nil {
			return err
		}
		defer c.Close()
		return c.Backup(ctx, dst, keys)
	}
	folder := &dataFolder{path: p.settings.dataDir()}
	if _, err := os.Stat(folder.databasePath()); errors.Is(err, fs.ErrNotExist) {
		if err := folder.checkDatabase(); err != nil {
			return err
		}
		return &engine.Error{
			Op: "backup", Kind: engine.NotFound,
			Msg: "there is nothing to back up in " + folder.path + ": choose another folder with --data-dir",
		}
	}
	a, done, err := p.openArchive()
	if err != nil {
		return err
	}
	return errors.Join(a.write(ctx, dst, keys), done())
}

// backupTo writes a backup to a file, which only its owner can read. The file is written completely or not at all.
func (p *program) backupTo(ctx context.Context, path string, keys, force bool) error {
	if _, err := os.Lstat(path); err == nil && !force {
		return backupExistsError(path)
	}
	removeStaleBackups(filepath.Dir(path), p.now())
	temp, err := os.CreateTemp(filepath.Dir(path), tempBackupPrefix+"*")
	if err != nil {
		return backupWriteError(path, err)
	}
	defer os.Remove(temp.Name()) // The name is gone already if all went well.
	defer temp.Close()
	if err := p.writeBackup(ctx, temp, keys); err != nil {
		return err
	}
	summary := backupSummary{keyHosts: map[string]string{}}
	_, err = temp.Seek(0, io.SeekStart)
	if err == nil {
		_, err = backup.Read(temp, summary.add) // Only a complete backup may replace a file.
	}
	if err != nil {
		return err
	}
	if err := errors.Join(temp.Sync(), temp.Close()); err != nil {
		return backupWriteError(path, err)
	}
	if err := moveIntoPlace(temp.Name(), path, force); err != nil {
		return err
	}
	summary.print(p, path)
	return p.markBackedUp(summary.keyHosts)
}

const (
	// tempBackupPrefix begins the name of the temporary file into which a backup is written.
	tempBackupPrefix = ".wtptui-backup-"
	// tempBackupMaxAge is the age from which a temporary file counts as left behind by a killed process.
	tempBackupMaxAge = time.Hour
)

// removeStaleBackups removes the temporary files that killed processes have left in a folder: they may contain secret
// keys.
func removeStaleBackups(dir string, now time.Time) {
	entries, _ := os.ReadDir(dir) // An error of the folder is reported when the backup is written.
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), tempBackupPrefix) {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && now.Sub(info.ModTime()) > tempBackupMaxAge {
			_ = os.Remove(filepath.Join(dir, e.Name())) // The next backup retries.
		}
	}
}

// moveIntoPlace renames the temporary file to its final name. Without force it replaces no existing file.
func moveIntoPlace(temp, path string, force bool) error {
	if !force {
		err := os.Link(temp, path) // Unlike a rename, a link replaces nothing.
		switch {
		case err == nil:
			return syncFolder(filepath.Dir(path))
		case errors.Is(err, fs.ErrExist):
			return backupExistsError(path)
		}
		if _, err := os.Lstat(path); err == nil { // Not every file system supports links.
			return backupExistsError(path)
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return backupWriteError(path, err)
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // Not every system supports this.
	return nil
}

func backupExistsError(path string) error {
	return &engine.Error{
		Op: "backup", Kind: engine.Conflict,
		Msg: engine.Clean(path) + " already exists: give another file, or replace it with --force",
	}
}

func backupWriteError(path string, err error) error {
	err = systemReason(err)
	return &engine.Error{
		Op: "backup", Kind: engine.Unavailable, Err: err,
		Msg: "cannot write " + engine.Clean(path) + ": " + engine.Clean(err.Error()) +
			": give a file in a folder that you can write to",
	}
}

// currentKeys returns the hosts of this machine's keys by name, before a backup is written to a pipe: a key that is the
// same afterwards is in the backup.
func (p *program) currentKeys(keys bool) (map[string]string, error) {
	keyHosts := map[string]string{}
	if !keys || p.attachTo != "" {
		return keyHosts, nil
	}
	all, err := keyring.New(filepath.Join(p.settings.dataDir(), keysName)).List()
	for _, k := range all {
		keyHosts[k.Name] = k.Host
	}
	return keyHosts, err
}

// markBackedUp records that keys of this machine were backed up, as their export does. kept maps the names of the keys
// to their hosts.
func (p *program) markBackedUp(keyHosts map[string]string) error {
	if p.attachTo != "" || len(keyHosts) == 0 {
		return nil
	}
	dir := p.settings.dataDir()
	ring := keyring.New(filepath.Join(dir, keysName))
	all, err := ring.List()
	for _, k := range all {
		if k.Host == "" || keyHosts[k.Name] != k.Host {
			continue
		}
		if err == nil {
			err = ring.MarkBackedUp(k.Name)
		}
		if err == nil {
			err = chownLikeFolder(dir, ring.Files(k.Name)...)
		}
	}
	return err
}

// backupSummary counts the contents of a backup.
type backupSummary struct {
	sites, published, keys, lists int
	// keyHosts are the hosts of its keys, by name.
	keyHosts map[string]string
}

// add counts a file of the backup.
func (c *backupSummary) add(name string, data []byte) error {
	folder, file, _ := strings.Cut(name, "/")
	switch {
	case folder == "keys":
		c.keys++
		if secret, err := keyring.ParseSeed(data); err == nil {
			c.keyHosts[strings.TrimSuffix(file, ".key")] = keyring.PublicHost(secret)
		}
	case folder == "lists":
		c.lists++
	case strings.HasSuffix(name, ".json") && folder == "sites":
		c.sites++
		var state struct {
			Site struct {
				Mine bool `json:"mine"`
			} `json:"site"`
		}
		if json.Unmarshal(data, &state) == nil && state.Site.Mine {
			c.published++
		}
	}
	return nil
}

// print prints the summary of a backup that was written to path.
func (c *backupSummary) print(p *program, path string) {
	text := pluralize(c.sites, "site")
	if c.keys > 0 {
		text += ", " + pluralize(c.keys, "secret key")
	}
	if c.lists > 0 {
		text += ", " + pluralize(c.lists, "list")
	}
	fmt.Fprintf(p.stdout, "backed up %s to %s\n", text, engine.Clean(path))
	if c.keys > 0 {
		fmt.Fprintln(p.stderr, "Keep it safe: whoever has it can publish at the addresses of its keys.")
	}
	if c.published > 0 {
		fmt.Fprintf(p.stderr, "The files of %s that you published are not in it: `wtptui export HOST DIR` writes them.\n",
			pluralize(c.published, "site"))
	}
}
