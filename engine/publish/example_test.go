package publish_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"wtptui/engine/publish"
)

// A folder is checked first, and becomes a torrent if nothing in it is refused: the same files have the same infohash
// on any machine.
func Example() {
	ctx := context.Background()
	folder := publish.OpenEmbedded(fstest.MapFS{
		"index.html": {Data: []byte("<h1>hello</h1>")},
		"id_ed25519": {Data: []byte("-----BEGIN OPENSSH PRIVATE KEY-----\n")},
	}, "hello")
	defer folder.Close()

	plan, err := folder.Check(ctx, publish.Rules{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range plan.Refused() {
		fmt.Println("refused:", f.Path, f.Code)
	}
	plan, err = folder.Check(ctx, publish.Rules{LeaveOut: []string{"id_ed25519"}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	open := func(i int) (publish.Bytes, error) { return folder.Bytes(plan.Files[i]) }
	torrent, err := publish.Hash(ctx, plan, open, nil, nil)
	fmt.Println(torrent.Infohash, len(plan.Files), err)
	// Output:
	// refused: id_ed25519 secret
	// 89d34bede83014af4021119eacdc9c8eaf9b7def 1 <nil>
}
