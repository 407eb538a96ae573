package pinlist

// fit lets go of what does not fit any more: a site that turned out to be too large, or any after the limits have
// fallen. Those that are not whole go first, and then those with the most copies.
func (c *choosing) fit() {
	size, sites := int64(0), 0
	for _, l := range c.listed {
		if l.Kept {
			size, sites = size+max(l.Size, 0), sites+1
		}
	}
	for {
		tooMuch := int64(0)
		if c.MaxSize > 0 {
			tooMuch = size - c.MaxSize
		}
		if tooMuch <= 0 && (c.MaxSites == 0 || sites <= c.MaxSites) {
			return
		}
		i := c.leastNeeded(tooMuch)
		if i < 0 {
			return
		}
		c.release(i, NoRoom)
		size, sites = size-max(c.listed[i].Size, 0), sites-1
	}
}

// leastNeeded returns which site goes first when there is too much, or -1 if none can. Of those that are not whole that
// is the smallest whose going is enough, or else the largest.
func (c *choosing) leastNeeded(tooMuch int64) int {
	best := -1
	for i, l := range c.listed {
		if !l.Kept || l.Fixed || c.choice.Left[i] != "" || tooMuch > 0 && l.Size <= 0 {
			continue
		}
		if best < 0 || isLessNeeded(l, c.listed[best], tooMuch) {
			best = i
		}
	}
	return best
}

func isLessNeeded(a, b Listed, tooMuch int64) bool {
	switch enoughA, enoughB := a.Size >= tooMuch, b.Size >= tooMuch; {
	case a.Whole != b.Whole:
		return b.Whole
	case a.Whole && a.Copies != b.Copies:
		return a.Copies > b.Copies
	case enoughA != enoughB:
		return enoughA
	case enoughA:
		return a.Size < b.Size
	}
	return a.Size > b.Size
}
