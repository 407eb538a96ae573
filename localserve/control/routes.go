package control

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"wtptui/engine"
)

// The parameters.
var (
	hostParameter = parameter{name: "host", description: "The site's host, as a site has it in `host`.", required: true}
	nameParameter = parameter{name: "host", description: "A domain, or a key in z-base-32.", required: true}
	dirParameter  = parameter{name: "dir", description: "The absolute path of a folder.", required: true}
	rateParameter = parameter{
		name: "rate", number: true,
		description: "How many bytes a second the answer may take, after its first line; without it as many as there are.",
	}
)

// routes are all requests: the server is made of them, and so are openapi.json and the documentation. Bodies and
// replies are JSON, in HTTP/1.1 or HTTP/2 without TLS, replies with gzip if the client takes it; what fails is answered
// with a failure and a status above 399.
func routes() []route {
	return slices.Concat(stateRoutes(), queryRoutes(), siteRoutes(), contentRoutes(), programRoutes(), backupRoutes())
}

// stateRoutes tell the state, once or again and again.
func stateRoutes() []route {
	return []route{
		{
			method: "GET", path: pathHello, anyVersion: true,
			summary: "Tell which version of the protocol the server speaks.",
			handler: withReply(func(s *server, _ context.Context) (hello, error) {
				return hello{Protocol: Protocol, Asks: s.program.AsksPerson}, nil
			}),
		},
		{
			method: "GET", path: pathSnapshot, summary: "Tell the whole state: all sites, the engine and what happened lately.",
			handler: withReply((*server).snapshot),
		},
		{
			method: "GET", path: pathSnapshots,
			summary: "Tell the whole state now and again when it has changed, at most four times a second, until either side " +
				"closes.",
			errorKinds: []engine.Kind{engine.Invalid},
			handler:    withStream[engine.Snapshot]((*server).snapshots, rateParameter),
		},
		{
			method: "GET", path: pathWatch,
			summary: "Do the same with what has changed since the line before, in a form that is small and not made to be read " +
				"by others than wtptui.",
			errorKinds: []engine.Kind{engine.Invalid},
			handler:    withStream[frame]((*server).watch, rateParameter),
		},
	}
}

// queryRoutes tell of one thing.
func queryRoutes() []route {
	return []route{
		{
			method: "GET", path: pathDetail, summary: "Tell everything about one site: files, peers, trackers, versions.",
			errorKinds: []engine.Kind{engine.NotFound},
			handler: withParameter(hostParameter, func(s *server, ctx context.Context, host string) (engine.Detail, error) {
				return s.engine.Detail(ctx, host)
			}),
		},
		{
			method: "GET", path: pathMetainfo, summary: "Give the site's .torrent file, in base64.",
			errorKinds: []engine.Kind{engine.NotFound, engine.NotReady},
			handler: withParameter(hostParameter, func(s *server, ctx context.Context, host string) ([]byte, error) {
				return s.engine.Metainfo(ctx, host)
			}),
		},
		{
			method: "GET", path: pathBin, summary: "List what was evicted or removed and can come back.",
			handler: withReply(func(s *server, ctx context.Context) ([]engine.Binned, error) { return s.engine.Bin(ctx) }),
		},
		{
			method: "GET", path: pathKeys, summary: "List the keys of the engine's machine, without their secrets.",
			handler: withReply(func(s *server, ctx context.Context) ([]engine.Key, error) { return s.engine.Keys(ctx) }),
		},
		{
			method: "GET", path: pathResolve, summary: "Ask what a domain or a key points to, now.",
			errorKinds: []engine.Kind{engine.Invalid},
			handler: withParameter(nameParameter, func(s *server, ctx context.Context, host string) (engine.Name, error) {
				return s.engine.Resolve(ctx, host)
			}),
		},
		{
			method: "GET", path: pathSettings, summary: "List the settings that the program runs with.",
			errorKinds: []engine.Kind{engine.Refused},
			handler:    withReply((*server).settings),
		},
		{
			method: "GET", path: pathSight, summary: "Tell how the engine's process sees a folder of its machine.",
			handler: withParameter(dirParameter, func(_ *server, _ context.Context, dir string) (sight, error) {
				return inspectFolder(dir), nil
			}),
		},
	}
}

