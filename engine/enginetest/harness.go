package enginetest

import (
	"context"
	"testing"
	"time"

	"wtptui/engine"
)

// Harness is an engine under test, with what the suite must know about it.
type Harness struct {
	Engine engine.Engine
	// Fetchable is an infohash that the engine can find and complete; Unseeded is one that nobody has.
	Fetchable, Unseeded string
	// Found is a site that is found when the engine starts: for RunFound only.
	Found string
	// CacheTTL is the engine's cache period, and Advance lets that much time pass for it, and whatever that causes
	// happen.
	CacheTTL time.Duration
	Advance  func(d time.Duration)
	// Stop ends the engine, as its owner does.
	Stop func()
}

// Domain must point to a site that the engine under test can find and complete.
const Domain = "docs.example"

// waitTimeout limits every wait of the suite. A working engine responds in milliseconds.
const waitTimeout = 2 * time.Minute

// Run runs the suite. start returns a new engine without sites for each test.
func Run(t *testing.T, start func(t *testing.T) Harness) {
	for name, test := range map[string]func(*testing.T, Harness){
		"FirstSnapshotIsFullState":       firstSnapshotIsFullState,
		"WatchSkipsStatesButNotEvents":   watchSkipsStatesButNotEvents,
		"WatchEndsWithItsContext":        watchEndsWithItsContext,
		"WatchEndsWithTheEngine":         watchEndsWithTheEngine,
		"SnapshotsAreIndependent":        snapshotsAreIndependent,
		"AddShowsTheSiteAtOnce":          addShowsTheSiteAtOnce,
		"AddCompletes":                   addCompletes,
		"AddTakesEveryForm":              addTakesEveryForm,
		"AddRefusesInvalidAddresses":     addRefusesInvalidAddresses,
		"AddAgainOpensAgain":             addAgainOpensAgain,
		"VerbsNeedAKnownHost":            verbsNeedAKnownHost,
		"FailedHostsDoNotStopOthers":     failedHostsDoNotStopOthers,
		"DuplicateHostsAreIgnored":       duplicateHostsAreIgnored,
		"DoWithoutHosts":                 doWithoutHosts,
		"UnknownVerbIsInvalid":           unknownVerbIsInvalid,
		"VerbsForTwo":                    verbsForTwo,
		"VerbsAreRefusedByOneRule":       verbsAreRefusedByOneRule,
		"OwnSitesAreKept":                ownSitesAreKept,
		"BatchIsOneSnapshot":             batchIsOneSnapshot,
		"CancelledBatchIsWhole":          cancelledBatchIsWhole,
		"PinnedSiteDoesNotExpire":        pinnedSiteDoesNotExpire,
		"TouchStartsThePeriodOver":       touchStartsThePeriodOver,
		"SitesExpire":                    sitesExpire,
		"KeptOpenDoesNotExpire":          keptOpenDoesNotExpire,
		"KeepOpenIgnoresUnknownHosts":    keepOpenIgnoresUnknownHosts,
		"KeepOpenEndsWithTheEngine":      keepOpenEndsWithTheEngine,
		"EvictCanBeUndone":               evictCanBeUndone,
		"EvictAndRemoveCanBeUndone":      evictAndRemoveCanBeUndone,
		"BinEntriesExpire":               binEntriesExpire,
		"VerbsInTheBin":                  verbsInTheBin,
		"RemoveNowIsFinal":               removeNowIsFinal,
		"AddRestoresFromBin":             addRestoresFromBin,
		"PauseAndResume":                 pauseAndResume,
		"DetailIsComplete":               detailIsComplete,
		"FlagsAreSwitches":               flagsAreSwitches,
		"SwitchNeedsAKnownVersion":       switchNeedsAKnownVersion,
		"SwitchHoldsUntilItFollowsAgain": switchHoldsUntilItFollowsAgain,
		"VersionsShow":                   versionsShow,
		"ResolveNeedsADomain":            resolveNeedsADomain,
		"ResolveIsComplete":              resolveIsComplete,
		"ResolveSaysWhyThereIsNoKey":     resolveSaysWhyThereIsNoKey,
		"PublishingAgainRemembers":       publishingAgainRemembers,
		"PublicURLIsRemembered":          publicURLIsRemembered,
		"ExportNeedsAKnownHost":          exportNeedsAKnownHost,
		"LimitsShow":                     limitsShow,
		"LimitsOfLabelsShow":             limitsOfLabelsShow,
		"WithoutHomes":                   withoutHomes,
		"LabelsAreAddedAndRemoved":       labelsAreAddedAndRemoved,
		"LabelsSurviveTheBin":            labelsSurviveTheBin,
		"AssignRefuses":                  assignRefuses,
		"AssignEndsWithItsContext":       assignEndsWithItsContext,
		"EnoughIsStored":                 enoughIsStored,
		"ValuesSurviveJSON":              valuesSurviveJSON,
		"TextsAreClean":                  textsAreClean,
	} {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

// waitForSnapshot reads snapshots until one fulfils the condition, and returns it.
func waitForSnapshot(t *testing.T, h Harness, what string, ok func(engine.Snapshot) bool) engine.Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	ch, err := h.Engine.Watch(ctx)
	if err != nil {
		t.Fatalf("Watch: %v", err)
	}
	var last engine.Snapshot
	for s := range ch {
		if ok(s) {
			return s
		}
		last = s
	}
	t.Fatalf("%s: not seen; last state: %+v", what, last.Sites)
	return last
}

// findSite returns the site of a host; false if it is not in the snapshot.
func findSite(s engine.Snapshot, host string) (engine.Site, bool) {
	for _, site := range s.Sites {
		if site.Host == host {
			return site, true
		}
	}
	return engine.Site{}, false
}

// waitForSite waits until the site exists and fulfils the condition, and returns it.
func waitForSite(t *testing.T, h Harness, host, what string, ok func(engine.Site) bool) engine.Site {
	t.Helper()
	s := waitForSnapshot(t, h, what, func(s engine.Snapshot) bool {
		site, there := findSite(s, host)
		return there && ok(site)
	})
	site, _ := findSite(s, host)
	return site
}

// waitUntilGone waits until the site is not listed.
func waitUntilGone(t *testing.T, h Harness, host string) {
	t.Helper()
	waitForSnapshot(t, h, host+" gone", func(s engine.Snapshot) bool {
		_, there := findSite(s, host)
		return !there
	})
}

func add(t *testing.T, h Harness, address string) engine.Site {
	t.Helper()
	site, err := h.Engine.Add(t.Context(), engine.AddRequest{Address: address})
	if err != nil {
		t.Fatalf("Add(%q): %v", address, err)
	}
	return site
}

func do(t *testing.T, h Harness, verb engine.Verb, hosts ...string) {
	t.Helper()
	if err := h.Engine.Do(t.Context(), verb, hosts...); err != nil {
		t.Fatalf("%s %v: %v", verb, hosts, err)
	}
}

func wantKind(t *testing.T, err error, kind engine.Kind) {
	t.Helper()
	if engine.KindOf(err) != kind {
		t.Fatalf("got error %v of kind %q, want kind %q", err, engine.KindOf(err), kind)
	}
	if kind != engine.None && engine.Message(err) == "" {
		t.Fatalf("the error %#v has nothing to say", err)
	}
}
