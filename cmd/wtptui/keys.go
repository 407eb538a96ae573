package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/engine/keyring"
)

// keysCommands are the verbs for the keys of this machine. They work on the key files, whether an engine runs or not:
// an engine reads the files when it signs.
type keysCommands struct{ *client }

func keysCommand(c *client) *cobra.Command {
	v := keysCommands{c}
	cmd := &cobra.Command{
		Use:     "keys",
		Short:   "Make, list, export, import or remove keys to publish with",
		GroupID: groupSites,
		Args:    exactArgs(0, "new, list, show, export, import or remove"),
		RunE: func(*cobra.Command, []string) error {
			return usageError("keys needs a verb: `wtptui keys list`, " +
				"or new, show, export, import or remove with the name of a key")
		},
	}
	cmd.AddCommand(v.newCommand(), v.listCommand(), v.showCommand())
	cmd.AddCommand(v.exportCommand(), v.importCommand(), v.removeCommand())
	return cmd
}

func (v keysCommands) ring() *keyring.Ring {
	return keyring.New(filepath.Join(v.settings.dataDir(), keysName))
}

// localOnly returns the RunE of a verb that works on files of this machine.
func (v keysCommands) localOnly(
	verb func(cmd *cobra.Command, args []string) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := v.requireLocal("keys " + cmd.Name()); err != nil {
			return err
		}
		return verb(cmd, args)
	}
}

// keyArgs checks that the arguments are the name of a key and, with file, optionally a file.
func keyArgs(what string, file bool) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 || len(args) > 2 || len(args) == 2 && !file {
			return usageError("keys %s takes %s: wtptui keys %s", cmd.Name(), what, cmd.Use)
		}
		return engine.CheckKeyName(args[0])
	}
}

func (v keysCommands) newCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new NAME",
		Short: "Make a key, and print its address",
		Args:  keyArgs("the name of a key", false),
		RunE: v.localOnly(func(_ *cobra.Command, args []string) error {
			name := args[0]
			secret, err := v.ring().Create(name)
			if err == nil {
				err = v.chownKeyFiles(name)
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(v.stdout, siteAddress(keyring.PublicHost(secret)))
			fmt.Fprintf(v.stderr, "This key is the only signer of that address, and there is no recovery: whoever has its\n"+
				"file can publish there, and once it is lost nobody can change the site any more.\n"+
				"It is on this machine only. Keep a copy elsewhere: `wtptui keys export %s FILE`\n", name)
			return nil
		}),
	}
}

// chownKeyFiles gives the files of a key to the owner of the data folder.
func (v keysCommands) chownKeyFiles(name string) error {
	if err := chownLikeFolder(v.settings.dataDir(), v.ring().Files(name)...); err != nil {
		return dataFolderError(v.settings.dataDir(), err)
	}
	return nil
}

// siteAddress returns the address of a host's site.
func siteAddress(host string) string { return engine.Address{Host: host}.String() }

func (v keysCommands) listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys of this machine",
		Args:  exactArgs(0, "no arguments"),
		RunE: v.localOnly(func(*cobra.Command, []string) error {
			keys, err := v.ring().List()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(v.stdout, keys)
			}
			printKeys(v.stdout, keys)
			return nil
		}),
	}
	addJSONFlag(cmd, &asJSON)
	return cmd
}

func printKeys(w io.Writer, keys []engine.Key) {
	if len(keys) == 0 {
		fmt.Fprintln(w, "There is no key on this machine: `wtptui keys new NAME` makes one, "+
			"`wtptui keys import NAME FILE` brings one here.")
		return
	}
	rows := make([][]string, len(keys))
	for i, k := range keys {
		if k.Error != "" {
			rows[i] = []string{k.Name, "", "", k.Error}
			continue
		}
		rows[i] = []string{k.Name, siteAddress(k.Host), formatTime(k.CreatedAt), backupState(k)}
	}
	printTable(w, []string{"NAME", "ADDRESS", "CREATED", "BACKUP"}, rows)
}

func backupState(k engine.Key) string {
	if k.BackedUp {
		return "backed up"
	}
	return "not backed up"
}

func (v keysCommands) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Print a key's address, in all forms",
		Args:              keyArgs("the name of a key", false),
		ValidArgsFunction: completeArgs(v.complete.localKeys),
		RunE: v.localOnly(func(_ *cobra.Command, args []string) error {
			k, err := v.ring().Find(args[0])
			if err != nil {
				return err
			}
			public, ok := engine.ParseKey(k.Host)
			if !ok {
				return &engine.Error{Op: "keys", Kind: engine.Internal, Msg: "the key " + k.Name + " has no public key"}
			}
			printFields(v.stdout,
				"key", k.Name,
				"address", siteAddress(k.Host),
				"pkarr", "pk:"+k.Host,
				"magnet", "magnet:?xs=urn:btpk:"+hex.EncodeToString(public[:]),
				"TXT record", "wtppub="+k.Host,
				"created", formatTime(k.CreatedAt),
				"backup", backupState(k),
			)
			return nil
		}),
	}
}

func (v keysCommands) removeCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:               "remove NAME",
		Short:             "Delete a key from this machine",
		Args:              keyArgs("the name of a key", false),
		ValidArgsFunction: completeArgs(v.complete.localKeys),
		RunE: v.localOnly(func(cmd *cobra.Command, args []string) error {
			return v.remove(cmd, args[0], yes)
		}),
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func (v keysCommands) remove(cmd *cobra.Command, name string, yes bool) error {
	k, err := v.ring().Find(name)
	if err != nil && engine.KindOf(err) != engine.Damaged {
		return err
	}
	address := "its address"
	if err == nil {
		address = siteAddress(k.Host)
	}
	warning := "without a backup, " + address + " can never be changed again"
	err = v.confirm(cmd.Context(), confirmation{
		op: "keys", yes: yes,
		question:   upperFirst(warning) + ", and this key is " + backupState(k) + ".\nRemove the key " + name + "?",
		noTerminal: "keys remove has to ask, and there is no terminal: --yes removes the key without asking; " + warning,
		declined:   "the key " + name + " was not removed",
	})
	if err != nil {
		return err
	}
	if err := v.ring().Remove(name); err != nil {
		return err
	}
	fmt.Fprintf(v.stdout, "removed the key %s: %s\n", name, warning)
	return nil
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// localKeys completes the names of the keys in the data folder, with their addresses.
func (co completion) localKeys(
	*cobra.Command, []string, string,
) (found []cobra.Completion, _ cobra.ShellCompDirective) {
	co.settings.resolveDataDir(co.getenv) // Nothing else has done so yet.
	if co.attachTo != "" || co.getenv(envName("attach")) != "" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	keys, err := keyring.New(filepath.Join(co.settings.dataDir(), keysName)).List()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp // Offers nothing if the keys cannot be read.
	}
	for _, k := range keys {
		found = append(found, cobra.CompletionWithDesc(k.Name, k.Host))
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
