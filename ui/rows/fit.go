package rows

// fitColumns returns the columns that fit into w cells, with the widths that they have there. Columns are left out in
// the order of their ranks until the others fit; those that are never left out are then narrowed, the widest first. The
// remaining room goes to those that grow, from the left.
func fitColumns[T any](all []Column[T], w int) []Column[T] {
	worst := 0
	for _, c := range all {
		worst = max(worst, c.Rank)
	}
	var out []Column[T]
	for ; worst >= 0; worst-- {
		out = out[:0]
		for _, c := range all {
			if c.Rank <= worst {
				out = append(out, c)
			}
		}
		if totalWidth(out) <= w {
			break
		}
	}
	for totalWidth(out) > w {
		i := mostShrinkable(out)
		if i < 0 {
			break
		}
		out[i].Width--
	}
	for i := range out {
		c := &out[i]
		c.Width += max(min(w-totalWidth(out), c.Max-c.Width), 0)
	}
	return out
}

// totalWidth returns the width of columns with a blank between each two.
func totalWidth[T any](columns []Column[T]) int {
	n := len(columns) - 1
	for _, c := range columns {
		n += c.Width
	}
	return n
}

// mostShrinkable returns the column that can lose the most cells; -1 if none can lose any.
func mostShrinkable[T any](columns []Column[T]) int {
	at := -1
	for i, c := range columns {
		if c.Min > 0 && c.Width > c.Min && (at < 0 || c.Width-c.Min > columns[at].Width-columns[at].Min) {
			at = i
		}
	}
	return at
}
