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

// Script describes a simulated site and its initial state.
type Script struct {
	// Host is a domain, an infohash or a key in its canonical form.
	Host  string
	Title string
	// State is the initial state; Seeding when empty. Resolving, Metadata and Downloading continue from there. The data of
	// a Found site is complete, but not hashed yet.
	State engine.State
	// Size is in bytes. Size and Files get plausible values when 0.
	Size  int64
	Files int
	// Done is the part that is complete at the beginning in state Downloading, from 0 to 1.
	Done   float64
	Pinned bool
	Mine   bool
	// Shipped reports whether a Mine site came with the program: no person published it.
	Shipped bool
	// InUse reports whether somebody reads the site all the time.
	InUse bool
	// ExpiresIn is the time until the site expires; the whole cache period when 0. For a pinned site only LastOpen follows
	// from it.
	ExpiresIn time.Duration
	// Peers is how many peers are connected once the site is in a swarm, KnownPeers how many are known.
	Peers, KnownPeers int
	// LastCopy reports whether no peer is complete. Otherwise the number of copies follows from KnownPeers; it is unknown
	// if that is 0.
	LastCopy bool
	// Enough is Site.Enough, and Resting the initial Site.Resting.
	Enough  int
	Resting bool
	// Uploaded is in bytes.
	Uploaded int64
	// Unseeded reports whether no peer has the site: a download never progresses.
	Unseeded bool
	// JustPublished reports whether the site has just been published: its peers connect one after the other and download
	// it.
	JustPublished bool
	// Visited reports whether somebody opens the site now and then, so that it hardly ever expires.
	Visited bool
	// Versions is how many infohashes the domain has had, 1 when 0. NextPending reports whether one more is being fetched.
	Versions    int
	NextPending bool
	// Requests is how many browser requests there were before the beginning.
	Requests int
	// MissingParts is how many parts of the front page have timed out.
	MissingParts int
	// Folder is the folder from which the site was published, LeftOut the paths that were left out then.
	Folder  string
	LeftOut []string
	// SignedAgo and PutAgo are how long before the beginning the record of the site's key was signed, and put into the DHT
	// last. Key is the name of the key if this machine has it.
	SignedAgo, PutAgo time.Duration
	Key               string
	// DomainKey is the key that the domain names, if any, and NextKey the one that it names now instead.
	DomainKey, NextKey string
	// Flags are the initial flags.
	Flags engine.Flags
	// Labels are the initial labels, sorted.
	Labels []string
	// PastEvents are the events before the beginning, oldest first.
	PastEvents []PastEvent
	// ErrorKind and Error are those of the site in state Failed. Allow turns TooLarge into a download; so does Pin if
	// CacheTooSmall is set.
	ErrorKind     engine.Kind
	Error         string
	CacheTooSmall bool
}

// PastEvent is an event before the beginning of the simulation.
type PastEvent struct {
	// Ago is how long before the beginning it happened.
	Ago   time.Duration
	Level engine.Level
	Kind  engine.EventKind
	Text  string
}

// site is the state of a site.
type site struct {
	engine.Site
	name          string
	files         []engine.File
	peers         []engine.Peer
	trackers      []engine.Tracker
	log           []engine.Event
	requests      []engine.Request
	versions      []engine.Version
	script        Script
	maxPeers      int // how many peers connect
	rng           *rand.Rand
	pageRNG       *rand.Rand    // for the site's page only; nothing else depends on it
	stateTimeLeft time.Duration // in the present state, for Resolving and Metadata
	hashedBytes   int64         // bytes hashed, while Checking
	resumeState   engine.State  // the state after Resume or Allow
	// Fractions of bytes that have not been counted yet.
	downFraction, upFraction float64
	ttl                      time.Duration // TTL of the domain's answer
	namedAt                  time.Time     // when the domain begins to name the published version
	previousHash             string        // the infohash that the domain names until then
	key                      siteKey       // the key that decides where the site is
	keepOpenCount            int           // see Engine.KeepOpen
}

const (
	serveURL    = "http://localhost:7780/"
	pieceLength = 256 << 10
)

// builder creates sites from scripts.
type builder struct{ opts Options }

// newRand returns a random generator for one site. The states of a site do not depend on other sites.
func (b builder) newRand(host string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(host))
	return rand.New(rand.NewPCG(b.opts.Seed, h.Sum64()))
}

