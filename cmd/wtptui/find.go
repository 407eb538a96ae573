package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

// candidateSource returns the sites that a verb can be applied to.
type candidateSource func(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error)

// listedSites returns the sites that are listed.
func listedSites(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error) {
	s, err := snapshot(ctx, eng)
	return engine.Candidates(s.Sites), err
}

// binnedSites returns the sites in the bin.
func binnedSites(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error) {
	binned, err := eng.Bin(ctx)
	return engine.BinCandidates(binned), err
}

// allSites returns the listed sites and those in the bin.
func allSites(ctx context.Context, eng engine.Engine) ([]engine.Candidate, error) {
	listed, err := listedSites(ctx, eng)
	if err != nil {
		return nil, err
	}
	binned, err := binnedSites(ctx, eng)
	return slices.Concat(listed, binned), err
}

// candidateSourceFor returns the source of the sites that a verb can be applied to.
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

// findHost returns the host of the listed site that an argument names, by the rules of engine.FindHost.
func findHost(ctx context.Context, eng engine.Engine, arg string) (string, error) {
	hosts, err := findHosts(ctx, eng, []string{arg}, listedSites)
	if err != nil {
		return "", err
	}
	return hosts[0], nil
}

// findHosts returns the hosts that the arguments name, without duplicates, in the order of the arguments.
func findHosts(ctx context.Context, eng engine.Engine, args []string, source candidateSource) ([]string, error) {
	var all []engine.Candidate
	if !slices.ContainsFunc(args, func(arg string) bool { return !isHashOrKey(arg) }) {
		source = nil // Complete hosts need no lookup.
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

// isHashOrKey reports whether an argument is an infohash or a key, and so cannot be the prefix of an address or a
// title.
func isHashOrKey(arg string) bool {
	addr, err := engine.ParseKnownAddress(arg)
	return err == nil && addr.Host != "" && !engine.IsDomain(addr.Host)
}

// checkHosts returns an error for arguments that cannot name a site, before anything is done. Most texts can, as a
// title.
func checkHosts(_ *cobra.Command, args []string) error {
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
