package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// candidates returns the sites that a verb can be for.
type candidates func(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error)

// sitesHere are the sites that are listed.
func sitesHere(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error) {
	s, err := snapshot(ctx, eng)
	return engine.Candidates(s.Sites), err
}

// sitesInBin are those that can be brought back.
func sitesInBin(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error) {
	binned, err := eng.Bin(ctx)
	return engine.BinCandidates(binned), err
}

// sitesAnywhere are all of them.
func sitesAnywhere(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error) {
	here, err := sitesHere(ctx, eng)
	if err != nil {
		return nil, err
	}
	binned, err := sitesInBin(ctx, eng)
	return slices.Concat(here, binned), err
}

// candidatesFor are the sites that a verb of the contract can be for.
func candidatesFor(verb engine.Verb) candidates {
	switch verb {
	case engine.Undo:
		return sitesInBin
	case engine.Remove, engine.RemoveNow:
		return sitesAnywhere
	default:
		return sitesHere
	}
}

// siteHost returns the host of the listed site that an argument names, as engine.FindHost has it.
func siteHost(ctx context.Context, eng engine.Engine, arg string) (string, error) {
	hosts, err := siteHosts(ctx, eng, []string{arg}, sitesHere)
	if err != nil {
		return "", err
	}
	return hosts[0], nil
}

// siteHosts returns the hosts that arguments name, each once, in the order in which they are named first.
func siteHosts(ctx context.Context, eng engine.Engine, args []string, of candidates) ([]string, error) {
	var all []engine.Candidate
	if !slices.ContainsFunc(args, func(arg string) bool { return !isWhole(arg) }) {
		of = nil // These need not be looked up.
	}
	if of != nil {
		var err error
		if all, err = of(ctx, eng); err != nil {
			return nil, err
		}
	}
	hosts := make([]string, 0, len(args))
	named := make(map[string]bool, len(args))
	for _, arg := range args {
		host, err := engine.FindHost(arg, all)
		if err != nil {
			return nil, err
		}
		if !named[host] {
			named[host] = true
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}

// isWhole reports whether an argument is an infohash or a key, and cannot be the beginning of an address or a title.
func isWhole(arg string) bool {
	addr, err := engine.ParseKnownAddress(arg)
	return err == nil && addr.Host != "" && !engine.IsDomain(addr.Host)
}

// hosts refuses arguments that cannot name a site, before anything is done. Most texts can: it may be a title.
func hosts(_ *cobra.Command, args []string) error {
	for _, arg := range args {
		addr, err := engine.ParseKnownAddress(arg)
		switch {
		case err == nil && addr.TorrentFile != "":
			return usageError("%s is a file: give the site's host, as `wtptui ls` shows it", engine.Clean(arg))
		case err != nil && !engine.IsPossibleName(arg):
			return err
		}
	}
	return nil
}
