package ui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui/keys"
)

// everyKindOfSite returns sites of every kind and state that decides what can be done with them.
func everyKindOfSite() []fake.Script {
	return []fake.Script{
		{Host: "a-cached.example", Title: "Cached", KnownPeers: 10},
		{Host: "b-found.example", Title: "Found", State: engine.Found},
		{Host: "c-own.example", Title: "Own", Pinned: true, Mine: true, KnownPeers: 10},
		{
			Host: "d-pinned.example", Title: "Pinned", Pinned: true, KnownPeers: 10,
			DomainKey: engine.PublicKey{1}.Host(), NextKey: engine.PublicKey{2}.Host(),
		},
		{Host: "e-shipped.example", Title: "Shipped", Pinned: true, Mine: true, Shipped: true, KnownPeers: 10},
		{Host: "f-resolving.example", State: engine.Resolving, Unseeded: true},
		{Host: "g-metadata.example", State: engine.Metadata, Unseeded: true},
		{Host: "h-paused.example", Title: "Paused", State: engine.Paused},
		{Host: "i-large.example", Title: "Large", State: engine.Failed, ErrorKind: engine.TooLarge, Error: "too large"},
		{Host: "k-closed.example", Title: "Closed", Flags: engine.Flags{NoClearnet: true}, KnownPeers: 10},
		{Host: "j-nowhere.example", State: engine.Failed, ErrorKind: engine.NotFound, Error: "no such name"},
	}
}

// verbAsked is a request of the dashboard to its engine.
type verbAsked struct {
	verb  engine.Verb
	hosts []string
}

// verbRecorder is an engine that records its requests.
type verbRecorder struct {
	*fake.Engine
	all []verbAsked
}

// Do implements engine.Engine.
func (r *verbRecorder) Do(ctx context.Context, verb engine.Verb, hosts ...string) error {
	r.all = append(r.all, verbAsked{verb, hosts})
	return r.Engine.Do(ctx, verb, hosts...)
}

// recordVerbs records the dashboard's requests from now on.
func (d *driver) recordVerbs() *verbRecorder {
	r := &verbRecorder{Engine: d.engine}
	d.m.conn.engine = r
	return r
}

func withEveryKind(_ *Config, o *fake.Options) { o.Scripts = everyKindOfSite() }

// applyToOtherEngine carries out a verb on one site of another engine with the same sites. It returns the error, and
// whether the site has changed.
func applyToOtherEngine(t *testing.T, verb engine.Verb, host string) (changes bool, err error) {
	t.Helper()
	e := fake.New(fake.Options{Seed: 1, Scripts: everyKindOfSite()})
	defer func() { _ = e.Close() }()
	before, err := e.Detail(t.Context(), host)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Do(t.Context(), verb, host); err != nil {
		return false, err
	}
	after, err := e.Detail(t.Context(), host)
	if err != nil {
		return true, nil // It is gone, as was asked.
	}
	after.Site.LastOpen = before.Site.LastOpen
	return !engine.SameSite(&before.Site, &after.Site), nil
}

// verbBindings returns the bindings that request a verb.
func verbBindings() (out []keys.Binding) {
	for _, b := range keys.All() {
		if _, ok := actionVerbs[b.Action]; ok && b.Scope == keys.Verbs {
			out = append(out, b)
		}
	}
	return out
}

// confirmText presses a key, and answers yes to a question. It returns all texts that were shown.
func (d *driver) confirmText(key string) string {
	d.t.Helper()
	d.press(key)
	said := d.screen()
	if d.m.screen.situation() == "confirm" {
		d.press("y")
	}
	return said + d.toast()
}

// keyOutcome is what the dashboard shows of a verb for a site, and what happens when its key is pressed.
type keyOutcome struct {
	verb      engine.Verb
	host      string
	offered   bool   // in the footer
	inPalette string // why not, in the palette
	requests  []verbAsked
	text      string // all texts that were shown
	toast     string
}

// pressVerbKey presses the key of a verb while a site is selected.
func pressVerbKey(d *driver, b keys.Binding, verb engine.Verb, host string) keyOutcome {
	d.t.Helper()
	offered := slices.ContainsFunc(d.m.display.frame.offeredKeys(), func(o keys.Binding) bool {
		return o.Action == b.Action
	})
	inPalette := paletteReason(d, b.Action)
	r := d.recordVerbs()
	text := d.confirmText(b.Keys[0])
	return keyOutcome{verb, host, offered, inPalette, r.all, text, d.toast()}
}

