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
	// tick is how often the loading page looks whether there is something new to tell.
	tick = time.Second
	// maxLoading is how long one loading page grows before it begins anew, and idleLoading how long if nothing arrives:
	// programs and what is between them and this server take a longer silence for an end.
	maxLoading  = 10 * time.Minute
	idleLoading = 30 * time.Second
)

// loading shows what is awaited while it is, for as long as the request has patience: the page grows by what is new, of
// which the browser shows the last, and ends in an order to load again, which is at once if the site can be shown then.
// So it needs no script, and nobody asks again and again.
func (v *visit) loading(awaited string) {
	a, r := v.a, v.r
	a.Header().Set("Retry-After", pages.RetryAfter)
	p := pages.Page{Status: http.StatusServiceUnavailable, Kind: "loading", Title: "On its way", Host: v.host}
	pages.Ours(a.Header())
	a.Header().Set("Content-Type", utf8HTML)
	if a.head {
		a.WriteHeader(p.Status) // Its length is not known.
		return
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), maxLoading, errLoadingLong)
	defer cancel()
	w := &waiting{visit: v, awaited: awaited}
	came := make(chan error, 1)
	go func() { came <- w.forFirst(ctx) }()

	a.WriteHeader(p.Status)
	shown := append(v.srv.cfg.Pages.Render("page", p), w.step()...)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		if _, err := a.Write(shown); err != nil || a.flush() != nil {
			cancel() // Nobody looks any more.
		}
		select {
		case err := <-came:
			if r.Context().Err() != nil {
				a.status = statusGone
				panic(http.ErrAbortHandler) // Nobody reads it, and it must not look complete.
			}
			_, _ = a.Write(w.last(err)) // A client that is gone misses nothing.
			return
		case <-ticker.C:
			shown = w.step()
		}
	}
}

var errLoadingLong = errors.New("the loading page is long enough")

// waiting is what a loading page waits for.
type waiting struct {
	*visit

	awaited string // as long as nothing better is known
	shown   string // the last step

	// file is what was found to be sent; nil before the site is open.
	file atomic.Pointer[awaitedFile]
}

type awaitedFile struct {
	content engine.Content
	entry   engine.Entry
	first   int64 // how many bytes have to be here
}

// forFirst waits until the start of what is asked for can be sent. Once it is asked for, it stays wanted until the
// browser asks again.
func (w *waiting) forFirst(ctx context.Context) error {
	p := newPatience(ctx, min(w.srv.cfg.Patience, idleLoading), time.Now(), time.Time{})
	defer p.end()
	content, err := w.srv.cfg.Opener.Open(p, w.host)
	if err != nil {
		return p.explain(err, "")
	}
	p.opened(content.LastArrival)
	defer content.Close(engine.Request{}) // The page that is shown meanwhile is recorded.
	defer w.file.Store(nil)
	again := &visit{srv: w.srv, at: w.at, r: w.r, host: w.host, path: w.path, patience: p, content: content}
	return p.explain(w.start(again), "")
}

// start waits until the start of what answers a visit is here, and all that is sent before it.
func (w *waiting) start(again *visit) error {
	f, err := again.find()
	if err != nil || f.kind != file && f.kind != notFound {
		return err
	}
	if _, err := again.ownHeaders(http.Header{}); err != nil {
		return err
	}
	// All of a style sheet or a drawing is read before it is sent: see webPage.
	whole := f.coding == "" && mayBePage(f.entry) && !mayBeHTML(f.entry)
	first := int64(sniffLen)
	if whole {
		first = f.entry.Size
	}
	w.file.Store(&awaitedFile{again.content, f.entry, first})
	rd, err := again.content.Open(again.patience, f.entry, engine.UrgencyDocument)
	if err != nil {
		return err
	}
	defer rd.Close()
	again.patience.wait()
	if whole {
		_, err = io.Copy(io.Discard, rd)
		return err
	}
	_, err = beginning(rd, f.entry)
	return err
}

// step tells what is awaited now; nothing if that was told last.
func (w *waiting) step() []byte {
	now := w.srv.cfg.Opener.Awaited(w.host)
	v := stepView{Text: w.awaited, Tried: now.Tried, Swarm: swarmText(now)}
	if now.Text != "" {
		v.Text = "Waiting for " + now.Text + "."
	}
	if f := w.file.Load(); f != nil {
		came, all := f.content.Arrived(f.entry, f.first)
		v.Came, v.All, v.CameText, v.AllText = came, all, engine.Bytes(came), engine.Bytes(all)
		v.Text = "Waiting for " + engine.Clean(f.entry.Name) + " (" + engine.Bytes(f.entry.Size) + ")."
		if now.Rate > 0 && came < all {
			v.Left = seconds((all - came) / now.Rate)
		}
	}
	text := w.srv.cfg.Pages.Render("step", v)
	if string(text) == w.shown {
		return nil
	}
	w.shown = string(text)
	return text
}

// stepView is what the template of a step shows.
type stepView struct {
	Text, Swarm string
	// Came and All are bytes of the pieces that have to be here as a whole before the page can be shown.
	Came, All         int64
	CameText, AllText string
	Left              string
	Tried             []string
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

// seconds is a time that is left, for a person.
func seconds(n int64) string {
	if n < 90 {
		return fmt.Sprintf("%d s", max(n, 1))
	}
	return fmt.Sprintf("%d min", (n+30)/60)
}

// last ends the page: it loads again, at once if there is something to see.
func (w *waiting) last(err error) []byte {
	again := 0
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && engine.KindOf(err) == engine.NotReady {
		again, _ = strconv.Atoi(pages.RetryAfter)
	}
	return w.srv.cfg.Pages.Render("end", strconv.Itoa(again))
}
