package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/engine/keyring"
)

// keysCommand has the verbs for the keys of this machine. They are files, with or without an engine that runs.
func keysCommand(c *client) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, list, export, import and remove the keys of your sites",
		Long: "A site that is published with a key (`wtptui publish --key NAME DIR`) has an address that stays the same for every\n" +
			"version, with no domain. Only the key can change what that address leads to: there is one signer, and no recovery.\n" +
			"Export it to a safe place. The keys lie in the data folder, as files that only you can read.",
		Example: "wtptui keys new blog\nwtptui keys export blog blog.key\nwtptui keys import blog blog.key",
		GroupID: groupSites,
		Args:    exactly(0, "new, list, show, export, import or remove"),
		RunE: func(*cobra.Command, []string) error {
			return usageError("say `wtptui keys new`, `list`, `show`, `export`, `import` or `remove`")
		},
	}
	k := keysVerbs{c}
	cmd.AddCommand(k.newCommand(), k.listCommand(), k.showCommand(), k.exportCommand(), k.importCommand(), k.removeCommand())
	for _, sub := range cmd.Commands() {
		run := sub.RunE
		sub.RunE = func(cmd *cobra.Command, args []string) error {
			if err := c.here("keys " + sub.Name()); err != nil {
				return err
			}
			return run(cmd, args)
		}
	}
	return cmd
}

type keysVerbs struct{ *client }

func (k keysVerbs) ring() *keyring.Ring {
	return keyring.New(filepath.Join(k.settings.dataDir(), keysName))
}

// complete offers the names of keys.
func (k keysVerbs) complete(*cobra.Command, []string, string) (found []cobra.Completion, _ cobra.ShellCompDirective) {
	keys, _ := k.ring().List() // Nothing is offered where they cannot be read.
	for _, key := range keys {
		found = append(found, cobra.CompletionWithDesc(key.Name, key.Host))
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

const (
	oneSigner = "Only this key can publish at that address, and nothing brings it back once it is lost."
	backUp    = "Back it up, and keep that secret: wtptui keys export %s FILE"
)

func (k keysVerbs) newCommand() *cobra.Command {
	return &cobra.Command{
		Use: "new NAME", Short: "Make a key",
		Args: exactly(1, "a name for the key"),
		RunE: func(_ *cobra.Command, args []string) error {
			secret, err := k.ring().Create(args[0])
			if err != nil {
				return err
			}
			fmt.Fprintln(k.stdout, "wtp://"+keyring.HostOf(secret)+"/")
			fmt.Fprintf(k.stderr, oneSigner+"\n"+backUp+"\n", args[0])
			return nil
		},
	}
}

func (k keysVerbs) listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the keys of this machine",
		Args: exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error {
			keys, err := k.ring().List()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(k.stdout, keys)
			}
			if len(keys) == 0 {
				fmt.Fprintln(k.stderr, "There is no key yet: `wtptui keys new NAME` makes one, and so does `wtptui publish --key NAME DIR`.")
				return nil
			}
			var rows [][]string
			for _, key := range keys {
				rows = append(rows, []string{key.Name, shownKey(key), moment(key.CreatedAt), backedUp(key)})
			}
			table(k.stdout, []string{"NAME", "ADDRESS", "MADE", "BACKUP"}, rows)
			return nil
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func shownKey(k engine.Key) string {
	if k.Error != "" {
		return k.Error
	}
	return "wtp://" + k.Host + "/"
}

func backedUp(k engine.Key) string {
	if k.BackedUp {
		return "exported"
	}
	return "none yet"
}

func (k keysVerbs) showCommand() *cobra.Command {
	return &cobra.Command{
		Use: "show NAME", Short: "Show a key's address in all its forms",
		Args: exactly(1, "the name of a key"), ValidArgsFunction: inTurn(k.complete),
		RunE: func(_ *cobra.Command, args []string) error {
			key, err := k.ring().Find(args[0])
			if err != nil {
				return err
			}
			public, _ := engine.ParseKey(key.Host) // It is one.
			fields(k.stdout,
				"name", key.Name,
				"address", "wtp://"+key.Host+"/",
				"pkarr", "pk:"+key.Host,
				"magnet", "magnet:?xs=urn:btpk:"+hex.EncodeToString(public[:]),
				"TXT record", "wtppub="+key.Host,
				"made", moment(key.CreatedAt),
				"backup", backedUp(key),
			)
			return nil
		},
	}
}

func (k keysVerbs) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "export NAME [FILE]", Short: "Write a secret key into a file, or to another program",
		Long: "Write a secret key into a new file that only you can read, or without FILE to the program behind a pipe. It is the\n" +
			"seed of an ed25519 key as 64 hex digits, as pkarr's own tools have it. Whoever has it can publish in your name.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && isTerminal(k.stdout) {
				return usageError("give a file for the secret key: wtptui keys export %s FILE", args[0])
			}
			return between(cmd, args, 1, 2)
		},
		ValidArgsFunction: inTurn(k.complete, anyFile),
		RunE: func(_ *cobra.Command, args []string) error {
			secret, err := k.ring().Load(args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				_, err = k.stdout.Write(keyring.FormatSeed(secret))
			} else {
				err = keyring.WriteFile(args[1], secret)
			}
			if err != nil {
				return err
			}
			return k.ring().NoteBackup(args[0])
		},
	}
}

