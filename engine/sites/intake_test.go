package sites

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// Intake stores what is published in real files.
func (w *fakeSwarm) Intake() (swarm.Intake, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.noIntake != nil {
		return nil, w.noIntake
	}
	dir, err := os.MkdirTemp("", "intake")
	return &fakeIntake{w: w, dir: dir}, err
}

// fakeIntake is one publication that is being copied.
type fakeIntake struct {
	w   *fakeSwarm
	dir string
}

func (in *fakeIntake) path(index int) string { return filepath.Join(in.dir, strconv.Itoa(index)) }

func (in *fakeIntake) CheckSpace(size int64) (missing int64, err error) {
	in.w.mu.Lock()
	defer in.w.mu.Unlock()
	missing = size - in.w.room
	for _, used := range in.w.disk {
		missing += used
	}
	if in.w.room > 0 && missing > 0 {
		return missing, &engine.Error{Op: "world: publish", Kind: engine.Unavailable, Msg: "there is no room"}
	}
	return 0, nil
}

func (in *fakeIntake) Create(index int) (swarm.IncomingFile, error) {
	return os.OpenFile(in.path(index), os.O_WRONLY|os.O_CREATE, 0o600)
}

func (in *fakeIntake) Share(int, *os.File) (bool, error) { return false, nil }

func (in *fakeIntake) Link(index int, infohash string, from int) error {
	in.w.mu.Lock()
	defer in.w.mu.Unlock()
	in.w.linked++
	return os.WriteFile(in.path(index), in.w.content[infohash][from], 0o600)
}

func (in *fakeIntake) Same(infohash string, index int, from io.Reader) (bool, error) {
	b, err := io.ReadAll(from)
	in.w.mu.Lock()
	defer in.w.mu.Unlock()
	in.w.compared++
	return bytes.Equal(b, in.w.content[infohash][index]), err
}

func (in *fakeIntake) Open(index int) (*os.File, error) { return os.Open(in.path(index)) }

func (in *fakeIntake) Commit(infohash string, _ int) error {
	entries, err := os.ReadDir(in.dir)
	files := make([][]byte, len(entries))
	var size int64
	for i := range files {
		b, readErr := os.ReadFile(in.path(i))
		files[i], err = b, errors.Join(err, readErr)
		size += int64(len(b))
	}
	in.w.mu.Lock()
	in.w.content[infohash], in.w.disk[infohash] = files, size
	committed := in.w.committed
	in.w.mu.Unlock()
	if committed != nil {
		committed()
	}
	return err
}

func (in *fakeIntake) Discard() { _ = os.RemoveAll(in.dir) }

// infoOf returns what was really published.
func infoOf(raw []byte, content [][]byte) *swarm.Info {
	var m metainfo.Info
	if err := bencode.Unmarshal(raw, &m); err != nil || len(m.Files) != len(content) {
		return nil
	}
	info := &swarm.Info{
		Name: m.Name, Bytes: raw, PieceLength: m.PieceLength, Pieces: len(m.Pieces) / 20, Size: m.TotalLength(),
	}
	for i, f := range m.Files {
		info.Files = append(info.Files, swarm.FileInfo{Index: i, Path: f.Path, Size: f.Length, Tag: fmt.Sprint(i)})
	}
	return info
}

// Probe returns what the test has set.
func (w *fakeSwarm) Probe(_ context.Context, _ string, web bool) engine.ReachWay {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reach[web]
}