// checkRefused checks that nothing is requested which the engine refuses, and that its reason is shown.
func (o keyOutcome) checkRefused(t *testing.T, err error) {
	t.Helper()
	msg := engine.Message(err)
	if o.offered || o.inPalette != msg || len(o.requests) > 0 ||
		!strings.Contains(o.text, "Could not "+verbWord(o.verb)) || !strings.Contains(o.text, msg) {
		t.Errorf("%s of %s is refused: offered %v, palette %q, asked for %v, said\n%s",
			o.verb, o.host, o.offered, o.inPalette, o.requests, o.toast)
	}
}

// checkPointless checks that nothing is requested which would have no effect, and that the reason is shown.
func (o keyOutcome) checkPointless(t *testing.T, why reason) {
	t.Helper()
	if o.offered || o.inPalette != why.withoutName() || len(o.requests) > 0 || !strings.Contains(o.text, why.text) {
		t.Errorf("%s of %s is pointless: offered %v, palette %q, asked for %v, said\n%s",
			o.verb, o.host, o.offered, o.inPalette, o.requests, o.toast)
	}
}

// checkDone checks that the verb is offered and requested.
func (o keyOutcome) checkDone(t *testing.T, b keys.Binding) {
	t.Helper()
	rare := b.Rank == 0 || b.Action == keys.Pause || b.Action == keys.Remove // There is no room for all of them.
	if !o.offered && !rare || o.inPalette != "" {
		t.Errorf("%s of %s is done: offered %v, palette %q", o.verb, o.host, o.offered, o.inPalette)
	}
	if len(o.requests) != 1 || o.requests[0].verb != o.verb || !slices.Equal(o.requests[0].hosts, []string{o.host}) {
		t.Errorf("%s of %s is done: asked for %v", o.verb, o.host, o.requests)
	}
}

// checkVerbKey checks the key of a verb for a site of every kind, and returns the verb.
func checkVerbKey(t *testing.T, b keys.Binding, host string) engine.Verb {
	t.Helper()
	d := newDriver(t, 300, 40, withEveryKind)
	d.selectSite(host)
	s := d.mustSite(host)
	verb, _ := resolveVerb(b.Action, sitePointers([]engine.Site{s}))
	changes, refused := applyToOtherEngine(t, verb, host)
	why := verbRefusal(verb, &s)
	if changes && why.noEffect {
		t.Errorf("%s of %s is called pointless, and changes the site", verb, host)
	}
	o := pressVerbKey(d, b, verb, host)
	switch {
	case refused != nil:
		o.checkRefused(t, refused)
	case why.noEffect:
		o.checkPointless(t, why)
	default:
		o.checkDone(t, b)
	}
	return verb
}

// checkBinVerbs brings back what is in the bin, checks that nothing else is requested of it, and returns the verbs.
func checkBinVerbs(t *testing.T) (verbs []engine.Verb) {
	t.Helper()
	d := newDriver(t, 120, 36, withEveryKind)
	d.selectSite("a-cached.example")
	d.press("d", "b")
	r := d.recordVerbs()
	d.press("enter")
	for _, a := range r.all {
		verbs = append(verbs, a.verb)
		if err := engine.CheckVerb("", a.verb, a.hosts[0], engine.VerbContext{Binned: true}); err != nil {
			t.Errorf("the bin asks for %s: %v", a.verb, err)
		}
	}
	return verbs
}

// Only the engine's rule decides what can be done with a site: the footer and the palette offer what the engine
// accepts, a key requests nothing that it refuses, and all three show its reason. Nor is a verb requested that would
// change nothing.
func TestKeysFollowTheEnginesRule(t *testing.T) {
	var met []engine.Verb
	for _, sc := range everyKindOfSite() {
		for _, b := range verbBindings() {
			met = append(met, checkVerbKey(t, b, sc.Host))
		}
	}
	met = append(met, checkBinVerbs(t)...)
	for _, verb := range engine.Verbs() {
		// No key deletes without a way back, and another key is accepted on the command line, where both are shown.
		if !slices.Contains(met, verb) && verb != engine.RemoveNow && verb != engine.AcceptKey {
			t.Errorf("no key stands for %s", verb)
		}
	}
}

// paletteReason returns why an action cannot be done now, as the palette shows it.
func paletteReason(d *driver, a keys.Action) string {
	for _, e := range d.m.commands.palette.actionEntries() {
		if e.Name == string(a) {
			return e.WhyNot
		}
	}
	d.t.Fatalf("the palette does not have %s", a)
	return ""
}

