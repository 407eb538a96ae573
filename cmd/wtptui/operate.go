package main

import "github.com/spf13/cobra"

// operatorCommands returns the verbs that are about this program and this machine rather than about sites.
func (p *program) operatorCommands() []*cobra.Command {
	return []*cobra.Command{
		versionCommand(p.environment), licensesCommand(p.environment), configCommand(p.client), p.doctorCommand(),
		registerCommand(p.client), companionCommand(p.client), nativeHostCommand(p), schemaCommand(p.environment),
		backupCommand(p), restoreCommand(p),
	}
}
