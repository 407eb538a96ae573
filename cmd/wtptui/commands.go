package main

import (
	"slices"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control/overssh"
)

// commandMaker makes the command of a verb.
type commandMaker struct {
	name string
	make func() *cobra.Command
}

// makerOf returns the maker of a verb whose command is made by a function of one value: the program, a part of it, or
// the environment.
func makerOf[T any](name string, from T, command func(T) *cobra.Command) commandMaker {
	return commandMaker{name, func() *cobra.Command { return command(from) }}
}

// neededMakers returns the maker of the verb that a command line begins with, and reports whether it begins with one.
// Otherwise it returns all.
func neededMakers(all []commandMaker, args []string) (needed []commandMaker, one bool) {
	if len(args) == 0 {
		return all, false
	}
	i := slices.IndexFunc(all, func(m commandMaker) bool { return m.name == args[0] })
	if i < 0 {
		return all, false
	}
	return all[i : i+1], true
}

// commandMakers returns the makers of all commands but those that addHelp adds.
func commandMakers(p *program) []commandMaker {
	return slices.Concat(runMakers(p), siteMakers(p.client), verbMakers(p.client), operatorMakers(p))
}

// runMakers returns the makers of the verbs that run an engine, or show one.
func runMakers(p *program) []commandMaker {
	return []commandMaker{
		makerOf("serve", p, serveCommand),
		makerOf("stop", p.client, stopCommand),
		makerOf("attach", p, attachCommand),
		makerOf(overssh.RemoteVerb, p.client, stdioCommand),
		makerOf("open", p, openCommand),
	}
}

// siteMakers returns the makers of the verbs about sites that have arguments other than hosts.
func siteMakers(c *client) []commandMaker {
	return []commandMaker{
		makerOf("add", c, addCommand),
		makerOf("ls", c, listCommand),
		makerOf("show", c, showCommand),
		makerOf("peers", c, peersCommand),
		makerOf("versions", c, versionsCommand),
		makerOf("switch", c, switchCommand),
		makerOf("resolve", c, resolveCommand),
		makerOf("publish", c, publishCommand),
		makerOf("export", c, exportCommand),
		makerOf("label", c, labelCommand),
		makerOf("unlabel", c, unlabelCommand),
		makerOf("limits", c, limitsCommand),
		makerOf("enough", c, enoughCommand),
		makerOf("home", c, homeCommand),
		makerOf("keys", c, keysCommand),
		makerOf(string(engine.AcceptKey), c, acceptKeyCommand),
	}
}

// operatorMakers returns the makers of the verbs that are about this program and this machine rather than about sites.
func operatorMakers(p *program) []commandMaker {
	return []commandMaker{
		makerOf("version", p.environment, versionCommand),
		makerOf("licenses", p.environment, licensesCommand),
		makerOf("config", p.client, configCommand),
		makerOf("doctor", p, doctorCommand),
		makerOf("register", p.client, registerCommand),
		makerOf("companion", p.client, companionCommand),
		makerOf("native-host", p, nativeHostCommand),
		makerOf("schema", p.environment, schemaCommand),
		makerOf("backup", p, backupCommand),
		makerOf("restore", p, restoreCommand),
	}
}
