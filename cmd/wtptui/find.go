package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// candidates returns the sites that a verb can be for.
type candidateSource func(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error)

// listedSites are the sites that are listed.
func listedSites(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error) {
	s, err := snapshot(ctx, eng)
	return engine.Candidates(s.Sites), err
}

// binnedSites are those that can be brought back.
func binnedSites(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error) {
	binned, err := eng.Bin(ctx)
	return engine.BinCandidates(binned), err
}

// allSites are all of them.
func allSites(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error) {
	listed, err := listedSites(ctx, eng)
	if err != nil {
		return nil, err
	}
	binned, err := binnedSites(ctx, eng)
	return slices.Concat(listed, binned), err
}

// candidateSourceFor are the sites that a verb of the contract can be for.
func candidateSourceFor(verb engine.Verb) candidateSource {
	switch verb {
	case engine.Undo:
		return binnedSites
	case engine.Remove, engine.RemoveNow:
		return allSites
	default:
		return listedSites
	}
}

// findHost returns the host of the listed site that an argument names, as engine.FindHost has it.
func findHost(ctx context.Context, eng engine.Engine, arg string) (string, error) {
	hosts, err := findHosts(ctx, eng, []string{arg}, listedSites)
	if err != nil {
		return "", err
	}
	return hosts[0], nil
}

// findHosts returns the hosts that arguments name, each once, in the order in which they are named first.
func findHosts(ctx context.Context, eng engine.Engine, args []string, source candidateSource) ([]string, error) {
	var all []engine.Candidate
	if !slices.ContainsFunc(args, func(arg string) bool { return !isHashOrKey(arg) }) {
		source = nil // These need not be looked up.
	}
	if source != nil {
		var err error
		if all, err = source(ctx, eng); err != nil {
			return nil, err
		}
	}
	hosts := make([]string, 0, len(args))
	seen := make(map[string]bool, len(args))
	for _, arg := range args {
		host, err := engine.FindHost(arg, all)
		if err != nil {
			return nil, err
		}
		if !seen[host] {
			seen[host] = true
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}

// isHashOrKey reports whether an argument is an infohash or a key, and cannot be the beginning of an address or a title.
func isHashOrKey(arg string) bool {
	addr, err := engine.ParseKnownAddress(arg)
	return err == nil && addr.Host != "" && !engine.IsDomain(addr.Host)
}

// hosts refuses arguments that cannot name a site, before anything is done. Most texts can: it may be a title.
func checkHosts(_ *cobra.Command, args []string) error {
	for _, arg := range args {
		addr, err := engine.ParseKnownAddress(arg)
		switch {
		case err == nil && addr.TorrentFile != "":
			return usageError("%s is a file: give the site's host, as `wtptui ls` shows it", engine.Clean(arg))
		case err != nil && !engine.MayName(arg):
			return err
		}
	}
	return nil
}
