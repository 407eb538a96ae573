package swarm

import (
	"crypto/sha256"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestPieceLayersOfOtherContent: v2 piece layers are passed on only if they match the content.
func TestPieceLayersOfOtherContent(t *testing.T) {
	content := strings.Repeat("low 03:12\n", 4000)
	leaf := sha256.Sum256([]byte(content[:leafSize]))
	next := sha256.Sum256([]byte(content[leafSize : 2*leafSize]))
	last := sha256.Sum256([]byte(content[2*leafSize:]))
	layer := string(leaf[:]) + string(next[:]) + string(last[:])
	root := string(hashOfTwo(hashOfTwo(leaf[:], next[:]), hashOfTwo(last[:], make([]byte, 32))))
	file := func(length int, root string) dict { return dict{"": dict{"length": length, "pieces root": root}} }
	other := strings.Repeat("r", 32)
	for name, tc := range map[string]struct {
		tree any
		want map[string]string
	}{
		"the same":         {dict{"a": dict{"b": file(len(content), root)}}, map[string]string{root: layer}},
		"another root":     {dict{"a": dict{"b": file(len(content), other)}}, map[string]string{}},
		"another length":   {dict{"a": dict{"b": file(5, root)}}, map[string]string{}},
		"another path":     {dict{"b": file(len(content), root)}, map[string]string{}},
		"not a dictionary": {dict{"a": []int{1}}, map[string]string{}},
		"no tree":          {7, nil},
	} {
		info := &Info{
			Bytes: marshal(t, dict{"file tree": tc.tree}), PieceLength: leafSize,
			Files: []FileInfo{{Index: 3, Path: []string{"a", "b"}, Size: int64(len(content))}},
		}
		got, err := PieceLayers(info, func(index int) (io.ReadCloser, error) {
			if index != 3 {
				t.Errorf("file %d is opened", index)
			}
			return io.NopCloser(strings.NewReader(content)), nil
		})
		if err != nil || !maps.Equal(got, tc.want) || (got == nil) != (tc.want == nil) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func hashOfTwo(a, b []byte) []byte {
	sum := sha256.Sum256(slices.Concat(a, b))
	return sum[:]
}
