package pinlist

// releaseExcess releases what does not fit any more: a site that turned out to be too large, or any after the limits
// were lowered. Incomplete sites are released first, then those with the most copies.
func (c *chooser) releaseExcess() {
	size, sites := int64(0), 0
	for _, l := range c.listed {
		if l.Kept {
			size, sites = size+max(l.Size, 0), sites+1
		}
	}
	for {
		excess := int64(0)
		if c.MaxSize > 0 {
			excess = size - c.MaxSize
		}
		if excess <= 0 && (c.MaxSites == 0 || sites <= c.MaxSites) {
			return
		}
		i := c.findLeastNeeded(excess)
		if i < 0 {
			return
		}
		c.release(i, NoRoom)
		size, sites = size-max(c.listed[i].Size, 0), sites-1
	}
}

// findLeastNeeded returns the index of the site to release first when there is excess, or -1 if none can be released.
// Of incomplete sites that is the smallest whose release is enough, or else the largest.
func (c *chooser) findLeastNeeded(excess int64) int {
	best := -1
	for i, l := range c.listed {
		if !l.Kept || l.Fixed || c.choice.Reasons[i] != "" || excess > 0 && l.Size <= 0 {
			continue
		}
		if best < 0 || isLessNeeded(l, c.listed[best], excess) {
			best = i
		}
	}
	return best
}

func isLessNeeded(a, b Listed, excess int64) bool {
	switch enoughA, enoughB := a.Size >= excess, b.Size >= excess; {
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
