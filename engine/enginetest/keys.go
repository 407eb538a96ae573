package enginetest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"wtptui/engine"
)

// Key must be a key whose record, signed by somebody else, names a site that the engine under test can find and
// complete.
var Key = engine.PublicKey{1, 2, 3}.Host()

// RunKeys runs the tests of sites with keys. The engine has no keys at the beginning, and can create them.
func RunKeys(t *testing.T, start func(t *testing.T) Harness) {
	for name, test := range map[string]func(*testing.T, Harness){
		"KeyIsFollowed":          keyIsFollowed,
		"KeyIsHeldUntilItMoves":  keyIsHeld,
		"ResolveReturnsKeys":     resolveReturnsKeys,
		"PublishCreatesKeys":     publishCreatesKeys,
		"AcceptKeyWithoutAnyKey": acceptKeyWithoutAnyKey,
	} {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

// addKey adds the site of Key and waits for it.
func addKey(t *testing.T, h Harness, address string) engine.Site {
	t.Helper()
	if got := add(t, h, address); got.Host != Key || got.URL != "wtp://"+Key+"/" {
		t.Fatalf("Add(%q) gave %+v", address, got)
	}
	return waitForSite(t, h, Key, "seeding", func(s engine.Site) bool {
		return s.State == engine.Seeding && s.Record.Seq > 0 && !s.NextCheck.IsZero()
	})
}

func keyIsFollowed(t *testing.T, h Harness) {
	s := addKey(t, h, "pk:"+Key)
	if s.Record.Infohash != s.Infohash || s.Record.Signer != "" || s.NextKey != "" || s.Mine || s.Held {
		t.Fatalf("%+v", s)
	}
	d, err := h.Engine.Detail(t.Context(), Key)
	if err != nil {
		t.Fatal(err)
	}
	n := d.Domain
	if n.Host != Key || n.Key != Key || n.Infohash != s.Infohash || n.Source == "" || n.Record.Seq != s.Record.Seq {
		t.Fatalf("what its key says is %+v", n)
	}
	if len(d.Versions) == 0 || d.Versions[0].Infohash != s.Infohash || d.Versions[0].State != engine.VersionCurrent {
		t.Fatalf("the versions are %+v", d.Versions)
	}
	roundTrip(t, d)
	CheckClean(t, d)
}

func keyIsHeld(t *testing.T, h Harness) {
	s := addKey(t, h, Key)
	if err := h.Engine.Switch(t.Context(), Key, s.Infohash); err != nil {
		t.Fatal(err)
	}
	waitForSite(t, h, Key, "held", func(s engine.Site) bool { return s.Held && s.NextCheck.IsZero() && s.Record.Seq > 0 })
	if err := h.Engine.Switch(t.Context(), Key, ""); err != nil {
		t.Fatal(err)
	}
	waitForSite(t, h, Key, "following", func(s engine.Site) bool { return !s.Held && !s.NextCheck.IsZero() })
}

func resolveReturnsKeys(t *testing.T, h Harness) {
	s := addKey(t, h, Key)
	n, err := h.Engine.Resolve(t.Context(), Key)
	if err != nil {
		t.Fatal(err)
	}
	if n.Host != Key || n.Key != Key || n.Infohash != s.Infohash || n.Error != "" || n.Record.Infohash != s.Infohash {
		t.Fatalf("%+v", n)
	}
	roundTrip(t, n)
	CheckClean(t, n)
	unknown := engine.PublicKey{9}.Host()
	if n, err = h.Engine.Resolve(t.Context(), unknown); err != nil || n.Host != unknown || n.Error == "" ||
		n.Infohash != "" {
		t.Fatalf("a key that nobody knows: %+v, %v", n, err)
	}
}

func publishCreatesKeys(t *testing.T, h Harness) {
	if keys, err := h.Engine.Keys(t.Context()); err != nil || keys == nil || len(keys) != 0 {
		t.Fatalf("at first there are %+v, %v", keys, err)
	}
	dir := filepath.Join(t.TempDir(), "site")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "index.html")
	if err := os.WriteFile(page, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(page, time.Unix(1e9, 0), time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	_, err := h.Engine.Publish(t.Context(), engine.PublishRequest{Dir: dir, Key: "../blog"}, nil)
	wantKind(t, err, engine.Invalid)
	req := engine.PublishRequest{Dir: dir, Key: "blog", DryRun: true}
	p, err := h.Engine.Publish(t.Context(), req, nil)
	if err != nil || p.Host != "" || p.Key.Name != "blog" || p.Key.Host != "" {
		t.Fatalf("a dry run with a new key: %+v, %v", p, err)
	}
	req.DryRun = false
	if p, err = h.Engine.Publish(t.Context(), req, nil); err != nil {
		t.Fatal(err)
	}
	keys, err := h.Engine.Keys(t.Context())
	if err != nil || len(keys) != 1 || keys[0].Name != "blog" || keys[0].Host != p.Host ||
		keys[0].CreatedAt.IsZero() ||
		keys[0].BackedUp {
		t.Fatalf("the keys are %+v, %v", keys, err)
	}
	if !engine.IsKey(p.Host) || p.Key.Host != p.Host || p.Record.Infohash != p.Infohash ||
		p.Record.Signer != "blog" ||
		len(p.Records) != 0 {
		t.Fatalf("%+v", p)
	}
	s := waitForSite(
		t,
		h,
		p.Host,
		"the site",
		func(s engine.Site) bool { return s.State == engine.Seeding && s.Record.Signer == "blog" },
	)
	if !s.Own || !s.Pinned || s.Infohash != p.Infohash {
		t.Fatalf("%+v", s)
	}
	req.Key = ""
	again, err := h.Engine.Publish(t.Context(), req, nil)
	if err != nil || again.Host != p.Host || again.Key.Name != "blog" || !again.Unchanged {
		t.Fatalf("again: %+v, %v", again, err)
	}
	roundTrip(t, again)
	CheckClean(t, again)
}

func acceptKeyWithoutAnyKey(t *testing.T, h Harness) {
	wantKind(t, h.Engine.Do(t.Context(), engine.AcceptKey, h.Unseeded), engine.NotFound)
	before := addKey(t, h, Key)
	do(t, h, engine.AcceptKey, Key)
	waitForSite(t, h, Key, "as it was", func(s engine.Site) bool {
		return s.Record.Seq == before.Record.Seq && s.NextKey == ""
	})
}
