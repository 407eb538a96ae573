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
	resp, r := v.resp, v.r
	resp.Header().Set("Retry-After", pages.RetryAfter)
	p := pages.Page{Status: http.StatusServiceUnavailable, Kind: "loading", Title: "On its way", Host: v.host}
	pages.SetHeaders(resp.Header())
	resp.Header().Set("Content-Type", utf8HTML)
	if resp.isHead {
		resp.WriteHeader(p.Status) // Its length is not known.
		return
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), maxLoading, errLoadingLong)
	defer cancel()
	w := &loadingPage{siteRequest: v, awaited: awaited}
	ready := make(chan error, 1)
	go func() { ready <- w.waitForStart(ctx) }()

	resp.WriteHeader(p.Status)
	update := append(v.srv.cfg.Pages.Render("page", p), w.renderUpdate()...)
	ticker := time.NewTicker(updateInterval)
	defer ticker.Stop()
	for {
		if _, err := resp.Write(update); err != nil || resp.flush() != nil {
			cancel() // The client is gone.
		}
		select {
		case err := <-ready:
			if r.Context().Err() != nil {
				resp.status = statusClientGone
				panic(http.ErrAbortHandler) // The client is gone, and the page must not look complete.
			}
			_, _ = resp.Write(w.renderEnd(err)) // An error means that the client is gone.
			return
		case <-ticker.C:
			update = w.renderUpdate()
		}
	}
}

var errLoadingLong = errors.New("the loading page is long enough")

// loadingPage is a loading page that is being sent.
type loadingPage struct {
	*siteRequest

	awaited    string // what to show as long as nothing more is known
	lastUpdate string // the last step

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
	p := newWaitContext(ctx, min(w.srv.cfg.StallTimeout, idleLoading), time.Now(), time.Time{})
	defer p.stop()
	content, err := w.srv.cfg.Opener.Open(p, w.host)
	if err != nil {
		return p.notReadyError(err, "")
	}
	p.siteOpened(content.LastArrival)
	defer content.Close(engine.Request{}) // The loading page itself is recorded.
	defer w.file.Store(nil)
	again := &siteRequest{srv: w.srv, origin: w.origin, r: w.r, host: w.host, path: w.path, waitCtx: p, content: content}
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

// renderUpdate returns the update of the page; nil if nothing has changed.
func (w *loadingPage) renderUpdate() []byte {
	now := w.srv.cfg.Opener.WaitStatus(w.host)
	v := stepView{Text: w.awaited, Tried: now.Tried, Swarm: swarmText(now)}
	if now.Text != "" {
		v.Text = "Waiting for " + now.Text + "."
	}
	if f := w.file.Load(); f != nil {
		came, all := f.content.ArrivedBytes(f.entry, f.first)
		v.Came, v.All, v.CameText, v.AllText = came, all, engine.Bytes(came), engine.Bytes(all)
		v.Text = "Waiting for " + engine.Clean(f.entry.Name) + " (" + engine.Bytes(f.entry.Size) + ")."
		if now.Rate > 0 && came < all {
			v.Left = formatSeconds((all - came) / now.Rate)
		}
	}
	text := w.srv.cfg.Pages.Render("step", v)
	if string(text) == w.lastUpdate {
		return nil
	}
	w.lastUpdate = string(text)
	return text
}

// stepView is the data of the template of an update.
type stepView struct {
	Text, Swarm string
	// Came and All are bytes of the pieces that must be complete before the page can be shown.
	Came, All         int64
	CameText, AllText string
	Left              string
	Tried             []string
}

func swarmText(now engine.WaitStatus) string {
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

// renderEnd returns the end of the page, which makes the browser reload: at once if there is something to show.
func (w *loadingPage) renderEnd(err error) []byte {
	delay := 0
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && engine.KindOf(err) == engine.NotReady {
		delay, _ = strconv.Atoi(pages.RetryAfter)
	}
	return w.srv.cfg.Pages.Render("end", strconv.Itoa(delay))
}