func (k keysVerbs) importCommand() *cobra.Command {
	return &cobra.Command{
		Use: "import NAME [FILE]", Short: "Take a secret key from a file, or from standard input",
		Args:              func(cmd *cobra.Command, args []string) error { return between(cmd, args, 1, 2) },
		ValidArgsFunction: inTurn(cobra.NoFileCompletions, anyFile),
		RunE: func(_ *cobra.Command, args []string) error {
			seed, err := k.readSeed(args[1:])
			if err != nil {
				return err
			}
			secret, err := keyring.ParseSeed(seed)
			if err != nil {
				return err
			}
			if err := k.ring().Import(args[0], secret); err != nil {
				return err
			}
			fmt.Fprintln(k.stdout, "wtp://"+keyring.HostOf(secret)+"/")
			return k.ring().NoteBackup(args[0]) // It has come from somewhere.
		},
	}
}

// mostSeed bounds what is read of a file that should hold a key, in bytes.
const mostSeed = 4096

func (k keysVerbs) readSeed(files []string) ([]byte, error) {
	in := k.stdin
	if len(files) > 0 {
		f, err := os.Open(files[0])
		if err != nil {
			var cause *fs.PathError
			if errors.As(err, &cause) {
				err = cause.Err
			}
			return nil, &engine.Error{
				Op: "keys import", Kind: engine.NotFound,
				Msg: engine.Clean(files[0]) + " cannot be read (" + err.Error() + "): give the file of a key", Err: err,
			}
		}
		defer f.Close()
		in = f
	}
	return io.ReadAll(io.LimitReader(in, mostSeed))
}

func (k keysVerbs) removeCommand() *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use: "remove NAME", Short: "Delete a key for ever",
		Long: "Delete a key from this machine. Sites that were published with it stay as they are, and their records are kept\n" +
			"alive. Without a backup of the key nobody can ever change what its address leads to.",
		Args: exactly(1, "the name of a key"), ValidArgsFunction: inTurn(k.complete),
		RunE: func(cmd *cobra.Command, args []string) error {
			key, err := k.ring().Find(args[0])
			if engine.KindOf(err) == engine.NotFound || engine.KindOf(err) == engine.Invalid {
				return err
			}
			fate := "It was exported: that file brings it back."
			if !key.BackedUp {
				fate = "It was never exported: what its address leads to can never be changed again."
			}
			err = k.confirm(cmd.Context(), confirmation{
				op: "keys remove", yes: yes, question: "Delete the key " + args[0] + "? " + fate,
				need: "keys remove asks at a terminal: --yes deletes the key without. " + fate,
				no:   "the key stays",
			})
			if err != nil {
				return err
			}
			return k.ring().Remove(args[0])
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// between refuses fewer or more arguments.
func between(cmd *cobra.Command, args []string, least, most int) error {
	if len(args) < least || len(args) > most {
		return usageError("%s takes %d or %d arguments: wtptui %s", cmd.CommandPath()[len("wtptui "):], least, most, "keys "+cmd.Use)
	}
	return nil
}

// anyFile leaves the completion to the shell.
func anyFile(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}
