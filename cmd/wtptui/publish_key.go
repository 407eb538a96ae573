package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// checkKey checks the name of the key.
func (p *publishRun) checkKey() error {
	if p.req.Key == "" {
		return nil
	}
	if err := engine.CheckKeyName(p.req.Key); err != nil {
		return usageError("--key: %s", engine.Message(err))
	}
	return nil
}

// detectNewKey records whether the key of the request does not exist yet. If that cannot be found out, the key counts
// as existing.
func (p *publishRun) detectNewKey(ctx context.Context, eng engine.Engine) {
	p.newKey = false
	if p.req.Key == "" {
		return
	}
	keys, err := eng.Keys(ctx)
	p.newKey = err == nil && !slices.ContainsFunc(keys, func(k engine.Key) bool { return k.Name == p.req.Key })
}

// engineKeys completes the names of the running engine's keys, with their addresses.
func (co completion) engineKeys(
	*cobra.Command, []string, string,
) (found []cobra.Completion, _ cobra.ShellCompDirective) {
	co.queryEngine(func(ctx context.Context, c *control.Client) {
		keys, err := c.Keys(ctx)
		if err != nil {
			return // Offers nothing if the engine does not answer.
		}
		for _, k := range keys {
			found = append(found, cobra.CompletionWithDesc(k.Name, k.Host))
		}
	})
	return found, cobra.ShellCompDirectiveNoFileComp
}
