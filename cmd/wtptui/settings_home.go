package main

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/home"
)

// homeSettings are the settings of the public server.
type homeSettings struct {
	// Homes are NAME or NAME=SITE each; without any there is no public server.
	Homes []string
	// Listen is the address for visitors, and ListenHTTP that which redirects them to HTTPS. Empty means the default, see
	// visitorAddr and plainAddr.
	Listen, ListenHTTP string
	// Tracker is trackerKept, trackerOpen or trackerOff, and ListenUDP is the address for announces over UDP. Empty means
	// the default, see udpAddr.
	Tracker, ListenUDP string
	// Loader is loaderOn or loaderOff. Ask makes the loader ask readers before it sends anything to others.
	Loader      string
	Ask         bool
	Cert, Key   string // files
	Plain       bool
	ACME, Email string
	Contact     string
	Log         string // one of home.LogPolicy
	UpLimit     int64  // bytes per second; 0 means unlimited
}

// noAddress stands in place of an address for not listening.
const noAddress = "none"

// The values of --home-tracker: whom the tracker serves.
const (
	trackerKept = "kept" // the torrents of sites that are pinned here
	trackerOpen = "open" // any torrent
	trackerOff  = "off"
)

// The values of --home-loader: whether browsers open the sites of the homes from their swarms.
const (
	loaderOn  = "on"
	loaderOff = "off"
)

// trackerPort is the port that trackers usually have for UDP.
const trackerPort = "6969"

func (h *homeSettings) options() []option {
	return []option{
		newOption("home", &listValue{to: &h.Homes, check: checkHome, kind: "name"},
			"domain that leads to this machine, at which any browser opens a site: NAME, or NAME=SITE if the site is not "+
				"wtp://NAME/; repeatable"),
		newOption("home-listen", textValue{&h.Listen, checkHomeListen},
			"address and port for visitors of --home (default :443; with --home-plain 127.0.0.1:8080)"),
		newOption("home-listen-http", textValue{&h.ListenHTTP, checkOptionalListen(":80")},
			"address and port that redirect visitors of --home to HTTPS, or none (default :80)"),
		newOption("home-cert", textValue{&h.Cert, acceptAny},
			"file with the certificate of all --home names and its chain (PEM), read again when it changes"),
		newOption("home-key", textValue{&h.Key, acceptAny},
			"file with the key of --home-cert (PEM)"),
		newOption("home-plain", boolValue{&h.Plain},
			"serve --home without TLS, behind a proxy on this machine that has TLS"),
		newOption("home-acme", textValue{&h.ACME, checkACME},
			"ACME authority that issues certificates automatically; by using it you agree to its terms"),
		newOption("home-acme-email", textValue{&h.Email, checkLine},
			"address that the ACME authority writes to"),
		newOption("home-contact", textValue{&h.Contact, checkLine},
			"line on the pages of --home that says how to reach you"),
		newOption("home-log", textValue{&h.Log, checkHomeLog},
			"what is logged of each request to --home: nothing, requests, or addresses (also the visitor's address)"),
		newOption("home-tracker", textValue{&h.Tracker, checkHomeTracker},
			"which torrents the tracker of --home is for: kept (those of sites pinned here), open (any), or off"),
		newOption("home-listen-udp", textValue{&h.ListenUDP, checkOptionalListen(":6969")},
			"address and port of the tracker's UDP announces, or none (default :6969)"),
		newOption("home-loader", textValue{&h.Loader, checkHomeLoader},
			"whether browsers open the sites of --home from the swarm and help to deliver them: on or off"),
		newOption("home-ask", boolValue{&h.Ask},
			"have the loader ask readers before it sends anything to others"),
		newOption("home-up-limit", rateValue{to: &h.UpLimit},
			"upload limit per second to all visitors of --home together"),
	}
}

// visitorAddr returns the address for visitors.
func (h *homeSettings) visitorAddr() string {
	if h.Plain {
		return cmp.Or(h.Listen, "127.0.0.1:8080")
	}
	return cmp.Or(h.Listen, ":443")
}

// plainAddr returns the address for HTTP that redirects to HTTPS, or noAddress.
func (h *homeSettings) plainAddr() string {
	if h.Plain {
		return noAddress
	}
	return cmp.Or(h.ListenHTTP, ":80")
}

// udpAddr returns the address for announces over UDP, or noAddress. The default is on the host of visitorAddr, unless
// that is for a proxy.
func (h *homeSettings) udpAddr() string {
	if h.Tracker == trackerOff {
		return noAddress
	}
	if h.ListenUDP != "" || h.Plain {
		return cmp.Or(h.ListenUDP, ":"+trackerPort)
	}
	host, _, _ := net.SplitHostPort(h.visitorAddr()) // It was validated when it was set.
	return net.JoinHostPort(host, trackerPort)
}

