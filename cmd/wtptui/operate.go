package main

import "github.com/spf13/cobra"

// operatorCommands are the verbs about this program and this machine rather than about sites.
func (p *program) operatorCommands() []*cobra.Command {
	return []*cobra.Command{p.versionCommand(), p.configCommand(), p.doctorCommand(), p.registerCommand()}
}
