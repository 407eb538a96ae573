package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/engine/keyring"
)

// maxKeyFileSize is the number of bytes that are read of a key file.
const maxKeyFileSize = 4096

func (v keysCommands) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "export NAME [FILE]",
		Short:             "Write a key into a new file, as your backup",
		Args:              keyArgs("the name of a key, and perhaps a file", true),
		ValidArgsFunction: completeArgs(v.complete.localKeys, completeFiles),
		RunE: v.localOnly(func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && isTerminal(v.stdout) {
				return usageError("a secret key should not be on a screen: wtptui keys export %s FILE", args[0])
			}
			secret, err := v.ring().Load(args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				_, err = v.stdout.Write(keyring.FormatSeed(secret))
			} else {
				err = keyring.WriteFile(args[1], secret)
			}
			if err != nil {
				return err
			}
			if err := v.ring().MarkBackedUp(args[0]); err != nil {
				return err
			}
			if len(args) == 2 {
				fmt.Fprintf(v.stdout, "exported the key %s to %s: keep it safe, whoever has it can publish at %s\n",
					args[0], engine.Clean(args[1]), siteAddress(keyring.PublicHost(secret)))
			}
			return v.chownKeyFiles(args[0])
		}),
	}
}

func keyFileError(path string, err error) error {
	reason := systemReason(err)
	return &engine.Error{
		Op: "keys", Kind: engine.NotFound, Err: err,
		Msg: fmt.Sprintf("cannot read %s: %s: give the file of a key", engine.Clean(path), engine.Clean(reason.Error())),
	}
}

func (v keysCommands) importCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "import NAME [FILE]",
		Short: "Bring a key here: from a backup or another machine",
		Args:  keyArgs("the name that the key is to have, and perhaps a file", true),
		ValidArgsFunction: completeArgs(
			cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp), completeFiles,
		),
		RunE: v.localOnly(func(_ *cobra.Command, args []string) error {
			name := args[0]
			seed, err := v.readKey(args)
			if err != nil {
				return err
			}
			secret, err := keyring.ParseSeed(seed)
			if err == nil {
				err = v.ring().Import(name, secret)
			}
			if err == nil {
				err = v.ring().MarkBackedUp(name) // There is another copy of it already.
			}
			if err == nil {
				err = v.chownKeyFiles(name)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(v.stdout, "imported the key %s: %s\n", name, siteAddress(keyring.PublicHost(secret)))
			return nil
		}),
	}
}

// readKey reads the key file that the arguments name, or standard input.
func (v keysCommands) readKey(args []string) ([]byte, error) {
	if len(args) == 1 {
		if isTerminalInput(v.stdin) {
			return nil, usageError("a secret key should not be on a screen: wtptui keys import %s FILE", args[0])
		}
		seed, err := readKeyFile(v.stdin)
		if err != nil {
			return nil, keyFileError("the standard input", err)
		}
		return seed, nil
	}
	f, err := os.Open(args[1])
	if err != nil {
		return nil, keyFileError(args[1], err)
	}
	defer f.Close()
	seed, err := readKeyFile(f)
	if err != nil {
		return nil, keyFileError(args[1], err)
	}
	return seed, nil
}

func readKeyFile(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, maxKeyFileSize)) }

// completeFiles leaves the completion of files to the shell.
func completeFiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}
