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

// A site that uses what sites use is the same in a real browser whether wtptui serves it out of a swarm or Go's file
// server from a folder: each page's document, what it wrote to the console, and every pixel, but for how colours are
// rounded.
func (v *visit) siteIsTheSameAsOverHTTP(t *testing.T) {
	plain := httptest.NewServer(http.FileServer(http.Dir(v.dir)))
	t.Cleanup(plain.Close)
	// A name of its own, as a site has, and an origin that can use what only secure ones can.
	over := tour{root: strings.Replace(plain.URL, "127.0.0.1", "plain.localhost", 1) + "/", tab: v.open(t)}
	ours := tour{root: v.site.LocalURL, tab: v.open(t)}
	over.listen(t)
	ours.listen(t)

	steps := []struct {
		name string
		step func(*tour)
	}{
		{"index", func(o *tour) { o.tab.visit(t, o.root) }},
		{"documents", func(o *tour) { o.click(t, "#docs", "docs/?from=index#part") }},
		{"second", func(o *tour) { o.click(t, "#second", "docs/second%20page.html") }},
	}
	for _, s := range steps {
		s.step(&over)
		s.step(&ours)
		want, got := over.document(t), ours.document(t)
		// What another site is called is the one thing that differs.
		want = strings.ReplaceAll(want, "wtp://"+v.other.InfoHash+"/", v.other.LocalURL)
		if got != want {
			t.Errorf("%s: the document is\n%s\nand over HTTP\n%s", s.name, got, want)
		}
		samePixels(t, s.name, &ours, &over)
	}
	sameConsole(t, &ours, &over)

	ours.tab.visit(t, ours.root)
	ours.document(t)
	ours.click(t, "#other", "")
	ours.tab.waitFor(t, "the other site", "document.title === 'The other site'")
	if got, want := eval[string](t, ours.tab, "location.href"), v.other.LocalURL+"page.html?q=1&r=%C3%A9#part"; got != want {
		t.Errorf("the link to the other site led to %s, want %s", got, want)
	}
}

// tour is a walk through a site.
type tour struct {
	root string
	tab  *tab

	mu      sync.Mutex
	console []string
}

// listen notes what the pages write to the console.
func (o *tour) listen(t *testing.T) {
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

// written is the console so far. What a script writes keeps its order; the browser's own remarks come when they come.
func (o *tour) written() []string {
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

// click follows a link of the page to a path of the site.
func (o *tour) click(t *testing.T, link, path string) {
	t.Helper()
	o.tab.do(t, chromedp.Click(chromedp.CSS(link)))
	if path != "" {
		o.tab.waitFor(t, path, fmt.Sprintf("location.href === %q", o.root+path))
	}
}

// document waits until the page says that it is done, and gives its document.
func (o *tour) document(t *testing.T) string {
	t.Helper()
	o.tab.waitFor(t, "the page to be done", "document.documentElement.dataset.done === 'yes' && document.readyState === 'complete'")
	return eval[string](t, o.tab, "document.contentType + ' ' + document.characterSet + document.documentElement.outerHTML")
}

// samePixels waits until both pages look the same: a browser may paint a little later than it says that it is done.
func samePixels(t *testing.T, name string, a, b *tour) {
	t.Helper()
	peers.Eventually(t, patient, name+" to look the same", func() error {
		x, err := a.picture()
		if err != nil {
			return err
		}
		y, err := b.picture()
		if err != nil {
			return err
		}
		return differ(x, y)
	})
}

func (o *tour) picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(o.tab.ctx, patient)
	defer cancel()
	return chromedp.Run(ctx, chromedp.CaptureScreenshot())
}

// rounding is by how much, of 65535, a colour may differ: the browser does not round and dither the same each time,
// even on the same page.
const rounding = 0x0fff

// differ says where two pictures differ first, or that they show nothing.
func differ(a, b []byte) error {
	x, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		return err
	}
	if bytes.Equal(a, b) {
		return somethingIn(x)
	}
	y, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return err
	}
	if x.Bounds() != y.Bounds() {
		return fmt.Errorf("one is %v, the other %v", x.Bounds(), y.Bounds())
	}
	for p := range points(x) {
		v, w := rgba(x, p), rgba(y, p)
		for i := range v {
			if d := int(v[i]) - int(w[i]); d > rounding || d < -rounding {
				return fmt.Errorf("at %v one has %v, the other %v", p, v, w)
			}
		}
	}
	return somethingIn(x)
}

// somethingIn reports an error for a picture of no more than two colours.
func somethingIn(m image.Image) error {
	seen := map[[4]uint32]bool{}
	for p := range points(m) {
		if seen[rgba(m, p)] = true; len(seen) > 2 {
			return nil
		}
	}
	return errors.New("nothing is to be seen")
}

func points(m image.Image) iter.Seq[image.Point] {
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

func rgba(m image.Image, p image.Point) [4]uint32 {
	r, g, b, a := m.At(p.X, p.Y).RGBA()
	return [4]uint32{r, g, b, a}
}

func sameConsole(t *testing.T, ours, over *tour) {
	t.Helper()
	peers.Eventually(t, patient, "the same on the console", func() error {
		got, want := ours.written(), over.written()
		if len(want) < 20 || !slices.Equal(got, want) {
			return fmt.Errorf("it has\n%s\nand over HTTP\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		return nil
	})
}

// Who opens a site that is not there yet sees a page that says what is awaited, and then the site, with no hand
// touching the browser.
func (v *visit) loadingPageBecomesTheSite(t *testing.T) {
	dir := t.TempDir() + "/late"
	writeFile(t, dir+"/index.html", "<!doctype html><title>Late</title><h1>Here it is</h1>")
	options := peers.SeedOptions{Trackers: []string{v.tracker.HTTP}}
	seed := peers.StartSeed(t, dir, options)
	seed.Stop(t)

	p := v.open(t)
	url := strings.Replace(v.site.LocalURL, v.site.InfoHash, seed.InfoHash, 1)
	p.visit(t, url)
	var scripts int
	peers.Eventually(t, patient, "the loading page to be read between two of its looks", func() error {
		text, err := try[string](p, "document.body.innerText")
		if err != nil {
			return err
		}
		if !strings.Contains(text, seed.InfoHash[:8]) {
			return fmt.Errorf("it does not tell which site it is about:\n%s", text)
		}
		scripts, err = try[int](p, "document.scripts.length")
		return err
	})
	if scripts != 0 {
		t.Errorf("the loading page has %d scripts", scripts)
	}
	got := p.statuses(url) // the page has refreshed itself by now, perhaps
	if len(got) == 0 || slices.ContainsFunc(got, func(s int64) bool { return s != http.StatusServiceUnavailable }) {
		t.Errorf("the loading page came with %v, want 503", got)
	}
	peers.StartSeed(t, dir, options).Connect(t, v.w.PeerPort)
	p.waitFor(t, "the site in place of the loading page", "document.title === 'Late' && document.body.innerText === 'Here it is'")
}
