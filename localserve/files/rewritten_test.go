package files

import (
	"strconv"
	"testing"
)

// TestPageCache promises that the last pages are cached, up to the limit.
func TestPageCache(t *testing.T) {
	var k pageCache
	page := make([]byte, maxCachedPage)
	for i := range 4 {
		k.put(strconv.Itoa(i), page)
	}
	k.put("3", page) // again
	if k.get("0") == nil || k.size != maxPageCache {
		t.Fatalf("the first of 4 is gone, or %d bytes are kept", k.size)
	}
	k.put("4", page)
	for key, want := range map[string]bool{"0": true, "1": false, "2": true, "3": true, "4": true} {
		if got := k.get(key) != nil; got != want {
			t.Errorf("%s is kept: %t", key, got)
		}
	}
}
