package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"wtptui/cmd/wtptui/e2e/peers"
)

const (
	slowRate  = 50_000 // bytes per second
	slowPiece = 1 << 20
)

// A site with large pieces and one slow seed is complete in the browser in the end, without reloading. Until its page
// is there, the loading page shows the progress.
func TestBrowserShowsProgressUntilASlowSiteIsComplete(t *testing.T) {
	t.Parallel()
	v := &browserFixture{browser: startBrowser(t)}
	tracker := peers.StartTracker(t, peers.TrackerOptions{})
	dir := makeSlowSite(t)
	seed := peers.StartSeed(t, dir, peers.SeedOptions{
		PieceLength: slowPiece, UploadLimit: slowRate, Trackers: []string{tracker.HTTP},
	})
	tracker.WaitEvent(t, waitLong, seed.InfoHash, peers.Started, seed.Port)
	w := startWtptui(t, "--tracker", tracker.HTTP)
	root := strings.Replace(w.Root, "localhost", seed.InfoHash+".localhost", 1)

	began := time.Now()
	p := v.openTab(t)
	p.startNavigation(t, root)
	moments := p.waitThreeLoadingStates(t)
	for i, m := range moments {
		writeFile(t, filepath.Join(t.ArtifactDir(), fmt.Sprintf("loading-%d.png", i+1)), string(m.picture))
		t.Logf("after %.1f s: %s", m.at.Sub(began).Seconds(), m.text)
	}
	for i := range 2 {
		if err := comparePictures(moments[i].picture, moments[i+1].picture); err == nil {
			t.Errorf("the loading page looks the same %d s later", int(moments[i+1].at.Sub(moments[i].at).Seconds()))
		}
	}
	p.waitTrue(t, "the site in place of the loading page", "document.title.startsWith('Slow')")
	t.Logf("the page came after %.1f s", time.Since(began).Seconds())
	p.waitTrue(t, "the site to be loaded", "document.readyState === 'complete'")
	t.Logf("all of it came after %.1f s", time.Since(began).Seconds())
	p.checkSlowSite(t, root)
}

// makeSlowSite makes a page of 1.4 MB with pictures, whose style sheet and script are at the end of the torrent.
func makeSlowSite(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "slow")
	var body strings.Builder
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range slowPictureCount {
		name := fmt.Sprintf("pictures/%d.png", i)
		writeFile(t, filepath.Join(dir, name), makeNoisePicture(t, noise))
		fmt.Fprintf(&body, "<img src=%q alt=\"\">\n", name)
	}
	writeFile(t, filepath.Join(dir, "style", "late.css"),
		"body { background: rgb(1, 2, 3); color: white }\n"+strings.Repeat("p { margin: 1px }\n", 2000))
	writeFile(t, filepath.Join(dir, "style", "run.js"), "document.title += ' ran'\n"+strings.Repeat("// late\n", 5000))
	writeFile(t, filepath.Join(dir, "index.html"), `<!doctype html><meta charset="utf-8"><title>Slow</title>
<link rel="stylesheet" href="style/late.css">
`+body.String()+`<script src="style/run.js"></script>`+strings.Repeat("<p>words\n", 1000))
	return dir
}

const slowPictureCount = 6

// makeNoisePicture returns a PNG of 200 kB.
func makeNoisePicture(t *testing.T, noise *rand.Rand) string {
	t.Helper()
	const side = 258 // pixels of three bytes
	m := image.NewRGBA(image.Rect(0, 0, side, side))
	for p := range pixelsOf(m) {
		n := noise.Uint32()
		m.SetRGBA(p.X, p.Y, color.RGBA{byte(n), byte(n >> 8), byte(n >> 16), 0xff})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// startNavigation navigates to a page and waits only until loading has begun.
func (p *tab) startNavigation(t *testing.T, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browserStepTimeout)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Action[page.NavigateResult](
		func(ctx context.Context, _ *chromedp.Target) (page.NavigateResult, error) {
			return chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: url})
		}))
	if err != nil {
		t.Fatalf("browser: go to %s: %v", url, err)
	}
}