// checkCombinations returns an error for settings that exclude each other.
func (h *homeSettings) checkCombinations() error {
	switch {
	case (h.Cert == "") != (h.Key == ""):
		return usageError("--home-cert and --home-key belong together: " +
			"give both, or neither to get certificates automatically")
	case h.Plain && h.Cert != "":
		return usageError("--home-plain is for HTTP without TLS, and --home-cert for TLS: give one of them")
	case h.Tracker == trackerOff && h.ListenUDP != "" && h.ListenUDP != noAddress:
		return usageError("--home-listen-udp is for the tracker, which --home-tracker switches off: give one of them")
	case h.Loader == loaderOff && h.Ask:
		return usageError("--home-ask is for the loader, which --home-loader switches off: give one of them")
	case len(h.Homes) == 0:
		return nil
	}
	names := map[string]bool{}
	for _, s := range h.Homes {
		name, _, err := parseHome(s)
		if err == nil && names[name] {
			err = usageError("--home gives %s two sites, and a name can have only one", name)
		}
		if err != nil {
			return err
		}
		if special := engine.CheckSpecialUse(name); special != nil && !h.Plain && h.Cert == "" {
			return usageError("no authority has a certificate for %s: "+
				"give one with --home-cert and --home-key, or --home-plain", name)
		}
		names[name] = true
	}
	return nil
}

// parseHome parses NAME or NAME=SITE. It returns the name in lower-case A-labels, and the host of the site.
func parseHome(s string) (name, host string, err error) {
	name, site, given := strings.Cut(s, "=")
	if name, err = engine.ParseKnownHost(name); err != nil || !engine.IsDomain(name) {
		return "", "", fmt.Errorf("%q is not a home: give a domain that leads to this machine, "+
			"like www.example.org or www.example.org=SITE", s)
	}
	if !given {
		site = name
	}
	address, err := engine.ParseAddress(site)
	switch {
	case err != nil && given:
		return "", "", fmt.Errorf("%q: %s", s, engine.Message(err))
	case err != nil:
		return "", "", fmt.Errorf("%q: %s: say which site is at that name with %s=SITE", s, engine.Message(err), name)
	case address.Host == "":
		return "", "", fmt.Errorf("%q: a site is a domain, an infohash or a key: add a .torrent file first", s)
	}
	return name, address.Host, nil
}

func checkHome(s string) error {
	_, _, err := parseHome(s)
	return err
}

func checkHomeListen(s string) error {
	if s == "" || checkListen(s) == nil {
		return nil
	}
	return fmt.Errorf("%q is not an address: give one like :443 or 192.0.2.7:443", s)
}

// checkOptionalListen returns a check that accepts an address to listen on, noAddress, and an empty text. The example
// is part of the error.
func checkOptionalListen(example string) func(string) error {
	return func(s string) error {
		if s == noAddress || s == "" || checkListen(s) == nil {
			return nil
		}
		return fmt.Errorf("%q is not an address: give one like %s, or none", s, example)
	}
}

func checkHomeTracker(s string) error {
	if !slices.Contains([]string{trackerKept, trackerOpen, trackerOff}, s) {
		return fmt.Errorf("%q is not a mode of the tracker: give kept, open or off", s)
	}
	return nil
}

func checkHomeLoader(s string) error {
	if s != loaderOn && s != loaderOff {
		return fmt.Errorf("%q is neither on nor off: give one of them", s)
	}
	return nil
}

func checkACME(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%q is not an ACME directory: give a URL like https://acme-v02.api.letsencrypt.org/directory", s)
	}
	return nil
}

func checkHomeLog(s string) error {
	policies := []home.LogPolicy{home.LogNothing, home.LogRequests, home.LogAddresses}
	if !slices.Contains(policies, home.LogPolicy(s)) {
		return fmt.Errorf("%q cannot be logged: give nothing, requests or addresses", s)
	}
	return nil
}

// checkLine checks that a text fits into one line.
func checkLine(s string) error {
	if engine.Clean(s) != s {
		return fmt.Errorf("%q has characters that cannot be shown: give plain text", s)
	}
	return nil
}

func acceptAny(string) error { return nil }

// homesAt returns the homes for the engine and the public server. port is the port for visitors. Homes that only this
// machine can open are opened without a proxy.
func (h *homeSettings) homesAt(port string) []engine.Home {
	var homes []engine.Home
	for _, s := range h.Homes {
		name, host, err := parseHome(s)
		if err != nil {
			continue // It was validated when it was set.
		}
		at := name
		if !h.Plain && port != "443" {
			at = net.JoinHostPort(name, port)
		}
		scheme := "https"
		if h.Plain && strings.HasSuffix(name, ".localhost") {
			scheme, at = "http", net.JoinHostPort(name, port)
		}
		homes = append(homes, engine.Home{Name: name, URL: scheme + "://" + at + "/", Host: host})
	}
	return homes
}
