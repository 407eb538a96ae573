package enginetest

import (
	"context"
	"testing"
	"time"

	"wtptui/engine"
)

// Harness is an engine under test and what the suite has to know about its world.
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

// Domain has to point to something that the engine under test can find and complete.
const Domain = "docs.example"

// patience bounds every wait of the suite; a healthy engine answers in milliseconds.
const patience = 2 * time.Minute

// Run runs the suite; start makes a fresh engine without sites for each test.
func Run(t *testing.T, start func(t *testing.T) Harness) {
	for name, test := range map[string]func(*testing.T, Harness){
		"WatchGivesFullStateFirst":        watchGivesFullStateFirst,
		"WatchSkipsStatesButNotEvents":    watchSkipsStatesButNotEvents,
		"WatchEndsWithItsContext":         watchEndsWithItsContext,
		"WatchEndsWithTheEngine":          watchEndsWithTheEngine,
		"SnapshotsBelongToTheirReader":    snapshotsBelongToTheirReader,
		"AddShowsTheSiteAtOnce":           addShowsTheSiteAtOnce,
		"AddCompletes":                    addCompletes,
		"AddTakesEveryForm":               addTakesEveryForm,
		"AddRefusesWhatIsNoAddress":       addRefusesWhatIsNoAddress,
		"AddAgainOpensAgain":              addAgainOpensAgain,
		"VerbsNeedAKnownHost":             verbsNeedAKnownHost,
		"WhatFailsKeepsNothingElse":       whatFailsKeepsNothingElse,
		"EachHostIsDoneOnce":              eachHostIsDoneOnce,
		"DoWithoutHosts":                  doWithoutHosts,
		"UnknownVerbIsNobodysFault":       unknownVerbIsNobodysFault,
		"VerbsForTwo":                     verbsForTwo,
		"VerbsAreRefusedByOneRule":        verbsAreRefusedByOneRule,
		"OwnSitesAreKept":                 ownSitesAreKept,
		"BatchIsOneSnapshot":              batchIsOneSnapshot,
		"CancelledBatchIsWhole":           cancelledBatchIsWhole,
		"PinStopsTheClockUnpinRestartsIt": pinStopsTheClock,
		"TouchStartsThePeriodOver":        touchStartsThePeriodOver,
		"SitesExpire":                     sitesExpire,
		"KeptOpenDoesNotExpire":           keptOpenDoesNotExpire,
		"KeepOpenPassesOver":              keepOpenPassesOver,
		"KeepOpenEndsWithTheEngine":       keepOpenEndsWithTheEngine,
		"EvictCanBeUndone":                evictCanBeUndone,
		"EvictAndRemoveCanBeUndone":       evictAndRemoveCanBeUndone,
		"TheBinIsEmptied":                 theBinIsEmptied,
		"VerbsInTheBin":                   verbsInTheBin,
		"RemoveNowIsFinal":                removeNowIsFinal,
		"OpeningBringsBack":               openingBringsBack,
		"PauseAndResume":                  pauseAndResume,
		"DetailTellsAll":                  detailTellsAll,
		"FlagsAreSwitches":                flagsAreSwitches,
		"SwitchNeedsAKnownVersion":        switchNeedsAKnownVersion,
		"SwitchHoldsUntilItFollowsAgain":  switchHoldsUntilItFollowsAgain,
		"VersionsShow":                    versionsShow,
		"ResolveNeedsADomain":             resolveNeedsADomain,
		"ResolveTellsAll":                 resolveTellsAll,
		"ResolveSaysWhyThereIsNoKey":      resolveSaysWhyThereIsNoKey,
		"PublishingAgainRemembers":        publishingAgainRemembers,
		"PublicURLIsRemembered":           publicURLIsRemembered,
		"ExportNeedsAKnownHost":           exportNeedsAKnownHost,
		"LimitsShow":                      limitsShow,
		"LimitsOfLabelsShow":              limitsOfLabelsShow,
		"WithoutHomes":                    withoutHomes,
		"LabelsComeAndGo":                 labelsComeAndGo,
		"LabelsSurviveTheBin":             labelsSurviveTheBin,
		"AssignRefuses":                   assignRefuses,
		"AssignEndsWithItsContext":        assignEndsWithItsContext,
		"EnoughIsKept":                    enoughIsKept,
		"ValuesSurviveJSON":               valuesSurviveJSON,
		"TextsAreClean":                   textsAreClean,
	} {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

// until reads snapshots until one fulfils the condition, and gives it.
func until(t *testing.T, h Harness, what string, ok func(engine.Snapshot) bool) engine.Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
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

// find returns the site of a snapshot, false if it is not there.
func find(s engine.Snapshot, host string) (engine.Site, bool) {
	for _, site := range s.Sites {
		if site.Host == host {
			return site, true
		}
	}
	return engine.Site{}, false
}

// see waits until the site is there and fulfils the condition.
func see(t *testing.T, h Harness, host, what string, ok func(engine.Site) bool) engine.Site {
	t.Helper()
	s := until(t, h, what, func(s engine.Snapshot) bool {
		site, there := find(s, host)
		return there && ok(site)
	})
	site, _ := find(s, host)
	return site
}

// absent waits until the site is not there.
func absent(t *testing.T, h Harness, host string) {
	t.Helper()
	until(t, h, host+" gone", func(s engine.Snapshot) bool {
		_, there := find(s, host)
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
