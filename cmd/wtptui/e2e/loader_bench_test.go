package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"wtptui/cmd/wtptui/e2e/peers"
)

// measureCompleteScript sets window.complete to the milliseconds after which all of the page was loaded: that in the
// loader's frame, or the page itself if it has no frame.
const measureCompleteScript = `{
	const is = () => window.complete ??= performance.now()
	addEventListener('load', () => document.getElementById('site') || is())
	document.addEventListener('load', (e) => e.target.id === 'site' && e.target.contentDocument?.title && is(), true)
}`

// BenchmarkLoaderFirstPage measures how long the first page of a manual takes with all its resources, from one wtptui,
// in a browser that has nothing of the site: by the loader when the browser has it (warm) and when it does not (cold),
// and as a plain website. It also measures the whole manual by the loader and by npm's WebTorrent, and the memory that
// each needs.
func BenchmarkLoaderFirstPage(b *testing.B) {
	if !runInInternet(b, peers.ChromiumTool, peers.WebTorrentTool) {
		return
	}
	dir := peers.SiteFolder(b)
	h := startLoaderHome(b, map[string]string{"manual": dir})
	s := h.sites["manual"]
	var all struct{ plain, cold, warm, whole, rival, loaderMB, rivalMB, ofSwarm []float64 }
	for b.Loop() {
		browser := startBrowser(b)
		plain, p := newChromiumViewer(b, browser, measureCompleteScript)
		callDevTools(b, p, network.SetCookie, network.SetCookieParams{Name: "wtptui-plain", Value: "1", URL: s.root})
		all.plain = append(all.plain, s.measureFirstPage(b, plain))
		o, p := newChromiumViewer(b, browser, measureCompleteScript)
		all.cold = append(all.cold, s.measureFirstPage(b, o))
		o.waitWorker(b)
		s.clearSiteData(b, o)
		all.warm = append(all.warm, s.measureFirstPage(b, o))
		s.clearSiteData(b, o)
		before := s.readSent(b)
		begin := time.Now()
		o.open(s.root)
		o.waitComplete(b)
		all.whole = append(all.whole, time.Since(begin).Seconds())
		after := s.readSent(b)
		all.ofSwarm = append(all.ofSwarm, float64(after.Uploaded-before.Uploaded)/float64(s.Size))
		all.loaderMB = append(all.loaderMB, largestRendererMB(b))
		p.navigate(b, "about:blank")
		page := peers.StartPageLeech(b, "magnet:?xt=urn:btih:"+s.Infohash+"&tr=wss://"+s.name+"/announce")
		all.rival = append(all.rival, page.WaitSameFiles(b, 2*time.Minute, dir).Seconds())
		all.rivalMB = append(all.rivalMB, largestRendererMB(b))
		page.Close()
	}
	b.ReportMetric(0, "ns/op")
	plain, warm := median(all.plain), median(all.warm)
	b.ReportMetric(plain, "plain-s")
	b.ReportMetric(median(all.cold), "cold-s")
	b.ReportMetric(warm, "warm-s")
	b.ReportMetric(2*plain+0.3, "warm-target-s")
	b.ReportMetric(median(all.whole), "whole-s")
	b.ReportMetric(median(all.ofSwarm), "whole-of-swarm")
	b.ReportMetric(median(all.rival), "webtorrent-whole-s")
	b.ReportMetric(median(all.loaderMB), "renderer-MB")
	b.ReportMetric(median(all.rivalMB), "webtorrent-renderer-MB")
}

// measureFirstPage opens the site and returns the seconds until all of its first page is loaded.
func (s loaderSite) measureFirstPage(b *testing.B, o viewer) float64 {
	b.Helper()
	o.open(s.root)
	o.waitTrue(b, "the first page to be complete", "window.complete > 0")
	ms, err := strconv.ParseFloat(o.evalString(b, "window.complete"), 64)
	if err != nil {
		b.Fatal(err)
	}
	return ms / 1000
}

// clearSiteData leaves the site and deletes all that the browser has stored of it. The loader stays.
func (s loaderSite) clearSiteData(b *testing.B, o viewer) {
	b.Helper()
	o.open(s.root + loaderPath[1:] + "types.js") // A page of this origin that has no client.
	o.waitTrue(b, "the loader to be left", "location.pathname.endsWith('types.js') && document.readyState === 'complete'")
	o.evalString(b, `caches.keys().then((all) => Promise.all(
		all.filter((name) => name.startsWith('wtptui-pieces-')).map((name) => caches.delete(name))))`)
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// largestRendererMB returns the resident memory, in megabytes, of the largest renderer process of the browsers of this
// process.
func largestRendererMB(b *testing.B) float64 {
	b.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		b.Fatal(err)
	}
	most := 0
	for _, path := range all {
		line, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(line), "--type=renderer") {
			continue // It may have ended.
		}
		dir := filepath.Dir(path)
		if !isDescendant(filepath.Base(dir), strconv.Itoa(os.Getpid())) {
			continue
		}
		if kb, err := strconv.Atoi(strings.Fields(procStatusField(filepath.Base(dir), "VmRSS") + " 0")[0]); err == nil {
			most = max(most, kb)
		}
	}
	return float64(most) / 1000
}

// procStatusField returns a field of /proc/PID/status.
func procStatusField(pid, field string) string {
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	_, rest, _ := strings.Cut(string(status), "\n"+field+":")
	value, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(value)
}

// isDescendant reports whether a process is a child of another one, or of one of its descendants.
func isDescendant(pid, from string) bool {
	for pid != "" && pid != "0" && pid != from {
		pid = procStatusField(pid, "PPid")
	}
	return pid == from
}

// BenchmarkLoaderTenVisitors has ten people open a manual one after the other, in tabs that stay open, while the home
// sends at most 500 kB per second. It reports the share of all bytes that came from the home.
func BenchmarkLoaderTenVisitors(b *testing.B) {
	if !runInInternet(b, peers.ChromiumTool) {
		return
	}
	const visitors = 10
	h := startLoaderHome(b, map[string]string{"manual": peers.SiteFolder(b)})
	s := h.sites["manual"]
	// Both of its ways together: what the home's own settings hold is each of them.
	limit := exec.Command("nsenter", "--net=/run/netns/home", "tc", "qdisc", "add", "dev", "home", "root", "tbf",
		"rate", "4mbit", "burst", "64kb", "latency", "300ms")
	if out, err := limit.CombinedOutput(); err != nil {
		b.Skipf("the line cannot be held: %v: %s", err, out)
	}
	for b.Loop() {
		before := s.readSent(b)
		var took []float64
		func() {
			browser, cancel := context.WithCancel(startBrowser(b))
			defer cancel()
			for range visitors {
				o, _ := newChromiumViewer(b, browser)
				begin := time.Now()
				o.open(s.root)
				o.waitComplete(b)
				took = append(took, time.Since(begin).Seconds())
			}
		}()
		after := s.readSent(b)
		web, swarm := after.Bytes-before.Bytes, after.Uploaded-before.Uploaded
		all := float64(visitors * s.Size)
		b.ReportMetric(float64(web+swarm)/all, "home-share")
		b.ReportMetric(float64(web)/all, "home-share-HTTP")
		b.ReportMetric(took[0], "first-s")
		b.ReportMetric(median(took[1:]), "others-s")
		b.Logf("%.1f", took)
	}
	b.ReportMetric(0, "ns/op")
}
