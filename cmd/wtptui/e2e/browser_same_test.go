package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"wtptui/cmd/wtptui/e2e/peers"
)

// A site that uses common web features looks the same in a browser, whether wtptui serves it from a swarm or Go's file
// server from a folder: the document of each page, what it wrote to the console, and every pixel, up to the rounding of
// colours.
func (v *browserFixture) testSiteIsTheSameAsOverHTTP(t *testing.T) {
	plain := httptest.NewServer(http.FileServer(http.Dir(v.dir)))
	t.Cleanup(plain.Close)
	// A name of its own, as a site has, and an origin that can use what only secure ones can.
	over := recordedTab{root: strings.Replace(plain.URL, "127.0.0.1", "plain.localhost", 1) + "/", tab: v.openTab(t)}
	ours := recordedTab{root: v.site.LocalURL, tab: v.openTab(t)}
	over.recordConsole(t)
	ours.recordConsole(t)

	steps := []struct {
		name string
		step func(*recordedTab)
	}{
		{"index", func(o *recordedTab) { o.tab.navigate(t, o.root) }},
		{"documents", func(o *recordedTab) { o.followLink(t, "#docs", "docs/?from=index#part") }},
		{"second", func(o *recordedTab) { o.followLink(t, "#second", "docs/second%20page.html") }},
	}
	for _, s := range steps {
		s.step(&over)
		s.step(&ours)
		want, got := over.waitDocument(t), ours.waitDocument(t)
		// What another site is called is the one thing that differs.
		want = strings.ReplaceAll(want, "wtp://"+v.other.InfoHash+"/", v.other.LocalURL)
		if got != want {
			t.Errorf("%s: the document is\n%s\nand over HTTP\n%s", s.name, got, want)
		}
		waitSamePixels(t, s.name, &ours, &over)
	}
	compareConsoles(t, &ours, &over)

	ours.tab.navigate(t, ours.root)
	ours.waitDocument(t)
	ours.followLink(t, "#other", "")
	ours.tab.waitTrue(t, "the other site", "document.title === 'The other site'")
	if got, want := evalInTab[string](t, ours.tab, "location.href"),
		v.other.LocalURL+"page.html?q=1&r=%C3%A9#part"; got != want {
		t.Errorf("the link to the other site led to %s, want %s", got, want)
	}
}

// recordedTab is a tab at a site, with what its pages wrote to the console.
type recordedTab struct {
	root string
	tab  *tab

	mu      sync.Mutex
	console []string
}

// recordConsole records what the pages write to the console.
func (o *recordedTab) recordConsole(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(o.tab.ctx)
	messages := chromedp.Console(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			line := fmt.Sprintf("%s %s %s (%s:%d:%d)", m.Source, m.Type, m.Text, m.URL, m.Line, m.Column)
			o.mu.Lock()
			o.console = append(o.console, line)
			o.mu.Unlock()
		}
	})
	t.Cleanup(func() {
		cancel()
		done.Wait()
	})
}

// consoleLines returns what was written to the console so far. Lines of scripts keep their order. The browser's own
// messages, whose order varies, are sorted.
func (o *recordedTab) consoleLines() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all []string
	for _, line := range o.console {
		all = append(all, strings.ReplaceAll(line, o.root, "ROOT/"))
	}
	slices.SortStableFunc(all, func(a, b string) int {
		a, _, _ = strings.Cut(a, " ")
		b, _, _ = strings.Cut(b, " ")
		return strings.Compare(a, b)
	})
	return all
}

// followLink follows a link of the page to a path of the site.
func (o *recordedTab) followLink(t *testing.T, link, path string) {
	t.Helper()
	o.tab.run(t, chromedp.Click(chromedp.CSS(link)))
	if path != "" {
		o.tab.waitTrue(t, path, fmt.Sprintf("location.href === %q", o.root+path))
	}
}

// waitDocument waits until the page reports that it is done, and returns its document.
func (o *recordedTab) waitDocument(t *testing.T) string {
	t.Helper()
	o.tab.waitTrue(t, "the page to be done",
		"document.documentElement.dataset.done === 'yes' && document.readyState === 'complete'")
	return evalInTab[string](t, o.tab,
		"document.contentType + ' ' + document.characterSet + document.documentElement.outerHTML")
}