// Of many marked sites the verb is requested for those where it is possible, and the others are named.
func TestMarkedSitesFollowTheEnginesRule(t *testing.T) {
	for _, b := range verbBindings() {
		d := newDriver(t, 300, 40, withEveryKind)
		d.press("A")
		marked := d.m.screen.list.Marks.Sites()
		verb, _ := resolveVerb(b.Action, sitePointers(marked))
		if why := paletteReason(d, b.Action); why != "" {
			t.Errorf("%s: the palette says %q, although it can be done to some", b.Action, why)
		}
		r := d.recordVerbs()
		said := strings.Join(strings.Fields(d.confirmText(b.Keys[0])), " ")
		if len(r.all) != 1 || r.all[0].verb != verb {
			t.Fatalf("%s: asked for %v, want one %s", b.Action, r.all, verb)
		}
		var left []string
		for _, s := range marked {
			changes, refused := applyToOtherEngine(t, verb, s.Host)
			sent := slices.Contains(r.all[0].hosts, s.Host)
			switch {
			case refused != nil && sent:
				t.Errorf("%s was asked for of %s, and is refused: %v", verb, s.Host, refused)
			case changes && !sent && verbRefusal(verb, &s) == (reason{}):
				t.Errorf("%s was not asked for of %s", verb, s.Host)
			case verbRefusal(verb, &s) != (reason{}):
				left = append(left, s.Host)
			}
		}
		if len(left) == 0 == strings.Contains(said, "Left out: ") || len(left) > 0 && !strings.Contains(said, left[0]) {
			t.Errorf("%s leaves out %v, and says %s", verb, left, said)
		}
	}
}

// On a narrow screen the sites that are left out are shown first, and then what was done.
func TestLeftOutIsReadableOnNarrowScreens(t *testing.T) {
	d := newDriver(t, 80, 24, withEveryKind)
	for _, host := range []string{"a-cached.example", "c-own.example"} {
		d.selectSite(host)
		d.press("space")
	}
	d.press("d")
	leftOut := d.line(-3) + d.line(-2)
	if !strings.Contains(leftOut, "Left out: Own (c-own.example): it was published here") ||
		!strings.Contains(leftOut, "remove the site to delete it") {
		t.Errorf("toast %q", leftOut)
	}
	d.advance(5 * time.Second)
	if !strings.Contains(d.toast(), "Evicted Cached") || !strings.Contains(d.toast(), "u: bring back Cached") {
		t.Errorf("toast %q", d.toast())
	}
}

// If it is possible for none of them, each place says so.
func TestMarkedSitesWithoutAPossibleOne(t *testing.T) {
	d := newDriver(t, 300, 40, withEveryKind)
	for _, host := range []string{"b-found.example", "c-own.example"} {
		d.selectSite(host)
		d.press("space")
	}
	d.selectSite("a-cached.example")
	r := d.recordVerbs()
	d.press("d")
	d.mustShow("Could not evict any of the 2 marked sites. Found (b-found.example): it was found in the data folder",
		"1 more for other reasons")
	if len(r.all) > 0 || strings.Contains(d.line(-1), "d evict") {
		t.Errorf("asked for %v, the footer is %q", r.all, d.line(-1))
	}
	d.press("o") // The own one can be opened.
	d.mustShow("Opening 1 site")
	d.selectSite("c-own.example")
	d.press("space", "o")
	if len(d.opened) != 1 {
		t.Errorf("opened %q", d.opened)
	}
}

// The footer does not examine thousands of marked sites.
func TestFooterExaminesFewMarks(t *testing.T) {
	looked := 0
	sites := make([]engine.Site, 10_000)
	for i := range sites {
		sites[i] = engine.Site{Host: "x", Own: true, Mine: true, Pinned: true}
	}
	each := func(yield func(*engine.Site) bool) {
		for i := range sites {
			if looked++; !yield(&sites[i]) {
				return
			}
		}
	}
	if why := refusalOfAll(keys.Evict, each); why != "" || looked > 2*(maxExamined+2) {
		t.Errorf("looked at %d: %q", looked, why)
	}
	if why := refusalOfAll(keys.Pin, sitePointers(sites[:maxExamined])); !strings.Contains(why, "it was published here") {
		t.Errorf("of as many as are looked at it says %q", why)
	}
}
