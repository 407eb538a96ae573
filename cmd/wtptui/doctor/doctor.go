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

// probeTime is how long a probe may take. Run takes at most about twice that.
const probeTime = 5 * time.Second

// Status is the result of a check.
type Status string

// The statuses.
const (
	OK   Status = "ok"
	Warn Status = "warn" // something works worse than it could
	Fail Status = "fail" // something does not work
)

// Finding is one line of the report. All its texts are clean.
type Finding struct {
	Status Status `json:"status"`
	// Check names what was checked: "tracker", "disk". Subject is the one that was checked, if there are several: a
	// URL; empty otherwise.
	Check   string `json:"check"`
	Subject string `json:"subject"`
	// Took is how long a server took to answer, in nanoseconds; 0 for checks that do not wait for one.
	Took int64 `json:"took"`
	// Found says what is the case, and Do what to do about it; Do is empty if the status is OK.
	Found string `json:"found"`
	Do    string `json:"do"`
	// FollowsFrom is the Check of the finding that caused this one; empty if there is none.
	FollowsFrom string `json:"follows_from,omitempty"`

	err error // why a server was not reached
}

// Config configures Run. Settings are those that the engine runs with, or if none does, those that `wtptui serve`
// would run with.
type Config struct {
	Version string
	DataDir string
	Socket  string
	// SocketError is the reason why Socket cannot be the path of a socket.
	SocketError error
	Database    string
	// Listen is where pages are served, PeerHost and PeerPort where peers are accepted. MinFree is the disk space in
	// bytes below which downloads pause, CacheSize the maximum size of the cache (0: no limit).
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

	// Engine is the status of the running engine, or nil; EngineError is the reason for nil if that is a fault. Found
	// is how many of its sites were found in the data folder and wait for a person's decision.
	Engine      *engine.Status
	EngineError error
	Found       int
	// PendingSettings describe settings that a person has given and the engine does not run with.
	PendingSettings []string
	// DoubtfulSettings describe settings that are probably mistakes.
	DoubtfulSettings []string
	// Sites are the engine's sites under keys.
	Sites []engine.Site

	// Handler reports whether this program opens wtp: links, and otherwise which program does.
	Handler func(ctx context.Context) (ours bool, other string, err error)
	// Companion returns the browsers that start this program for their extension, and those that start another
	// program, or one that no longer exists. nil means none.
	Companion func() (ours, others []string)
	// CheckDatabase verifies the database while no engine has it open.
	CheckDatabase func(path string) error
	// Localhost resolves a name as this system's programs do; nil means lookupAsSystem.
	Localhost func(ctx context.Context, name string) ([]netip.Addr, error)
	// Router returns the name of a router that forwards ports; nil means findRouter.
	Router func(ctx context.Context) (string, error)
	// Free returns the free space in bytes of the disk that holds a folder; nil means that of the system.
	Free func(dir string) (int64, error)
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// doctor is the state of one Run.
type doctor struct {
	Config
	mu          sync.Mutex
	clocks      []clockReading
	mappedAddrs []netip.AddrPort // the addresses from which STUN servers saw one socket
	web         webTrackers
}

type webTrackers struct{ working, total int }

// check is a row of the table. It returns one or more findings.
type check func(ctx context.Context, d *doctor) []Finding

// Run runs all checks and returns the findings, always in the same order. If all problems with the network have one
// cause, that comes first.
func Run(ctx context.Context, cfg Config) []Finding {
	d := &doctor{Config: cfg}
	d.setDefaults()
	// The checks of the second group use results of the first.
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
	return Clean(groupByCause(all))
}

// Clean cleans all texts of findings, which may have come from another machine, and returns the findings.
func Clean(found []Finding) []Finding {
	for i := range found {
		f := &found[i]
		for _, text := range []*string{(*string)(&f.Status), &f.Check, &f.Subject, &f.Found, &f.Do, &f.FollowsFrom} {
			*text = engine.Clean(*text)
		}
	}
	return found
}

// probeAll probes all subjects concurrently, and returns a finding for each.
func probeAll(
	ctx context.Context, name string, subjects []string, probe func(ctx context.Context, subject string) Finding,
) []Finding {
	found := make([]Finding, len(subjects))
	var probes sync.WaitGroup
	for i, subject := range subjects {
		probes.Go(func() {
			start := time.Now()
			f := probe(ctx, subject)
			f.Check, f.Subject = name, redactPassword(subject)
			if f.Took == 0 {
				f.Took = int64(time.Since(start))
			}
			found[i] = f
		})
	}
	probes.Wait()
	return found
}

// downgradeFailures turns failures into warnings if another of the same kind works: each can replace the others.
func downgradeFailures(found []Finding) []Finding {
	if slices.ContainsFunc(found, func(f Finding) bool { return f.Status != Fail }) {
		for i := range found {
			if found[i].Status == Fail {
				found[i].Status = Warn
			}
		}
	}
	return found
}

// redactPassword removes the user and password of turn:user:password@host: people show reports to others.
func redactPassword(server string) string {
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

func (d *doctor) setDefaults() {
	if d.Localhost == nil {
		d.Localhost = lookupAsSystem
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
