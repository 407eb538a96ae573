package enginetest

import (
	"testing"

	"wtptui/engine"
)

// unseededDomain has no TXT record: names below .example are not registered (RFC 6761).
const unseededDomain = "missing.example"

func switchNeedsAKnownVersion(t *testing.T, h Harness) {
	wantKind(t, h.Engine.Switch(t.Context(), h.Unseeded, h.Fetchable), engine.NotFound)
	add(t, h, h.Unseeded)
	for _, infohash := range []string{h.Fetchable, ""} {
		err := h.Engine.Switch(t.Context(), h.Unseeded, infohash)
		wantKind(t, err, engine.NotFound)
		if want := engine.Message(engine.CheckVersion("", h.Unseeded, infohash, nil)); engine.Message(err) != want {
			t.Errorf("a switch to %q is refused with %q, want %q", infohash, engine.Message(err), want)
		}
	}
	s := waitForSite(t, h, h.Unseeded, "as it was", func(engine.Site) bool { return true })
	if s.Held || s.NextInfohash != "" || s.Infohash != h.Unseeded {
		t.Fatalf("a refused switch left %+v", s)
	}
}

func switchHoldsUntilItFollowsAgain(t *testing.T, h Harness) {
	site := addDomain(t, h)
	if site.Held || site.NextCheck.IsZero() {
		t.Fatalf("a domain that is followed is %+v", site)
	}
	for range 2 { // twice is once
		if err := h.Engine.Switch(t.Context(), Domain, site.Infohash); err != nil {
			t.Fatal(err)
		}
		waitForSite(t, h, Domain, "held", func(s engine.Site) bool {
			return s.Held && s.NextCheck.IsZero() && s.Infohash == site.Infohash && s.NextInfohash == "" &&
				s.State == engine.Seeding
		})
	}
	if err := h.Engine.Switch(t.Context(), Domain, ""); err != nil {
		t.Fatal(err)
	}
	waitForSite(t, h, Domain, "following", func(s engine.Site) bool {
		return !s.Held && !s.NextCheck.IsZero() && s.Infohash == site.Infohash
	})
}

func versionsShow(t *testing.T, h Harness) {
	site := addDomain(t, h)
	d, err := h.Engine.Detail(t.Context(), Domain)
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Versions) == 0 || d.Versions[0].Infohash != site.Infohash || d.Versions[0].State != engine.VersionCurrent ||
		d.Versions[0].Size != site.Size {
		t.Fatalf("the versions are %+v", d.Versions)
	}
	if d.Domain.Host != Domain || d.Domain.Infohash != site.Infohash || d.Domain.Source == "" ||
		d.Domain.Expires.IsZero() {
		t.Fatalf("the domain is %+v", d.Domain)
	}
	add(t, h, h.Unseeded)
	if d, err = h.Engine.Detail(t.Context(), h.Unseeded); err != nil || d.Domain.Host != "" || len(d.Versions) != 0 {
		t.Fatalf("an infohash has a domain: %+v, %+v, %v", d.Domain, d.Versions, err)
	}
}

func resolveNeedsADomain(t *testing.T, h Harness) {
	for _, bad := range []string{"", h.Unseeded, "nonsense", "10.0.0.1", "a b.example", "shop.onion"} {
		_, err := h.Engine.Resolve(t.Context(), bad)
		wantKind(t, err, engine.Invalid)
	}
}

func resolveIsComplete(t *testing.T, h Harness) {
	site := addDomain(t, h)
	n, err := h.Engine.Resolve(t.Context(), Domain)
	if err != nil {
		t.Fatal(err)
	}
	if n.Host != Domain || n.Infohash != site.Infohash || n.Source == "" || n.At.IsZero() || n.Expires.IsZero() ||
		n.Error != "" || len(n.Asked) == 0 {
		t.Fatalf("%s: %+v", Domain, n)
	}
	if len(n.Versions) == 0 || n.Versions[0].Infohash != n.Infohash {
		t.Fatalf("its versions: %+v", n.Versions)
	}
	roundTrip(t, n)
	CheckClean(t, n)
}

func resolveSaysWhyThereIsNoKey(t *testing.T, h Harness) {
	n, err := h.Engine.Resolve(t.Context(), unseededDomain)
	if err != nil {
		t.Fatalf("no key is no error: %v", err)
	}
	if n.Host != unseededDomain || n.Infohash != "" || n.Error == "" || n.ErrorKind != engine.NotFound {
		t.Fatalf("%+v", n)
	}
	roundTrip(t, n)
}

// addDomain adds the site of Domain and waits for it.
func addDomain(t *testing.T, h Harness) engine.Site {
	t.Helper()
	add(t, h, Domain)
	return waitForSite(t, h, Domain, "seeding", func(s engine.Site) bool {
		return s.State == engine.Seeding && !s.NextCheck.IsZero()
	})
}