// waitSamePixels waits until both pages look the same: a browser may paint a little later than it reports.
func waitSamePixels(t *testing.T, name string, a, b *recordedTab) {
	t.Helper()
	peers.Eventually(t, browserStepTimeout, name+" to look the same", func() error {
		x, err := a.screenshot()
		if err != nil {
			return err
		}
		y, err := b.screenshot()
		if err != nil {
			return err
		}
		return comparePictures(x, y)
	})
}

func (o *recordedTab) screenshot() ([]byte, error) {
	ctx, cancel := context.WithTimeout(o.tab.ctx, browserStepTimeout)
	defer cancel()
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// colourTolerance is by how much, of 65535, a colour may differ: the browser's rounding and dithering vary, even on the
// same page.
const colourTolerance = 0x0fff

// comparePictures returns an error that names the first difference of two pictures, or says that they are blank.
func comparePictures(a, b []byte) error {
	x, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		return err
	}
	if bytes.Equal(a, b) {
		return checkNotBlank(x)
	}
	y, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return err
	}
	if x.Bounds() != y.Bounds() {
		return fmt.Errorf("one is %v, the other %v", x.Bounds(), y.Bounds())
	}
	for p := range pixelsOf(x) {
		v, w := colourAt(x, p), colourAt(y, p)
		for i := range v {
			if d := int(v[i]) - int(w[i]); d > colourTolerance || d < -colourTolerance {
				return fmt.Errorf("at %v one has %v, the other %v", p, v, w)
			}
		}
	}
	return checkNotBlank(x)
}

// checkNotBlank returns an error for a picture of at most two colours.
func checkNotBlank(m image.Image) error {
	seen := map[[4]uint32]bool{}
	for p := range pixelsOf(m) {
		if seen[colourAt(m, p)] = true; len(seen) > 2 {
			return nil
		}
	}
	return errors.New("nothing is to be seen")
}

func pixelsOf(m image.Image) iter.Seq[image.Point] {
	return func(yield func(image.Point) bool) {
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				if !yield(image.Pt(x, y)) {
					return
				}
			}
		}
	}
}

func colourAt(m image.Image, p image.Point) [4]uint32 {
	r, g, b, a := m.At(p.X, p.Y).RGBA()
	return [4]uint32{r, g, b, a}
}

func compareConsoles(t *testing.T, ours, over *recordedTab) {
	t.Helper()
	peers.Eventually(t, browserStepTimeout, "the same on the console", func() error {
		got, want := ours.consoleLines(), over.consoleLines()
		if len(want) < 20 || !slices.Equal(got, want) {
			return fmt.Errorf("it has\n%s\nand over HTTP\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		return nil
	})
}

// A person who opens a site that has not been downloaded yet sees a page that says what it waits for, and then the
// site, without reloading.
func (v *browserFixture) testLoadingPageBecomesTheSite(t *testing.T) {
	dir := t.TempDir() + "/late"
	writeFile(t, dir+"/index.html", "<!doctype html><title>Late</title><h1>Here it is</h1>")
	options := peers.SeedOptions{Trackers: []string{v.tracker.HTTP}}
	seed := peers.StartSeed(t, dir, options)
	seed.Stop(t)

	p := v.openTab(t)
	url := strings.Replace(v.site.LocalURL, v.site.InfoHash, seed.InfoHash, 1)
	p.navigate(t, url)
	var scripts int
	peers.Eventually(t, browserStepTimeout, "the loading page to be read between two of its looks", func() error {
		text, err := tryEval[string](p, "document.body.innerText")
		if err != nil {
			return err
		}
		if !strings.Contains(text, seed.InfoHash[:8]) {
			return fmt.Errorf("it does not tell which site it is about:\n%s", text)
		}
		scripts, err = tryEval[int](p, "document.scripts.length")
		return err
	})
	if scripts != 0 {
		t.Errorf("the loading page has %d scripts", scripts)
	}
	got := p.responseStatuses(url) // the page has refreshed itself by now, perhaps
	if len(got) == 0 || slices.ContainsFunc(got, func(s int64) bool { return s != http.StatusServiceUnavailable }) {
		t.Errorf("the loading page came with %v, want 503", got)
	}
	peers.StartSeed(t, dir, options).Connect(t, v.w.PeerPort)
	p.waitTrue(t, "the site in place of the loading page",
		"document.title === 'Late' && document.body.innerText === 'Here it is'")
}
