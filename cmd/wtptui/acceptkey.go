package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"wtptui/engine"
)

// acceptingKey is one run of the verb.
type acceptingKey struct {
	*client

	yes bool
}

func acceptKeyCommand(c *client) *cobra.Command {
	a := acceptingKey{client: c}
	cmd := &cobra.Command{
		Use:   string(engine.AcceptKey) + " HOST",
		Short: verbTexts[engine.AcceptKey].short,
		Long: "Let the key decide where a site is that its domain names now (TXT wtppub=), in place of the one that it\n" +
			"named before. That is how an owner goes on after a key was lost or stolen, and how somebody who has got hold of the\n" +
			"domain would take the site over: so a person is asked for a pinned site. `wtptui resolve` shows both keys.",
		Example:           "wtptui accept-key example.org\nwtptui accept-key --yes example.org",
		GroupID:           groupSites,
		Args:              cobra.MatchAll(exactly(1, "one host"), hosts),
		ValidArgsFunction: c.complete.hosts(1),
		RunE: c.connected(func(ctx context.Context, eng engine.Engine, args []string) error {
			return a.run(ctx, eng, args[0])
		}),
	}
	cmd.Flags().BoolVarP(&a.yes, "yes", "y", false, "do not ask")
	return cmd
}

func (a *acceptingKey) run(ctx context.Context, eng engine.Engine, arg string) error {
	host, err := siteHost(ctx, eng, arg)
	if err != nil {
		return err
	}
	d, err := eng.Detail(ctx, host)
	if err != nil {
		return err
	}
	next := d.Site.NextKey
	if next == "" {
		fmt.Fprintln(a.stdout, host, "has no other key to accept")
		return nil
	}
	fields(a.stdout,
		"site", host,
		"title", d.Site.Title,
		"key until now", cmp.Or(decidingKey(d), "none"),
		"key from now on", next,
	)
	if err := a.confirm(ctx); err != nil {
		return err
	}
	// While a person thought about it, the domain may have come to name yet another one.
	d, err = eng.Detail(ctx, host)
	if err == nil && d.Site.NextKey != next {
		err = &engine.Error{
			Op: string(engine.AcceptKey), Host: host, Kind: engine.Conflict,
			Msg: "the domain does not name that key any more, and nothing was changed: " +
				"`wtptui accept-key " + host + "` looks again",
		}
	}
	if err != nil {
		return err
	}
	return a.do(ctx, eng, engine.AcceptKey, []string{host})
}

// confirm returns nil if a person at the terminal agrees, or has said so before.
func (a *acceptingKey) confirm(ctx context.Context) error {
	if a.yes {
		return nil
	}
	if !isTerminalInput(a.stdin) {
		return usageError("accept-key asks at a terminal: --yes accepts the key without")
	}
	fmt.Fprint(a.stderr, "Let that key decide where the site is? [y/N] ")
	answer := make(chan string, 1)
	go func() { // A read of a terminal cannot be ended: it goes when the program does.
		line, _ := bufio.NewReader(a.stdin).ReadString('\n')
		answer <- line
	}()
	select {
	case <-ctx.Done():
		return interrupted(ctx, string(engine.AcceptKey))
	case line := <-answer:
		if agrees(line) {
			return nil
		}
	}
	return &engine.Error{
		Op: string(engine.AcceptKey), Kind: engine.Refused,
		Msg: "nothing was changed: the key until now goes on deciding",
	}
}

// agrees reports whether what a person typed is a yes.
func agrees(line string) bool {
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}

// isTerminalInput reports whether a person types what is read from r.
func isTerminalInput(r io.Reader) bool {
	f, ok := r.(term.File)
	return ok && term.IsTerminal(f.Fd())
}