// siteRoutes have something done to sites.
func siteRoutes() []route {
	return []route{
		{
			method: "POST", path: pathAdd, summary: "Open a site; it is fetched and seeded in the background.",
			errorKinds: []engine.Kind{engine.Invalid, engine.Refused},
			handler: withBodyAndReply(func(s *server, ctx context.Context, req engine.AddRequest) (engine.Site, error) {
				return s.engine.Add(ctx, req)
			}),
		},
		{
			method: "POST", path: pathDo,
			summary:    "Do one verb to any number of sites, in one step; one that fails keeps it from no other.",
			errorKinds: []engine.Kind{engine.Invalid, engine.NotFound, engine.Conflict},
			handler: withBody(func(s *server, ctx context.Context, o doRequest) error {
				return s.engine.Do(ctx, o.Verb, o.Hosts...)
			}),
		},
		{
			method: "POST", path: pathAssign,
			summary:    "Label sites, and say how many other seeds are enough for them.",
			errorKinds: []engine.Kind{engine.Invalid, engine.NotFound},
			handler: withBody(func(s *server, ctx context.Context, a assignRequest) error {
				return s.engine.Assign(ctx, a.Assignment, a.Hosts...)
			}),
		},
		{
			method: "POST", path: pathKeepOpen,
			summary: "Keep sites from expiring until the client closes the connection; there is no answer before that.",
			handler: withBody((*server).keepOpen),
		},
		{
			method: "POST", path: pathSwitch,
			summary:    "Point a site to one of its versions, or let it follow its domain or key again.",
			errorKinds: []engine.Kind{engine.NotFound},
			handler: withBody(func(s *server, ctx context.Context, v switchRequest) error {
				return s.engine.Switch(ctx, v.Host, v.Infohash)
			}),
		},
	}
}

// programRoutes change what holds for all sites.
func programRoutes() []route {
	return []route{
		{
			method: "PUT", path: pathLimits, summary: "Change the transfer limits, over all sites or over those with a label.",
			errorKinds: []engine.Kind{engine.Invalid},
			handler: withBody(func(s *server, ctx context.Context, limits engine.Limits) error {
				return s.engine.SetLimits(ctx, limits)
			}),
		},
		{
			method: "PUT", path: pathHome, summary: "Take a site off its home, or put it back.",
			errorKinds: []engine.Kind{engine.NotFound},
			handler: withBody(func(s *server, ctx context.Context, h homeRequest) error {
				return s.engine.SetHome(ctx, h.Name, h.On)
			}),
		},
		{
			method: "POST", path: pathStop, summary: "End the program; where a person sits at its screen, they are asked.",
			errorKinds: []engine.Kind{engine.Refused},
			handler: handler{handle: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) {
				return nil, s.stop(r.Context())
			}},
		},
	}
}

// contentRoutes are about the files of sites.
func contentRoutes() []route {
	return []route{
		{
			method: "POST", path: pathPublish,
			summary: "Make a folder of the engine's machine a site, or a new version of it: lines with a `progress` come first, " +
				"and one with a `publication`, a `failure` or both is the last. Closing the connection before that leaves " +
				"everything as it was.",
			errorKinds: []engine.Kind{engine.Invalid},
			handler: handler{
				request: reflect.TypeFor[engine.PublishRequest](), reply: reflect.TypeFor[publishing](), lines: true,
				handle: func(s *server, w http.ResponseWriter, r *http.Request) (any, error) {
					var req engine.PublishRequest
					if err := readBody(r, &req); err != nil {
						return nil, err
					}
					return alreadyWritten{}, s.publish(w, r, req)
				},
			},
		},
		{
			method: "POST", path: pathProbe, summary: "Fetch a site as a stranger would, and tell which ways work.",
			errorKinds: []engine.Kind{engine.NotFound, engine.NotReady},
			handler: withParameter(hostParameter, func(s *server, ctx context.Context, host string) (engine.Reach, error) {
				return s.engine.Probe(ctx, host)
			}),
		},
		{
			method: "POST", path: pathExport, summary: "Write a site's files into a folder of the engine's machine.",
			errorKinds: []engine.Kind{engine.NotFound, engine.NotReady, engine.Conflict, engine.Refused},
			handler: withBody(func(s *server, ctx context.Context, x exportRequest) error {
				return s.engine.Export(ctx, x.Host, x.Request)
			}),
		},
	}
}

// keepOpen goes on until the client goes away, or the server.
func (s *server) keepOpen(ctx context.Context, k keepOpenRequest) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	return s.engine.KeepOpen(ctx, k.Hosts...)
}
