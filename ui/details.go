package ui

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/page"
)

// details requests the detail of the site that is shown in full. One request is under way at a time.
type details struct {
	conn   *connection
	screen *screen

	ref     string     // whose detail was asked for last
	page    *page.Pane // for which it was; nil for the inspector
	loading bool
	reload  bool // another request has to follow the one under way
}

// followSite requests the detail of the site that is shown now, if that is another one than before.
func (d *details) followSite(host string) tea.Cmd {
	page := d.screen.page
	if host == d.ref && (page == nil || page == d.page) {
		return nil
	}
	d.ref, d.page = host, page
	return d.requestDetail()
}

// requestDetail requests the detail of the site that is shown in full, if any is. While an answer is awaited no other
// request is sent.
func (d *details) requestDetail() tea.Cmd {
	host := d.screen.detailRef()
	if host == "" || d.conn.engine == nil || !d.conn.running() {
		return nil
	}
	if d.loading {
		d.reload = true
		return nil
	}
	d.loading, d.reload = true, false
	ctx, e := d.conn.ctx, d.conn.engine
	return guardPanic(func() tea.Msg {
		d, err := e.Detail(ctx, host)
		return detailMsg{host, d, err}
	})
}

// handleDetail shows a site's detail and sends another request if there is a reason.
func (d *details) handleDetail(msg detailMsg) tea.Cmd {
	d.loading = false
	if msg.err == nil {
		d.screen.inspector.Set(msg.detail, d.screen.now)
		if d.screen.page != nil {
			d.screen.page.Set(msg.detail, d.screen.now)
		}
	}
	if d.reload || msg.host != d.screen.detailRef() {
		return d.requestDetail()
	}
	return nil
}
