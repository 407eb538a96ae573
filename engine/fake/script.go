package fake

import (
	"crypto/sha1" // BitTorrent v1 names torrents by SHA-1.
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"wtptui/engine"
)

// Script is one site of a simulation: what it is, and its state at the beginning.
type Script struct {
	// Host is a domain, an infohash or a key in its canonical form.
	Host  string
	Title string
	// State is where it begins; Seeding when empty. Resolving, Metadata and Downloading go on from there. The data of
	// one that is Found is all there, and not hashed yet.
	State engine.State
	// Size is in bytes and Files a number; both get a plausible value when 0.
	Size  int64
	Files int
	// Done is the part that is there already in state Downloading, from 0 to 1.
	Done   float64
	Pinned bool
	Mine   bool
	// Shipped says of one that is Mine that it came with the program, and that no person published it.
	Shipped bool
	// InUse is for good in a play: somebody reads that site all the time.
	InUse bool
	// Left is the time to its expiry; the whole cache period when 0. Of a pinned one it says only when it was opened last.
	Left time.Duration
	// Peers is how many are connected once it is in a swarm, and Known how many have been heard of.
	Peers, Known int
	// Last reports whether nobody else has all of it; else the number of copies follows from Known, and is unknown with 0.
	Last bool
	// Enough is the Site.Enough that a person has set, and Rests says that it rests at the beginning, because so many
	// others seed it.
	Enough int
	Rests  bool
	// Uploaded is in bytes.
	Uploaded int64
	// Lonely reports whether nobody has it: a download never moves.
	Lonely bool
	// Fresh reports whether it has just been published: its peers come one after the other and fetch it.
	Fresh bool
	// Visited reports whether somebody opens it now and then, so that it hardly ever expires.
	Visited bool
	// Versions is how many infohashes its domain has had, 1 when 0; Coming says that one more is on its way.
	Versions int
	Coming   bool
	// Requests is how many requests browsers have made to it by the beginning.
	Requests int
	// Lacks is how many parts of its front page did not come in time.
	Lacks int
	// Folder is where a site of one's own was published from, and LeftOut what was left out then.
	Folder  string
	LeftOut []string
	// Signed is how long before the beginning the owner of the site's key signed its record, and Put how long before that
	// was put into the DHT last. Key is the name of the key if it is on this machine.
	Signed, Put time.Duration
	Key         string
	// DomainKey is the key that the site's domain names, if it names one, and NextKey the one that it names now in its
	// place.
	DomainKey, NextKey string
	// Flags are set from the beginning.
	Flags engine.Flags
	// Labels are put on from the beginning; they are sorted.
	Labels []string
	// Past is what happened to it before the play began, oldest first.
	Past []Past
	// Fault is the kind of its failure and Error its text, for state Failed. Allow turns TooLarge into a download, and
	// so does Pin where only the cache is too small.
	Fault      engine.Kind
	Error      string
	SmallCache bool
}

// Past is an event from before the play.
type Past struct {
	// Ago is how long before the beginning it happened.
	Ago   time.Duration
	Level engine.Level
	Kind  engine.EventKind
	Text  string
}

// site is a site, its script, and how far it has come.
type site struct {
	engine.Site
	name     string
	files    []engine.File
	peers    []engine.Peer
	trackers []engine.Tracker
	log      []engine.Event
	requests []engine.Request
	versions []engine.Version
	plan     Script
	want     int // how many peers it gets
	rng      *rand.Rand
	more     *rand.Rand    // for what a person sees on the site's page only: the rest does not depend on it
	left     time.Duration // of the present state, for Resolving and Metadata
	checked  int64         // bytes hashed, while Checking
	resume   engine.State  // what Resume and Allow go back to
	// Fractions of bytes and peers that are not whole yet.
	downRest, upRest float64
	ttl              time.Duration // of its domain's answer
	named            time.Time     // when its domain begins to name the version that was published
	before           string        // what the domain names until then
	key              siteKey       // that decides where the site is
	kept             int           // see Engine.KeepOpen
}

const (
	serveURL    = "http://localhost:7780/"
	pieceLength = 256 << 10
)

// builder makes sites of scripts.
type builder struct{ opts Options }

// newRand returns the random numbers of one site, so that its life does not depend on its neighbours.
func (b builder) newRand(host string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(host))
	return rand.New(rand.NewPCG(b.opts.Seed, h.Sum64()))
}

