package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"wtptui/engine"
	"wtptui/localserve/pages"
)

const (
	// updateInterval is how often the loading page is updated.
	updateInterval = time.Second
	// maxLoading is how long a loading page may take before it is reloaded, and idleLoading how long if nothing
	// arrives: clients and proxies treat a longer silence as the end.
	maxLoading  = 10 * time.Minute
	idleLoading = 30 * time.Second
)

// serveLoadingPage sends a page that shows what the request waits for. The response stays open: each update is
// appended, and the browser shows the last one. It ends with an instruction to reload, at once if the site is ready.
// So it needs no script and no polling.
func (v *siteRequest) serveLoadingPage(awaited string) {
	a, r := v.a, v.r
	a.Header().Set("Retry-After", pages.RetryAfter)
	p := pages.Page{Status: http.StatusServiceUnavailable, Kind: "loading", Title: "On its way", Host: v.host}
	pages.SetHeaders(a.Header())
	a.Header().Set("Content-Type", utf8HTML)
	if a.isHead {
		a.WriteHeader(p.Status) // Its length is not known.
		return
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), maxLoading, errLoadingLong)
	defer cancel()
	w := &loadingPage{siteRequest: v, awaited: awaited}
	came := make(chan error, 1)
	go func() { came <- w.waitForStart(ctx) }()

	a.WriteHeader(p.Status)
	shown, end := v.srv.cfg.Pages.RenderLoading(p)
	shown = append(shown, w.renderStep()...)
	ticker := time.NewTicker(updateInterval)
	defer ticker.Stop()
	for {
		if _, err := a.Write(shown); err != nil || a.flush() != nil {
			cancel() // The client is gone.
		}
		select {
		case err := <-came:
			if r.Context().Err() != nil {
				a.status = statusGone
				panic(http.ErrAbortHandler) // The client is gone, and the page must not look complete.
			}
			_, _ = a.Write(append(w.renderReload(err), end...)) // An error means that the client is gone.
			return
		case <-ticker.C:
			shown = w.renderStep()
		}
	}
}

var errLoadingLong = errors.New("the loading page is long enough")

// loadingPage is a loading page that is being sent.
type loadingPage struct {
	*siteRequest

	awaited string // what to show as long as nothing more is known
	shown   string // the last step

	// file is the file that is waited for; nil until it is known.
	file atomic.Pointer[awaitedFile]
}

type awaitedFile struct {
	content engine.Content
	entry   engine.Entry
	first   int64 // how many bytes must be here before the page is reloaded
}

// waitForStart waits until the beginning of the response is available. The file stays requested until the browser has
// reloaded.
func (w *loadingPage) waitForStart(ctx context.Context) error {
	p := newWaitContext(ctx, min(w.srv.cfg.Patience, idleLoading), time.Now(), time.Time{})
	defer p.stop()
	content, err := w.srv.cfg.Opener.Open(p, w.host)
	if err != nil {
		return p.notReadyError(err, "")
	}
	p.siteOpened(content.LastArrival)
	defer content.Close(engine.Request{}) // The loading page itself is recorded.
	defer w.file.Store(nil)
	again := &siteRequest{srv: w.srv, at: w.at, r: w.r, host: w.host, path: w.path, waitCtx: p, content: content}
	return p.notReadyError(w.waitForContent(again), "")
}

// waitForContent waits until the beginning of the file is here, and everything that is needed before it.
func (w *loadingPage) waitForContent(again *siteRequest) error {
	f, err := again.resolve()
	if err != nil || f.kind != kindFile && f.kind != kindNotFound {
		return err
	}
	if _, err := again.setOwnerHeaders(http.Header{}); err != nil {
		return err
	}
	// Style sheets and drawings are read completely before they are sent: see webPage.
	whole := f.coding == "" && mayBePage(f.entry) && !mayBeHTML(f.entry)
	first := int64(sniffLen)
	if whole {
		first = f.entry.Size
	}
	w.file.Store(&awaitedFile{again.content, f.entry, first})
	rd, err := again.content.Open(again.waitCtx, f.entry, engine.UrgencyDocument)
	if err != nil {
		return err
	}
	defer rd.Close()
	again.waitCtx.startWait()
	if whole {
		_, err = io.Copy(io.Discard, rd)
		return err
	}
	_, err = readStart(rd, f.entry)
	return err
}

// renderStep returns the update of the page; nil if nothing has changed.
func (w *loadingPage) renderStep() []byte {
	now := w.srv.cfg.Opener.Awaited(w.host)
	v := pages.Step{Text: w.awaited, Tried: now.Tried, Swarm: swarmText(now)}
	if now.Text != "" {
		v.Text = "Waiting for " + now.Text + "."
	}
	if f := w.file.Load(); f != nil {
		came, all := f.content.Arrived(f.entry, f.first)
		v.Came, v.All, v.CameText, v.AllText = came, all, engine.Bytes(came), engine.Bytes(all)
		v.Text = "Waiting for " + engine.Clean(f.entry.Name) + " (" + engine.Bytes(f.entry.Size) + ")."
		if now.Rate > 0 && came < all {
			v.Left = formatSeconds((all - came) / now.Rate)
		}
	}
	text := w.srv.cfg.Pages.RenderStep(v)
	if string(text) == w.shown {
		return nil
	}
	w.shown = string(text)
	return text
}

func swarmText(now engine.Awaited) string {
	text := countText(now.Peers, "peer") + ", " + countText(now.Seeds, "seed") + " among them"
	switch now.Peers {
	case 0:
		text = "No peer is connected yet"
	case now.Seeds:
		text = countText(now.Seeds, "seed")
	}
	if now.Rate > 0 {
		text += " · " + engine.Bytes(now.Rate) + "/s"
	}
	return text
}

// formatSeconds formats a remaining time for a person.
func formatSeconds(n int64) string {
	if n < 90 {
		return fmt.Sprintf("%d s", max(n, 1))
	}
	return fmt.Sprintf("%d min", (n+30)/60)
}

// renderReload returns what makes the browser reload: at once if there is something to show.
func (w *loadingPage) renderReload(err error) []byte {
	again := 0
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && engine.KindOf(err) == engine.NotReady {
		again, _ = strconv.Atoi(pages.RetryAfter)
	}
	return w.srv.cfg.Pages.RenderReload(strconv.Itoa(again))
}
