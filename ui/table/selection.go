package table

import "wtptui/ui/keys"

// Selection is the selected row of a list, and which part of the list is on the screen. The zero value selects the
// first row that there will be.
type Selection struct {
	key    string
	index  int
	offset int
	page   int // rows on the screen when it was last drawn
	none   bool
}

// Key returns the key of the selected row; empty in an empty list.
func (s *Selection) Key() string { return s.key }

// Index returns the selected row's present place; -1 when none is selected (see Clear).
func (s *Selection) Index() int {
	if s.none {
		return -1
	}
	return s.index
}

// Select selects the row with this key at the next Restore.
func (s *Selection) Select(key string) { s.key, s.none = key, false }

// Clear selects no row, until there is a movement or a row is selected.
func (s *Selection) Clear() { s.key, s.none = "", true }

// Restore finds the selected row again after the list has changed: it has n rows, and keyAt returns the key of one. If
// the row is gone, the one in its place is selected.
func (s *Selection) Restore(n int, keyAt func(int) string) {
	if n == 0 {
		s.key, s.index = "", 0
		return
	}
	if s.none {
		s.index = min(s.index, n-1)
		return
	}
	if s.index < n && keyAt(s.index) == s.key {
		return
	}
	if s.key != "" {
		for i := range n {
			if keyAt(i) == s.key {
				s.index = i
				return
			}
		}
	}
	s.index = min(s.index, n-1)
	s.key = keyAt(s.index)
}

// KeyedRows are rows of which each has a key of its own.
type KeyedRows struct {
	Len int
	Key func(i int) string
}

// nearbyRows is how far from the selected row RestoreNear looks for one that has not been acted on.
const nearbyRows = 200

// RestoreNear finds the selected row again after the list has changed from before to after, like Restore. But when the
// person's own action has moved the row away, or it is gone, the next row is selected, on the line of the screen where
// the cursor is: if the cursor moved with the row, the next key would act on a row that nobody chose. has reports
// whether a row with this key is in after, acted whether the action concerned it and has taken effect.
func (s *Selection) RestoreNear(before, after KeyedRows, has, acted func(key string) bool) {
	if s.index >= before.Len || before.Key(s.index) != s.key || s.index < after.Len && after.Key(s.index) == s.key {
		s.Restore(after.Len, after.Key)
		return
	}
	present := has(s.key)
	if present && !acted(s.key) {
		s.Restore(after.Len, after.Key)
		return
	}
	stays := func(i int) bool { return has(before.Key(i)) && !acted(before.Key(i)) }
	above, below := -1, -1
	for i := s.index - 1; i >= max(s.index-nearbyRows, 0); i-- {
		if stays(i) {
			above = after.indexOf(before.Key(i))
			break
		}
	}
	for i := s.index + 1; i < min(s.index+nearbyRows, before.Len); i++ {
		if stays(i) {
			below = after.indexOf(before.Key(i))
			break
		}
	}
	to := s.index
	switch at := after.indexOf(s.key); {
	case present && (above >= 0 || below >= 0) && above < at && (below < 0 || at < below):
		to = at // It has been acted on, and is where it was.
	case below >= 0:
		to = below
	case above >= 0:
		to = above
	}
	line := s.index - s.offset
	s.SelectRow(to, after.Len, after.Key)
	s.offset = s.index - line
}

// indexOf returns the row with this key; -1 if there is none.
func (r KeyedRows) indexOf(key string) int {
	for i := range r.Len {
		if r.Key(i) == key {
			return i
		}
	}
	return -1
}

// Move carries out a movement in a list of n rows. It reports whether the action is a movement.
func (s *Selection) Move(a keys.Action, n int, keyAt func(int) string) bool {
	page := max(s.page, 1)
	to := s.index
	if s.none {
		return s.selectFirstOnScreen(a, n, keyAt)
	}
	switch a {
	case keys.Up:
		to--
	case keys.Down:
		to++
	case keys.Top:
		to = 0
	case keys.Bottom:
		to = n - 1
	case keys.HalfUp:
		to -= max(page/2, 1)
	case keys.HalfDown:
		to += max(page/2, 1)
	case keys.PageUp:
		to -= page
	case keys.PageDown:
		to += page
	default:
		return false
	}
	s.SelectRow(to, n, keyAt)
	return true
}

// selectFirstOnScreen selects a row where none was selected: the first one on the screen for a movement downwards, the
// last one for a movement upwards.
func (s *Selection) selectFirstOnScreen(a keys.Action, n int, keyAt func(int) string) bool {
	switch a {
	case keys.Down, keys.HalfDown, keys.PageDown:
		s.SelectRow(s.offset, n, keyAt)
	case keys.Up, keys.HalfUp, keys.PageUp:
		s.SelectRow(s.offset+max(s.page, 1)-1, n, keyAt)
	case keys.Top:
		s.SelectRow(0, n, keyAt)
	case keys.Bottom:
		s.SelectRow(n-1, n, keyAt)
	default:
		return false
	}
	return true
}

// SelectRow selects row i, or the nearest one that there is.
func (s *Selection) SelectRow(i, n int, keyAt func(int) string) {
	if n == 0 {
		s.key, s.index = "", 0
		return
	}
	s.none = false
	s.index = min(max(i, 0), n-1)
	s.key = keyAt(s.index)
}

// SelectFirst selects the first row of a list of n rows, and scrolls to it.
func (s *Selection) SelectFirst(n int, keyAt func(int) string) {
	s.offset = 0
	s.SelectRow(0, n, keyAt)
}

// RowAt returns the row at line y below the header, if there is one in a list of n rows.
func (s *Selection) RowAt(y, n int) (int, bool) {
	i := s.offset + y
	return i, y >= 0 && y < s.page && i < n
}

// Scroll returns the first row to draw when page rows fit. The list scrolls no further than needed.
func (s *Selection) Scroll(n, page int) int {
	s.page = max(page, 0)
	switch {
	case s.none:
	case s.index < s.offset:
		s.offset = s.index
	case s.index >= s.offset+s.page:
		s.offset = s.index - s.page + 1
	}
	s.offset = max(min(s.offset, n-s.page), 0)
	return s.offset
}
