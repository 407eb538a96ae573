package list

import (
	"wtptui/engine"
	"wtptui/ui/keys"
	"wtptui/ui/table"
)

// cursor is which row of an arrangement is selected.
type cursor struct {
	rows       *arrangement
	sel        table.Selection
	pendingRef string // the host to be selected when it appears
	actedOn    actedOn
}

// setSites shows the sites of a new snapshot. The selection stays with its site; but when that has been acted on and
// has moved away for it, or is gone, the cursor stays at its line, on the next row.
func (c *cursor) setSites(sites []engine.Site) {
	older, before := c.rows.all, c.rows.rows()
	c.rows.set(sites)
	effect := c.actedOn.effectCheck(older, c.rows)
	if c.reveal() {
		return
	}
	c.sel.RestoreNear(before, c.rows.rows(), func(host string) bool {
		s := c.rows.lookup(host)
		return s != nil && c.rows.isShown(s)
	}, effect)
}

// reveal selects the site that is wanted if it is there, and reports whether it is.
func (c *cursor) reveal() bool {
	s := c.rows.lookup(c.pendingRef)
	if s == nil {
		return false
	}
	c.rows.leaveViewHiding(s)
	c.sel.Select(c.pendingRef)
	c.pendingRef = ""
	c.rebuild()
	return true
}

// rebuild arranges the rows anew and stays with the selected site.
func (c *cursor) rebuild() {
	c.rows.rebuild()
	c.sel.Restore(c.rows.len(), c.rows.ref)
}

// selectFirst arranges the rows anew and shows the first one.
func (c *cursor) selectFirst() {
	c.rows.rebuild()
	c.sel.SelectFirst(c.rows.len(), c.rows.ref)
}

// sort puts the rows in another order, and shows the first one.
func (c *cursor) sort(o order) {
	c.rows.order = o
	c.selectFirst()
}

// selectRow selects row i.
func (c *cursor) selectRow(i int) { c.sel.SelectRow(i, c.rows.len(), c.rows.ref) }

// move carries out a movement, and reports whether the action was one.
func (c *cursor) move(a keys.Action) bool { return c.sel.Move(a, c.rows.len(), c.rows.ref) }
