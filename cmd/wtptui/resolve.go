package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/engine/swarm/publicnet"
)

func resolveCommand(c *client) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "resolve DOMAIN|KEY",
		Short:   "Ask what a domain or a key points to, and show who says so",
		GroupID: groupSites,
		Args:    cobra.MatchAll(exactArgs(1, "one domain or key"), checkDomains),

		ValidArgsFunction: c.complete.domains,
		RunE: c.withEngine(func(ctx context.Context, eng engine.Engine, args []string) error {
			addr, err := engine.ParseAddress(args[0])
			if err != nil {
				return err
			}
			n, err := eng.Resolve(ctx, addr.Host)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(c.stdout, n)
			} else {
				printName(c.stdout, n)
			}
			if err == nil && n.Infohash == "" {
				return errReported // what there is to say was printed
			}
			return err
		}),
	}
	addJSONFlag(cmd, &asJSON)
	return cmd
}

// checkDomains checks that each argument is a domain or a key, or the address of a site that has one.
func checkDomains(_ *cobra.Command, args []string) error {
	for _, arg := range args {
		addr, err := engine.ParseAddress(arg)
		if err != nil {
			return err
		}
		if addr.Host == "" || engine.IsInfohash(addr.Host) {
			return usageError("%s is neither a domain, like example.org, nor a key", engine.Clean(arg))
		}
	}
	return nil
}

func printName(w io.Writer, n engine.Name) {
	dnssec := ""
	if n.DNSSEC {
		dnssec = "yes, says the resolver"
	}
	stale := ""
	switch {
	case n.Stale && n.ErrorKind == engine.NotFound:
		stale = "yes: nobody names it any more"
	case n.Stale:
		stale = "yes: nobody could confirm it"
	}
	kind, key := "domain", n.Key
	if engine.IsKey(n.Host) {
		kind, key = "key", ""
	}
	shown := []string{
		kind, n.Host,
		"decided by", key,
		"other key", describeOtherKey(n.Host, n.NextKey),
		"points to", n.Infohash,
		"source", n.Source,
		"at", formatTimeOrEmpty(n.At),
		"valid until", formatTimeOrEmpty(n.Expires),
		"stale", stale,
		"DNSSEC", dnssec,
	}
	if n.Key != "" || kind == "key" {
		shown = append(shown, recordFields(n.Record)...)
	}
	printFields(w, append(shown,
		"trackers", strings.Join(n.Trackers, " "),
		"web seeds", strings.Join(n.WebSeeds, " "),
		"found instead", strings.Join(n.Found, " | "),
		"error", n.Error,
	)...)
	for _, warning := range n.Warnings {
		fmt.Fprintln(w, "warning:", warning)
	}
	printAnswers(w, n.Asked)
	printVersions(w, n.Versions)
}

// dhtServer is the name of the DHT in the list of servers that were asked.
const dhtServer = "dht"

func printAnswers(w io.Writer, asked []engine.Asked) {
	if len(asked) == 0 {
		return
	}
	var rows [][]string
	emptyAnswer := "no key"
	for _, a := range asked {
		if a.URL == dhtServer { // Relays follow it, and are asked for records as well.
			emptyAnswer = "no record"
		}
		answer := a.Infohash
		switch {
		case a.Error != "":
			answer = a.Error
		case answer == "":
			answer = emptyAnswer
		}
		rows = append(rows, []string{a.URL, time.Duration(a.Took).Round(time.Millisecond).String(), answer})
	}
	fmt.Fprintln(w)
	printTable(w, []string{"ASKED", ">TOOK", "ANSWER"}, rows)
}

func formatTimeOrEmpty(t engine.Time) string {
	if t.IsZero() {
		return ""
	}
	return formatTime(t)
}

// wellKnownClient returns the client for .well-known files. Anybody may have named their hosts, so it connects to
// public addresses only, and uses no proxy, which would connect to any.
func wellKnownClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext:            publicnet.Dialer(5 * time.Second).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      true,
		ForceAttemptHTTP2:      true,
	}}
}