// loadingState is what the loading page shows at one time.
type loadingState struct {
	at      time.Time
	text    string
	have    int64 // bytes of the page that have come
	picture []byte
}

// loadingStateInterval is the time between two states that are read. The loading page changes every second.
const loadingStateInterval = 4 * time.Second

// waitThreeLoadingStates returns three states of the loading page, each with more of the site's page than the one
// before.
func (p *tab) waitThreeLoadingStates(t *testing.T) []loadingState {
	t.Helper()
	var all []loadingState
	var told []string
	peers.Eventually(t, browserStepTimeout, "three moments of the loading page", func() error {
		m, err := p.readLoadingState()
		if len(told) == 0 || told[len(told)-1] != m.text {
			told = append(told, m.text)
		}
		switch {
		case m.text == errSiteShown.Error():
			t.Fatalf("the site came before the loading page had told three times how far it is; it told:\n%s",
				strings.Join(told, "\n"))
		case err != nil:
			return err
		case len(all) == 0 || m.have > all[len(all)-1].have && m.at.Sub(all[len(all)-1].at) > loadingStateInterval:
			all = append(all, m)
		}
		if len(all) < 3 {
			return fmt.Errorf("it told:\n%s", strings.Join(told, "\n"))
		}
		return nil
	})
	return all
}

// progressText matches what the loading page shows while the page is downloaded: bytes, time left, peers, rate.
var progressText = regexp.MustCompile(`(?s)\S+ of \S+ .*left.*1 seed.*/s`)

// errSiteShown is returned when the loading page has been replaced by the site.
var errSiteShown = errors.New("the site is there")

// readLoadingState reads the loading page. An error, which says what is missing there, comes with what is shown.
func (p *tab) readLoadingState() (loadingState, error) {
	const look = `(() => {
	const step = [...document.querySelectorAll('.step')].filter((s) => s.checkVisibility()).pop()
	return [document.title, step?.querySelector('progress')?.value ?? 0, step?.innerText ?? ''].join('\n')
})()`
	shown, err := tryEval[string](p, look)
	if err != nil {
		return loadingState{}, err
	}
	title, shown, _ := strings.Cut(shown, "\n")
	if strings.HasPrefix(title, "Slow") {
		return loadingState{text: errSiteShown.Error()}, errSiteShown
	}
	have, text, _ := strings.Cut(shown, "\n")
	m := loadingState{at: time.Now(), text: strings.Join(strings.Fields(text), " ")}
	if !progressText.MatchString(text) {
		return m, fmt.Errorf("it shows %q", shown)
	}
	if m.have, err = strconv.ParseInt(have, 10, 64); err != nil || m.have == 0 {
		return m, errors.Join(err, fmt.Errorf("nothing has come: %q", text))
	}
	o := recordedTab{tab: p}
	m.picture, err = o.screenshot()
	return m, err
}

// checkSlowSite checks that nothing of the site is broken, and that nothing was refused on the way.
func (p *tab) checkSlowSite(t *testing.T, root string) {
	t.Helper()
	if got := evalInTab[string](t, p, "document.title"); got != "Slow ran" {
		t.Errorf("the script has not run: the title is %q", got)
	}
	if got := evalInTab[string](t, p, "getComputedStyle(document.body).backgroundColor"); got != "rgb(1, 2, 3)" {
		t.Errorf("without the style sheet: the background is %s", got)
	}
	whole := evalInTab[int](t, p, "[...document.images].filter((i) => i.complete && i.naturalWidth > 0).length")
	if whole != slowPictureCount {
		t.Errorf("%d of %d pictures are whole", whole, slowPictureCount)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.responses {
		if strings.HasPrefix(r.URL, root) && r.URL != root && !strings.HasSuffix(r.URL, "/favicon.ico") &&
			r.Status != http.StatusOK {
			t.Errorf("%s was answered with %d", r.URL, r.Status)
		}
	}
}