// newSite returns the initial state of the site of a script.
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
	if sc.ExpiresIn == 0 {
		sc.ExpiresIn = b.opts.CacheTTL
	}
	s := &site{script: sc, rng: rng, pageRNG: b.newRand("page of " + sc.Host), maxPeers: sc.Peers, name: sc.Host}
	s.key = newSiteKey(sc)
	s.ttl = time.Duration(1+s.pageRNG.IntN(60)) * time.Minute
	if sc.JustPublished {
		s.maxPeers = 0
	}
	s.Site = engine.Site{
		Host: sc.Host, URL: "wtp://" + sc.Host + "/", LocalURL: localURL(sc.Host), State: sc.State,
		Labels: append([]string{}, sc.Labels...),
		Pinned: sc.Pinned, Mine: sc.Mine, Own: sc.Mine && !sc.Shipped, InUse: sc.InUse, Flags: sc.Flags,
		Size: -1, Uploaded: sc.Uploaded, Copies: -1, WebCopies: -1, Enough: sc.Enough, Resting: sc.Resting,
		AddedAt:  engine.At(now.Add(-time.Duration(rng.IntN(90*24)) * time.Hour)),
		LastOpen: engine.At(now.Add(sc.ExpiresIn - b.opts.CacheTTL)),
	}
	if !sc.Pinned && sc.State != engine.Found {
		s.ExpiresAt = engine.At(now.Add(sc.ExpiresIn))
	}
	s.trackers = inventTrackers(now, rng)
	s.setState(sc.State, now)
	s.connectPeers(now)
	for i := range sc.Requests {
		s.addRequest(now.Add(-time.Duration(sc.Requests-i) * 7 * time.Second))
	}
	for range sc.MissingParts {
		s.addMissingPart(now)
	}
	return s
}

// setState sets the state of a site, and what follows from it and from the states before it.
func (s *site) setState(state engine.State, now time.Time) {
	s.State, s.Awaiting = state, ""
	if state != engine.Resolving && s.Infohash == "" && s.script.ErrorKind != engine.NotFound {
		s.Infohash = inventInfohash(s.Host)
		if s.Infohash != s.Host {
			s.versions = s.inventVersions(now)
			s.NextCheck = engine.At(now.Add(s.ttl))
			s.Record, s.NextKey = s.key.record(s.Infohash, now), s.key.nextKey
		}
	}
	switch state {
	case engine.Resolving:
		s.stateTimeLeft, s.Awaiting = 1500*time.Millisecond, "the address of "+s.Host+" (DNS)"
		if engine.IsKey(s.Host) {
			s.Awaiting = "the record of its key (DHT)"
		}
	case engine.Metadata:
		s.stateTimeLeft, s.Awaiting = 2*time.Second, "the list of files, from 2 peers"
	case engine.Downloading:
		s.setFileList()
		s.Completed = max(s.Completed, int64(s.script.Done*float64(s.Size))/pieceLength*pieceLength)
		if s.script.Unseeded {
			s.Awaiting = "peers: none found in 3m"
		}
	case engine.Seeding:
		s.setFileList()
		s.Completed = s.Size
	case engine.Paused:
		s.setFileList()
		s.Completed, s.resumeState = s.Size, engine.Seeding
	case engine.Found:
		s.setFileList()
		s.Awaiting, s.NextCheck = engine.FoundAwaiting, engine.Time{}
	case engine.Failed:
		s.Error, s.ErrorKind = s.script.Error, s.script.ErrorKind
		if s.script.ErrorKind == engine.TooLarge {
			s.setFileList()
		}
	}
	s.distributeCompleted()
}

// setFileList sets the list of files, if there is none yet.
func (s *site) setFileList() {
	if s.files != nil {
		return
	}
	s.Title = s.script.Title
	s.Size, s.Files = s.script.Size, s.script.Files
	s.files = inventFiles(s.script, s.LocalURL, s.rng)
}

// distributeCompleted distributes the completed bytes over the files, in their order.
func (s *site) distributeCompleted() {
	rest := s.Completed
	if len(s.files) > 0 {
		s.files = append([]engine.File(nil), s.files...) // a Detail may hold the old slice
	}
	for i := range s.files {
		got := min(rest, s.files[i].Size)
		s.files[i].Completed = got
		rest -= got
	}
}

// inventFiles returns the files of a small website of exactly sc.Size bytes.
func inventFiles(sc Script, root string, rng *rand.Rand) []engine.File {
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
	return "http://" + engine.OriginLabel(host) + ".localhost:7780/"
}

// inventInfohash returns an infohash that depends on the text alone; an infohash itself.
func inventInfohash(host string) string {
	if engine.IsInfohash(host) {
		return host
	}
	sum := sha1.Sum([]byte("fake:" + host))
	return hex.EncodeToString(sum[:])
}
