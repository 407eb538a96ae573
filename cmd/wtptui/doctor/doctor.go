package doctor

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
)

// probeTime is how long any one probe may take. Run takes about twice that at the most.
const probeTime = 5 * time.Second

// Status is what a finding amounts to.
type Status string

// The statuses.
const (
	OK   Status = "ok"
	Warn Status = "warn" // something works worse than it could
	Fail Status = "fail" // something does not work
)

// Finding is one line of the report. All texts are clean.
type Finding struct {
	Status Status `json:"status"`
	// Check names what was looked at: "tracker", "disk". Subject is which of several, a URL; empty otherwise.
	Check   string `json:"check"`
	Subject string `json:"subject"`
	// Took is how long the other side took to answer, in nanoseconds; 0 where there is nothing to wait for.
	Took int64 `json:"took"`
	// Found says what is so, and Do what to do about it; Do is empty when all is well.
	Found string `json:"found"`
	Do    string `json:"do"`
	// FollowsFrom is the Check of the finding that this one only follows from; empty if it stands for itself.
	FollowsFrom string `json:"follows_from,omitempty"`

	err error // why a server was not reached
}

// Config says what to look at. Settings are those that the engine runs with, or if none does, `wtptui serve` would.
type Config struct {
	Version string
	DataDir string
	Socket  string
	// SocketError says why Socket can be no socket's path.
	SocketError error
	Database    string
	// Listen and PeerHost, PeerPort are where pages and peers are served; MinFree is the disk space in bytes below
	// which downloads pause, and CacheSize how much the cache may take (0: no limit).
	Listen    string
	PeerHost  string
	PeerPort  int
	MinFree   int64
	CacheSize int64
	Trackers  []string
	Resolvers []string
	STUN      []string
	Relays    []string
	DHT, UPnP bool
	// KeyDir is the folder of the keys of this machine.
	KeyDir string

	// Engine is the running engine, or nil; EngineError says why there is none when that is a fault. Found is how
	// many of its sites were found in the data folder and wait for a person.
	Engine      *engine.Status
	EngineError error
	Found       int
	// Waiting says which settings a person has given that the engine does not run with, each as a text.
	Waiting []string
	// Doubts say which settings a person has given that are hardly meant so, each as a text.
	Doubts []string
	// Sites are those of its sites that a key decides.
	Sites []engine.Site

	// Handler tells who opens wtp: links: whether it is us, and otherwise who.
	Handler func(ctx context.Context) (ours bool, other string, err error)
	// Companion tells which browsers start this program for their extension, and which start another, or one that is not
	// there any more. nil means none.
	Companion func() (ours, others []string)
	// CheckDatabase verifies the database while no engine has it open.
	CheckDatabase func(path string) error
	// Localhost resolves a name as this system's programs do; nil means the system itself.
	Localhost func(ctx context.Context, name string) ([]netip.Addr, error)
	// Router looks for a router that forwards ports; nil means by UPnP.
	Router func(ctx context.Context) (string, error)
	// Free is the space in bytes of the disk that holds a folder; nil means the system's word.
	Free func(dir string) (int64, error)
	// Now is the clock.
	Now func() time.Time
}

// doctor is one run.
type doctor struct {
	Config
	mu     sync.Mutex
	clocks []clockReading
	mapped []netip.AddrPort // what STUN servers saw one socket as
	web    webTrackers
}

type webTrackers struct{ working, all int }

// check is a row of the table: it gives one or more findings.
type check func(ctx context.Context, d *doctor) []Finding

// Run makes all checks and returns the findings, always in the same order. If all that is wrong with the network has
// one reason, it comes first.
func Run(ctx context.Context, cfg Config) []Finding {
	d := &doctor{Config: cfg}
	d.takeDefaults()
	// The second group draws conclusions from what the first has heard.
	groups := [][]check{
		{
			engineCheck, settingsCheck, foundCheck, folderCheck, diskCheck, databaseCheck, socketCheck, pagesCheck,
			localhostCheck, peerPortCheck, routerCheck, stunCheck, dhtCheck, trackerCheck, resolverCheck,
			relayCheck, keyCheck, recordCheck,
		},
		{natCheck, webrtcCheck, clockCheck, handlerCheck, companionCheck},
	}
	var all []Finding
	for _, group := range groups {
		found := make([][]Finding, len(group))
		var running sync.WaitGroup
		for i, c := range group {
			running.Go(func() {
				ctx, cancel := context.WithTimeout(ctx, probeTime)
				defer cancel()
				found[i] = c(ctx, d)
			})
		}
		running.Wait()
		for _, f := range found {
			all = append(all, f...)
		}
	}
	return Clean(withRoot(all))
}

// Clean makes all texts of findings clean, which may have come from another machine, and returns them.
func Clean(found []Finding) []Finding {
	for i := range found {
		f := &found[i]
		for _, text := range []*string{(*string)(&f.Status), &f.Check, &f.Subject, &f.Found, &f.Do, &f.FollowsFrom} {
			*text = engine.Clean(*text)
		}
	}
	return found
}

// each makes a finding of every one of a list, side by side.
func each(ctx context.Context, name string, list []string, probe func(ctx context.Context, subject string) Finding) []Finding {
	found := make([]Finding, len(list))
	var running sync.WaitGroup
	for i, subject := range list {
		running.Go(func() {
			start := time.Now()
			f := probe(ctx, subject)
			f.Check, f.Subject = name, withoutPassword(subject)
			if f.Took == 0 {
				f.Took = int64(time.Since(start))
			}
			found[i] = f
		})
	}
	running.Wait()
	return found
}

// soften makes warnings of failures where others of their kind work: each is there to stand in for another.
func soften(found []Finding) []Finding {
	if slices.ContainsFunc(found, func(f Finding) bool { return f.Status != Fail }) {
		for i := range found {
			if found[i].Status == Fail {
				found[i].Status = Warn
			}
		}
	}
	return found
}

// withoutPassword leaves out what turn:user:password@host has before the @: people show reports to others.
func withoutPassword(server string) string {
	scheme, rest, _ := strings.Cut(server, ":")
	if i := strings.LastIndex(rest, "@"); i >= 0 && strings.HasPrefix(scheme, "turn") {
		return scheme + ":" + rest[i+1:]
	}
	return server
}

func ok(check, found string) []Finding { return []Finding{{Status: OK, Check: check, Found: found}} }

func warn(check, found, do string) []Finding {
	return []Finding{{Status: Warn, Check: check, Found: found, Do: do}}
}

func fail(check, found, do string) []Finding {
	return []Finding{{Status: Fail, Check: check, Found: found, Do: do}}
}

func (d *doctor) takeDefaults() {
	if d.Localhost == nil {
		d.Localhost = systemLookup
	}
	if d.Router == nil {
		d.Router = findRouter
	}
	if d.Free == nil {
		d.Free = freeSpace
	}
	if d.Now == nil {
		d.Now = time.Now
	}
}
