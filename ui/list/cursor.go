package list

import (
	"wtptui/engine"
	"wtptui/ui/keys"
	"wtptui/ui/table"
)

// cursor is the selected row of an arrangement.
type cursor struct {
	rows       *arrangement
	sel        table.Selection
	pendingRef string // the host to be selected when it appears
	actedOn    actedOn
}

// setSites sets the sites of a new snapshot. The selection stays with its site. But when the site has been acted on and
// has moved for that reason, or is gone, the cursor stays on its line, on the next row.
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

// reveal selects the site of pendingRef if it is there, and reports whether it is.
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

// rebuild rebuilds the rows; the selected site stays selected.
func (c *cursor) rebuild() {
	c.rows.rebuild()
	c.sel.Restore(c.rows.len(), c.rows.ref)
}

// selectFirst rebuilds the rows and selects the first one.
func (c *cursor) selectFirst() {
	c.rows.rebuild()
	c.sel.SelectFirst(c.rows.len(), c.rows.ref)
}

// sort changes the order of the rows, and selects the first one.
func (c *cursor) sort(o order) {
	c.rows.order = o
	c.selectFirst()
}

// selectRow selects row i.
func (c *cursor) selectRow(i int) { c.sel.SelectRow(i, c.rows.len(), c.rows.ref) }

// move carries out a movement, and reports whether the action is a movement.
func (c *cursor) move(a keys.Action) bool { return c.sel.Move(a, c.rows.len(), c.rows.ref) }
