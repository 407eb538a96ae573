package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strings"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/localserve/home"
)

// acmeFolderName is the folder in the data folder for the keys and certificates of an ACME authority.
const acmeFolderName = "acme"

// homeListeners are the listeners of the public server: visitors for HTTPS, or HTTP behind a proxy, and plain for HTTP
// that redirects to HTTPS. plain and certificates may be nil.
type homeListeners struct {
	visitors, plain net.Listener
	certificates    *home.Certificates
	homes           []engine.Home
}

// listenHome opens the listeners for visitors, if the settings have homes.
func (n *node) listenHome(s *settings, folder *dataFolder) (warnings []string, err error) {
	h, l := &s.Home, &n.public
	if len(h.Homes) == 0 {
		return nil, nil
	}
	if h.Cert != "" {
		if l.certificates, err = home.LoadCertificates(h.Cert, h.Key); err != nil {
			return nil, certificateError(err)
		}
	}
	if l.visitors, err = net.Listen("tcp", h.visitorAddr()); err != nil {
		return nil, homeListenError("visitors", "--home-listen", h.visitorAddr(), err)
	}
	n.onClose("home listener", func(context.Context) error { l.visitors.Close(); return nil })
	l.homes = h.homesAt(listenerPort(l.visitors))
	if !h.Plain && l.certificates == nil {
		l.certificates = home.ACME(home.ACMEConfig{
			Directory: h.ACME, Email: h.Email, Folder: filepath.Join(folder.path, acmeFolderName), Names: homeNames(l.homes),
		})
	}
	if warnings, err = n.listenHomeHTTP(h); err != nil {
		return nil, err
	}
	more, err := n.listenTracker(h)
	return append(warnings, more...), err
}

// listenHomeHTTP opens the listener that redirects visitors from HTTP to HTTPS.
func (n *node) listenHomeHTTP(h *homeSettings) (warnings []string, err error) {
	if h.plainAddr() == noAddress {
		return nil, nil
	}
	plain, err := net.Listen("tcp", h.plainAddr())
	if err != nil {
		err = homeListenError("visitors", "--home-listen-http", h.plainAddr(), err)
		if h.ListenHTTP != "" {
			return nil, err
		}
		return []string{engine.Message(err) + " (or none); visitors have to type https://"}, nil
	}
	n.public.plain = plain
	n.onClose("home http listener", func(context.Context) error { plain.Close(); return nil })
	return nil, nil
}

func homeNames(homes []engine.Home) []string {
	all := make([]string, len(homes))
	for i, h := range homes {
		all[i] = h.Name
	}
	return all
}

func certificateError(err error) error {
	return &engine.Error{
		Op: "home: certificate", Kind: engine.Invalid, Err: err,
		Msg: "cannot use the certificate of --home-cert and --home-key: " + engine.Clean(err.Error()) + ": check both files",
	}
}

// homeListenError returns the error for an address of the public server that cannot be listened on.
func homeListenError(whom, flag, address string, err error) error {
	advice := "choose another address with " + flag
	if errors.Is(err, fs.ErrPermission) {
		advice = "ports below 1024 need the right CAP_NET_BIND_SERVICE (setcap cap_net_bind_service=+ep on the program, or " +
			"AmbientCapabilities in its systemd unit); or " + advice
	}
	return &engine.Error{
		Op: "home: listen", Kind: engine.Unavailable, Err: err,
		Msg: fmt.Sprintf("cannot listen for %s on %s: %s: %s", whom, address, networkCause(err), advice),
	}
}

// startHome starts the public server.
func (n *node) startHome(ctx context.Context, s *settings) {
	l := n.public
	if l.visitors == nil {
		return
	}
	var all []home.Name
	for _, h := range l.homes {
		all = append(all, home.Name{Name: h.Name, URL: h.URL, Host: h.Host})
	}
	n.home = home.New(home.Config{
		Opener: n.engine.Homes(), Names: all, Certificates: l.certificates, Log: n.log,
		RequestLog: home.LogPolicy(s.Home.Log), Contact: s.Home.Contact, UpLimit: s.Home.UpLimit,
		MaxConnections: maxVisitorConnections(), Tracker: n.startTracker(), Loader: n.homeLoader(s),
		Observe: func(name string, r engine.Request, webSeed bool) {
			n.engine.Homes().Served(name, r.Bytes, webSeed)
		},
	})
	closeHome := func(ctx context.Context) error {
		// As with the pages, the rest of the time is for what must be written.
		ctx, cancel := context.WithTimeout(ctx, drainTimeout/4)
		defer cancel()
		err := n.home.Close(ctx)
		return errors.Join(err, n.tracker.close()) // The server does not close the WebSockets of the tracker.
	}
	n.runServer("home", func() error { return n.home.Serve(l.visitors) }, closeHome)
	if l.plain != nil {
		n.runServer("home http", func() error { return n.home.ServePlain(l.plain) }, closeHome)
	}
	if l.certificates != nil {
		n.obtainCertificates(ctx, l.certificates)
	}
	for _, h := range l.homes {
		n.log.Info("home", "url", h.URL, "site", h.Host, "listen", l.visitors.Addr())
	}
}

// homeLoader returns the configuration of the loader, with which browsers open the sites of the homes from their
// swarms; nil if it is off.
func (n *node) homeLoader(s *settings) *home.Loader {
	if s.Home.Loader == loaderOff {
		return nil
	}
	swarmOf := func(name string) (*home.Swarm, bool) {
		found, ok := n.engine.Homes().Swarm(name)
		if found == nil {
			return nil, ok
		}
		return &home.Swarm{
			Infohash: found.Infohash, Title: found.Title, Metainfo: found.Metainfo, Trackers: found.Trackers,
			WebSeeds: found.WebSeeds,
		}, ok
	}
	return &home.Loader{STUN: stunForPages(s.STUN), AskBeforeSending: s.Home.Ask, Swarm: swarmOf}
}

// maxVisitorConnections returns the number of connections for visitors. The file descriptors that the swarm leaves are
// shared with the browsers on this machine.
func maxVisitorConnections() int { return min(max(swarm.OpenFileLimit()/4, 16), 2048) }

// obtainCertificates obtains the certificates in the background, before the first visitor needs them, and logs
// failures.
func (n *node) obtainCertificates(ctx context.Context, c *home.Certificates) {
	obtainCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	n.runServer("certificates", func() error {
		c.Obtain(obtainCtx, func(name string, err error) {
			if err == nil {
				n.log.Info("home certificate", "name", name)
				return
			}
			n.log.Warn("home certificate", "name", name, "error", engine.Clean(strings.TrimSpace(err.Error())),
				"advice", "the name must lead to this machine, whose ports 443 and 80 the authority asks; "+
					"it is asked again in 20 minutes")
		})
		return nil
	}, func(context.Context) error { stop(); return nil })
}
