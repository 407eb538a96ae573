package e2e_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

// loaderHome is a wtptui that serves several sites, each under a name of its own.
type loaderHome struct {
	*peers.Wtptui

	sites map[string]loaderSite
}

// loaderSite is a site at its name.
type loaderSite struct {
	publication

	name string
	root string // where visitors find it
	home *loaderHome
}

// startLoaderHome starts a home for the folders on the other machine of an internet. The keys are the test's names for
// the sites.
func startLoaderHome(t testing.TB, folders map[string]string, flags ...string) *loaderHome {
	t.Helper()
	files := peers.NewTLSFiles(t, "*."+peers.HomeDomain)
	w := peers.NewWtptui(t, peers.OnHomeMachine(t, binaryPath(t)), append([]string{
		"--peer-host", peers.HomeAddress, "--tracker", "none", "--stun", "none",
		"--home-cert", files.Cert, "--home-key", files.Key, "--home-log", "requests",
	}, flags...)...)
	names := peers.HomeNames()
	return openHome(t, w, folders, func(string) (string, string) {
		name := names[0]
		names = names[1:]
		return name, "https://" + name + "/"
	})
}

// startLocalHome is startLoaderHome on loopback, without TLS: browsers trust what is below localhost as they do TLS.
func startLocalHome(t testing.TB, folders map[string]string, flags ...string) *loaderHome {
	t.Helper()
	listen := net.JoinHostPort("127.0.0.1", strconv.Itoa(peers.FreePort(t)))
	if !slices.Contains(flags, "--tracker") {
		flags = append(flags, "--tracker", "none")
	}
	w := peers.NewWtptui(t, binaryPath(t), append([]string{
		"--stun", "none", "--home-listen-udp", "none", "--home-plain", "--home-listen", listen, "--home-log", "requests",
	}, flags...)...)
	_, port, _ := strings.Cut(listen, ":")
	return openHome(t, w, folders, func(which string) (string, string) {
		name := which + ".localhost"
		return name, "http://" + name + ":" + port + "/"
	})
}

// openHome publishes the folders and starts the program as their home. at returns a site's name and root.
func openHome(
	t testing.TB, w *peers.Wtptui, folders map[string]string, at func(which string) (name, root string),
) *loaderHome {
	t.Helper()
	h := &loaderHome{Wtptui: w, sites: map[string]loaderSite{}}
	w.Start(t)
	var homes []string
	for _, which := range slices.Sorted(maps.Keys(folders)) {
		s := loaderSite{home: h}
		s.name, s.root = at(which)
		if strings.HasSuffix(s.name, ".localhost") { // It is no domain for a site.
			s.publication = publish(t, w, folders[which])
		} else {
			s.publication = publish(t, w, folders[which], "--name", s.name)
		}
		h.sites[which] = s
		homes = append(homes, "--home", s.name+"="+s.Host)
	}
	w.Terminate(t)
	w.AddFlags(homes...)
	w.Start(t)
	return h
}

// makeFolder makes a folder of files.
func makeFolder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "site")
	for name, content := range files {
		putFile(t, dir, name, content)
	}
	return dir
}

// sentCounts is what the home has sent of the site in this run: requests and bytes over HTTP, and bytes to peers.
type sentCounts struct {
	Name     string `json:"name"`
	Requests int64  `json:"requests"`
	Bytes    int64  `json:"bytes"`
	Uploaded int64  `json:"uploaded"`
}

func (s loaderSite) readSent(t testing.TB) sentCounts {
	t.Helper()
	var homes []sentCounts
	if err := json.Unmarshal([]byte(s.home.Run(t, "home", "--json")), &homes); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(homes, func(one sentCounts) bool { return one.Name == s.name })
	if i < 0 {
		t.Fatalf("%s is not among the homes %+v", s.name, homes)
	}
	return homes[i]
}

// requestedPaths returns the paths of the site that were requested from the home over HTTP, in order, as far back as
// the log goes.
func (s loaderSite) requestedPaths() []string {
	var paths []string
	for line := range strings.Lines(s.home.Log()) {
		if !strings.Contains(line, "msg=request home="+s.name+" ") {
			continue
		}
		_, path, _ := strings.Cut(line, " path=")
		path, _, _ = strings.Cut(path, " status=")
		if plain, err := strconv.Unquote(path); err == nil {
			path = plain
		}
		paths = append(paths, path)
	}
	return paths
}

// The folder of the loader's own files, and below it that of the site's, for who has no peers.
const (
	loaderPath  = "/wtptui-loader/"
	webSeedPath = loaderPath + "files/"
)

// inFrame returns an expression that is evaluated in the window of the frame in which the loader shows the site. The
// policy of the page there does not apply to it.
func inFrame(expression string) string {
	return "((site) => { with (site) return (" + expression + ") })(document.getElementById('site').contentWindow)"
}

// waitTrue waits until an expression is true in the page. It may fail while a page loads.
func (o viewer) waitTrue(t testing.TB, what, expression string) {
	t.Helper()
	peers.Eventually(t, waitLong, what, func() error {
		got, err := o.eval("Promise.resolve(" + expression + ").then(String)")
		if err == nil && got != "true" {
			where, _ := o.eval(pageStateScript)
			err = fmt.Errorf("it is %s; the page is %s", got, where)
		}
		return err
	})
}

// pageStateScript describes what is shown.
const pageStateScript = `(() => {
	const frame = document.querySelector('iframe')?.contentWindow
	return [document.title, location.href, 'worker: ' + navigator.serviceWorker?.controller?.state,
		document.body?.innerText, 'frame:', frame?.location.href, frame?.document.title,
		frame?.document.body?.innerText.slice(0, 200)].join('\n')
})()`

// waitTrueInFrame is waitTrue in the frame.
func (o viewer) waitTrueInFrame(t testing.TB, what, expression string) {
	t.Helper()
	o.waitTrue(t, what, inFrame(expression))
}

// evalString returns the value of an expression in the page.
func (o viewer) evalString(t testing.TB, expression string) string {
	t.Helper()
	text, err := o.eval("Promise.resolve(" + expression + ").then(String)")
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return text
}

// waitWorker waits until the loader's worker answers for the site.
func (o viewer) waitWorker(t testing.TB) {
	t.Helper()
	o.waitTrue(t, "the loader's worker", workerAnswersScript)
}

// workerAnswersScript resolves to whether the loader's worker answers for the site. In Firefox the controller's own
// state may stay "activating" for ever: if the page has not kept the registration, it gets no event.
const workerAnswersScript = `(async () => {
	const registration = await navigator.serviceWorker?.getRegistration()
	return registration?.active?.state === 'activated' && navigator.serviceWorker.controller !== null
})()`
