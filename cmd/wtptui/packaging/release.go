package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// release describes the release that is built.
type release struct {
	Version    string
	Commit     string    // full name, with +changes behind it if there are any; empty if it is not known
	Date       time.Time // of the commit, and of every file
	Maintainer string    // as in "Name <address>"
	Homepage   string    // a URL; empty if there is none
	Releases   string    // URL of the folder that the files are published in; empty if they are not
}

// Summary describes the program in one line.
const Summary = "wtp:// sites out of BitTorrent swarms, in your browser and in a dashboard"

// defaultMaintainer is the maintainer of packages unless -maintainer is given.
const defaultMaintainer = "The wtptui authors <wtptui@localhost>"

// versionPattern matches versions that every package format can express in the same order: a version, a pre-release, a
// later snapshot.
var versionPattern = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(~(alpha|beta|rc)[0-9]*|\+git[0-9]*)?$`)

// commitPattern matches the name of a commit; empty if it is unknown.
var commitPattern = regexp.MustCompile(`^([0-9a-f]{40}([0-9a-f]{24})?(\+changes)?)?$`)

// urlPattern matches URLs that need no quoting in any manifest.
var urlPattern = regexp.MustCompile(`^https://[A-Za-z0-9.:-]+(/[A-Za-z0-9._~+/{}-]*)?$`)

// releaseFlags adds the flags that describe the release. The returned function validates them after they have been
// parsed.
func releaseFlags(flags *flag.FlagSet) func(context.Context) (release, error) {
	var r release
	var date string
	flags.StringVar(&r.Version, "version", "", "version: 1.2.3, 1.2.3~rc1 for one before it, 1.2.3+git5 for one after it")
	flags.StringVar(&r.Commit, "commit", "", "full name of the commit, with +changes behind it if there are any")
	flags.StringVar(&date, "date", "", "date of everything, in seconds since 1970; without it that of the commit")
	flags.StringVar(&r.Maintainer, "maintainer", defaultMaintainer, "who the packages are from, as Name <address>")
	flags.StringVar(&r.Homepage, "homepage", "", "URL of the home page")
	flags.StringVar(&r.Releases, "releases", "",
		"URL of the folder that the files will be in, with {version} for the version; manifests are made only with it")
	return func(ctx context.Context) (release, error) {
		if !versionPattern.MatchString(r.Version) {
			return r, fmt.Errorf("-version %q: give one like 1.2.3, 1.2.3~rc1 or 1.2.3+git5", r.Version)
		}
		if !commitPattern.MatchString(r.Commit) {
			return r, fmt.Errorf("-commit %q: give the full name that git has for it, or leave it out", r.Commit)
		}
		for name, url := range map[string]string{"-homepage": r.Homepage, "-releases": r.Releases} {
			if url != "" && !urlPattern.MatchString(url) {
				return r, fmt.Errorf("%s %q: give a URL that begins with https://", name, url)
			}
		}
		if r.Releases != "" && r.Homepage == "" {
			return r, fmt.Errorf("-releases: give -homepage too, which the manifests name")
		}
		if strings.ContainsAny(r.Maintainer, "\n\"'\\`$") {
			return r, fmt.Errorf("-maintainer %q: give it as Name <address>", r.Maintainer)
		}
		r.Releases = strings.TrimSuffix(r.Releases, "/")
		var err error
		r.Date, err = releaseDate(ctx, ".", date)
		return r, err
	}
}

// releaseDate returns the time that is given in seconds since 1970, or that of the commit in root if seconds is empty.
func releaseDate(ctx context.Context, root, seconds string) (time.Time, error) {
	if seconds == "" {
		out, err := exec.CommandContext(ctx, "git", "-C", root, "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Time{}, fmt.Errorf("the date of the commit: git log: %w; give a -date", err)
		}
		seconds = strings.TrimSpace(string(out))
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || unix <= 0 {
		return time.Time{}, fmt.Errorf("-date %q: give seconds since 1970", seconds)
	}
	return time.Unix(unix, 0).UTC(), nil
}

// For returns the version in the spelling of a package format.
func (r release) For(format string) string {
	switch format {
	case archlinux:
		return strings.ReplaceAll(r.Version, "~", "") // 1.2.3rc1 is before 1.2.3: vercmp(8).
	case apk:
		return strings.NewReplacer("~", "_", "+", "_").Replace(r.Version)
	default:
		return r.Version
	}
}

// URL returns the URL at which a file is published.
func (r release) URL(name string) string {
	return strings.ReplaceAll(r.Releases, "{version}", r.Version) + "/" + name
}

// emptyDefaults are the lines of install.sh that are replaced for a published release.
const emptyDefaults = "default_url=''\ndefault_version=''\n"

// installerWithDefaults returns the installer with the URL and version that it uses by default.
func installerWithDefaults(installer []byte, r release) ([]byte, error) {
	if bytes.Count(installer, []byte(emptyDefaults)) != 1 {
		return nil, fmt.Errorf("install.sh should have these lines once:\n%s", emptyDefaults)
	}
	if r.Releases == "" {
		return installer, nil
	}
	defaults := fmt.Sprintf("default_url='%s'\ndefault_version='%s'\n", r.Releases, r.Version)
	return bytes.Replace(installer, []byte(emptyDefaults), []byte(defaults), 1), nil
}