// newSite returns the site of a script as it is in the beginning.
func (b builder) newSite(sc Script, now time.Time) *site {
	rng := b.newRand(sc.Host)
	if sc.Size == 0 {
		sc.Size = 300_000 + rng.Int64N(40_000_000)
	}
	if sc.Files == 0 {
		sc.Files = 3 + rng.IntN(40)
	}
	if sc.State == "" {
		sc.State = engine.Seeding
	}
	if sc.Left == 0 {
		sc.Left = b.opts.CacheTTL
	}
	s := &site{plan: sc, rng: rng, more: b.newRand("page of " + sc.Host), want: sc.Peers, name: sc.Host}
	s.key = siteKeyOf(sc)
	s.ttl = time.Duration(1+s.more.IntN(60)) * time.Minute
	if sc.Fresh {
		s.want = 0
	}
	s.Site = engine.Site{
		Host: sc.Host, URL: "wtp://" + sc.Host + "/", LocalURL: localURL(sc.Host), State: sc.State,
		Labels: append([]string{}, sc.Labels...),
		Pinned: sc.Pinned, Mine: sc.Mine, Own: sc.Mine && !sc.Shipped, InUse: sc.InUse, Flags: sc.Flags,
		Size: -1, Uploaded: sc.Uploaded, Copies: -1, WebCopies: -1, Enough: sc.Enough, Resting: sc.Rests,
		AddedAt:  engine.At(now.Add(-time.Duration(rng.IntN(90*24)) * time.Hour)),
		LastOpen: engine.At(now.Add(sc.Left - b.opts.CacheTTL)),
	}
	if !sc.Pinned && sc.State != engine.Found {
		s.ExpiresAt = engine.At(now.Add(sc.Left))
	}
	s.trackers = trackers(now, rng)
	s.enter(sc.State, now)
	s.connectPeers(now)
	for i := range sc.Requests {
		s.addRequest(now.Add(-time.Duration(sc.Requests-i) * 7 * time.Second))
	}
	for range sc.Lacks {
		s.addMissingPart(now)
	}
	return s
}

// enter sets the state of a site, and everything that follows from it and from the states before it.
func (s *site) enter(state engine.State, now time.Time) {
	s.State, s.Awaiting = state, ""
	if state != engine.Resolving && s.Infohash == "" && s.plan.Fault != engine.NotFound {
		s.Infohash = infohash(s.Host)
		if s.Infohash != s.Host {
			s.versions = s.history(now)
			s.NextCheck = engine.At(now.Add(s.ttl))
			s.Record, s.NextKey = s.key.record(s.Infohash, now), s.key.next
		}
	}
	switch state {
	case engine.Resolving:
		s.left, s.Awaiting = 1500*time.Millisecond, "the address of "+s.Host+" (DNS)"
		if engine.IsKey(s.Host) {
			s.Awaiting = "the record of its key (DHT)"
		}
	case engine.Metadata:
		s.left, s.Awaiting = 2*time.Second, "the list of files, from 2 peers"
	case engine.Downloading:
		s.describe()
		s.Completed = max(s.Completed, int64(s.plan.Done*float64(s.Size))/pieceLength*pieceLength)
		if s.plan.Lonely {
			s.Awaiting = "peers: none found in 3m"
		}
	case engine.Seeding:
		s.describe()
		s.Completed = s.Size
	case engine.Paused:
		s.describe()
		s.Completed, s.resume = s.Size, engine.Seeding
	case engine.Found:
		s.describe()
		s.Awaiting, s.NextCheck = engine.FoundAwaiting, engine.Time{}
	case engine.Failed:
		s.Error, s.ErrorKind = s.plan.Error, s.plan.Fault
		if s.plan.Fault == engine.TooLarge {
			s.describe()
		}
	}
	s.spreadCompleted()
}

// describe sets the list of files, if there is none yet.
func (s *site) describe() {
	if s.files != nil {
		return
	}
	s.Title = s.plan.Title
	s.Size, s.Files = s.plan.Size, s.plan.Files
	s.files = files(s.plan, s.LocalURL, s.rng)
}

// spreadCompleted shares what is there out over the files, in their order.
func (s *site) spreadCompleted() {
	rest := s.Completed
	if len(s.files) > 0 {
		s.files = append([]engine.File(nil), s.files...) // the old ones may be in somebody's Detail
	}
	for i := range s.files {
		got := min(rest, s.files[i].Size)
		s.files[i].Completed = got
		rest -= got
	}
}

// files lays out a small website of exactly sc.Size bytes.
func files(sc Script, root string, rng *rand.Rand) []engine.File {
	names := []string{"index.html", "style.css", "404.html", "favicon.svg"}
	folders := []string{"blog/", "docs/", "img/", "assets/"}
	kinds := map[string]string{"blog/": ".html", "docs/": ".html", "img/": ".webp", "assets/": ".js"}
	out := make([]engine.File, 0, sc.Files)
	rest := sc.Size
	for i := range sc.Files {
		f := folders[i%len(folders)]
		name := fmt.Sprintf("%spage-%02d%s", f, i, kinds[f])
		if i < len(names) {
			name = names[i]
		}
		size := min(rest, sc.Size/int64(sc.Files)/4+rng.Int64N(sc.Size/int64(sc.Files)+1))
		if i == sc.Files-1 {
			size = rest
		}
		rest -= size
		out = append(out, engine.File{Path: name, URL: root + name, Size: size})
	}
	return out
}

func localURL(host string) string {
	return "http://" + engine.Label(host) + ".localhost:7780/"
}

// infohash invents one for a domain.
func infohash(host string) string {
	if engine.IsInfohash(host) {
		return host
	}
	sum := sha1.Sum([]byte("fake:" + host))
	return hex.EncodeToString(sum[:])
}
