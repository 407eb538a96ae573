package control

import (
	"context"
	"net/http"
	"reflect"
	"slices"

	"wtptui/engine"
)

// The parameters of several requests.
var (
	hostParameter = parameter{name: "host", description: "The site's host, the field `host` of a site.", required: true}
	nameParameter = parameter{name: "host", description: "A domain, or a key in z-base-32.", required: true}
	dirParameter  = parameter{name: "dir", description: "The absolute path of a folder.", required: true}
	rateParameter = parameter{
		name: "rate", number: true,
		description: "The maximum average rate of the reply in bytes per second, after its first line; unlimited without it.",
	}
)

// routes returns all requests. The server, openapi.json and the documentation are made from them. Bodies are JSON,
// over HTTP/1.1 or HTTP/2 without TLS; replies are compressed with gzip if the client accepts it. The reply to a
// request that fails is a failure, with a status of 400 or more.
func routes() []route {
	return slices.Concat(stateRoutes(), queryRoutes(), siteRoutes(), contentRoutes(), programRoutes(), backupRoutes())
}

// stateRoutes are the requests for the whole state.
func stateRoutes() []route {
	return []route{
		{
			method: "GET", path: pathHello, anyVersion: true,
			summary: "Return the server's version of the protocol.",
			handler: withReply(func(s *server, _ context.Context) (hello, error) {
				return hello{Protocol: Protocol, Asks: s.program.AsksPerson}, nil
			}),
		},
		{
			method: "GET", path: pathSnapshot, summary: "Return the whole state: all sites, the engine and recent events.",
			handler: withReply((*server).snapshot),
		},
		{
			method: "GET", path: pathSnapshots,
			summary: "Return the whole state, now and whenever it has changed, at most four times a second, until either " +
				"side closes the connection.",
			errorKinds: []engine.Kind{engine.Invalid},
			handler:    withStream[engine.Snapshot]((*server).snapshots, rateParameter),
		},
		{
			method: "GET", path: pathWatch,
			summary:    "Return the same as differences to the line before, in a compact format that is meant for wtptui alone.",
			errorKinds: []engine.Kind{engine.Invalid},
			handler:    withStream[frame]((*server).watch, rateParameter),
		},
	}
}

// queryRoutes are the requests for a single thing.
func queryRoutes() []route {
	return []route{
		{
			method: "GET", path: pathDetail, summary: "Return everything about one site: files, peers, trackers, versions.",
			errorKinds: []engine.Kind{engine.NotFound},
			handler: withParameter(hostParameter, func(s *server, ctx context.Context, host string) (engine.Detail, error) {
				return s.engine.Detail(ctx, host)
			}),
		},
		{
			method: "GET", path: pathMetainfo, summary: "Return the site's .torrent file, in base64.",
			errorKinds: []engine.Kind{engine.NotFound, engine.NotReady},
			handler: withParameter(hostParameter, func(s *server, ctx context.Context, host string) ([]byte, error) {
				return s.engine.Metainfo(ctx, host)
			}),
		},
		{
			method: "GET", path: pathBin, summary: "List the sites that were evicted or removed and can be restored.",
			handler: withReply(func(s *server, ctx context.Context) ([]engine.Binned, error) { return s.engine.Bin(ctx) }),
		},
		{
			method: "GET", path: pathKeys, summary: "List the keys of the engine's machine, without their secrets.",
			handler: withReply(func(s *server, ctx context.Context) ([]engine.Key, error) { return s.engine.Keys(ctx) }),
		},
		{
			method: "GET", path: pathResolve, summary: "Look up what a domain or a key points to now.",
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
			method: "GET", path: pathSight, summary: "Return how the engine's process sees a folder of its machine.",
			handler: withParameter(dirParameter, func(_ *server, _ context.Context, dir string) (sight, error) {
				return inspectFolder(dir), nil
			}),
		},
	}
}

// siteRoutes are the requests that change sites.
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
			summary: "Apply one verb to any number of sites, in one step; if it fails for one, it still applies to the " +
				"others.",
			errorKinds: []engine.Kind{engine.Invalid, engine.NotFound, engine.Conflict},
			handler: withBody(func(s *server, ctx context.Context, o doRequest) error {
				return s.engine.Do(ctx, o.Verb, o.Hosts...)
			}),
		},
		{
			method: "POST", path: pathAssign,
			summary:    "Label sites, and set how many other seeds are enough for them.",
			errorKinds: []engine.Kind{engine.Invalid, engine.NotFound},
			handler: withBody(func(s *server, ctx context.Context, a assignRequest) error {
				return s.engine.Assign(ctx, a.Assignment, a.Hosts...)
			}),
		},
		{
			method: "POST", path: pathKeepOpen,
			summary: "Keep sites from expiring until the client closes the connection; there is no reply before that.",
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

// programRoutes are the requests that change settings of the program, or stop it.
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
			method: "POST", path: pathStop, summary: "Stop the program; if a person is at its screen, they are asked first.",
			errorKinds: []engine.Kind{engine.Refused},
			handler: handler{handle: func(s *server, _ http.ResponseWriter, r *http.Request) (any, error) {
				return nil, s.stop(r.Context())
			}},
		},
	}
}

// contentRoutes are the requests about the files of sites.
func contentRoutes() []route {
	return []route{
		{
			method: "POST", path: pathPublish,
			summary: "Publish a folder of the engine's machine as a site, or as a new version of it. Lines with a `progress` " +
				"come first; the last line has a `publication`, a `failure` or both. Closing the connection before that " +
				"cancels it, and changes nothing.",
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
			method: "POST", path: pathProbe, summary: "Fetch a site as a visitor would, and return which ways work.",
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

// keepOpen returns when the client closes the connection, or when the server stops.
func (s *server) keepOpen(ctx context.Context, k keepOpenRequest) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	return s.engine.KeepOpen(ctx, k.Hosts...)
}
