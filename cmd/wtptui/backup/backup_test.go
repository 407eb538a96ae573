package backup_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"wtptui/cmd/wtptui/backup"
	"wtptui/engine"
)

var manifest = backup.Manifest{Program: "1.2.3", At: engine.At(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), Keys: true}

var files = [][2]string{
	{"config.toml", "no-dht = true\n"},
	{"keys/my.blog-1.key", strings.Repeat("ab", 32)},
	{"sites/xn--bcher-kva.example.torrent", "d4:infode"},
	{"sites/xn--bcher-kva.example.json", "{}"},
	{"lists/0.json", strings.Repeat("long ", 10_000)},
	{"settings.json", ""},
}

func write(t testing.TB) []byte {
	t.Helper()
	var to bytes.Buffer
	w, err := backup.NewWriter(&to, manifest)
	for _, f := range files {
		if err == nil {
			err = w.Add(f[0], []byte(f[1]))
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return to.Bytes()
}

func read(data []byte) (got [][2]string, err error) {
	_, err = backup.Read(bytes.NewReader(data), func(name string, data []byte) error {
		got = append(got, [2]string{name, string(data)})
		return nil
	})
	return got, err
}

func TestRoundTrip(t *testing.T) {
	if got, err := read(write(t)); err != nil || fmt.Sprint(got) != fmt.Sprint(files) {
		t.Errorf("%v, %.200q", err, got)
	}
	want := manifest
	want.Format = backup.Format
	if m, err := backup.Read(bytes.NewReader(write(t)), nil); err != nil || m != want {
		t.Errorf("%+v, %v", m, err)
	}
	stop := errors.New("stop")
	if _, err := backup.Read(bytes.NewReader(write(t)), func(string, []byte) error { return stop }); !errors.Is(err,
		stop) {
		t.Errorf("whoever reads it says stop: %v", err)
	}
}

// However much of a backup is missing, and whichever byte is another one, it is not taken for whole.
func TestDamage(t *testing.T) {
	whole := write(t)
	for n := range whole {
		if _, err := backup.Read(bytes.NewReader(whole[:n]), nil); err == nil {
			t.Errorf("the first %d of %d bytes pass", n, len(whole))
		}
		other := bytes.Clone(whole)
		other[n] ^= 0x10
		// Some bits of what is packed do not matter.
		if got, err := read(other); err == nil && fmt.Sprint(got) != fmt.Sprint(files) {
			t.Errorf("with byte %d changed it passes, with other content", n)
		}
	}
	if _, err := backup.Read(bytes.NewReader(whole[:len(whole)/2]), nil); engine.KindOf(err) != engine.Damaged {
		t.Errorf("half of it: %v", err)
	}
}

// pack makes a tar of files, whatever they are.
func pack(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var to bytes.Buffer
	packed := gzip.NewWriter(&to)
	w := tar.NewWriter(packed)
	for _, e := range entries {
		data := []byte(e.Linkname)
		if e.Typeflag == 0 {
			e.Typeflag, e.Linkname = tar.TypeReg, ""
			e.Size = int64(len(data))
		}
		if err := w.WriteHeader(&e); err != nil {
			t.Fatal(err)
		}
		if e.Typeflag == tar.TypeReg {
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	return to.Bytes()
}

// file is one with this content.
func file(name, content string) tar.Header { return tar.Header{Name: name, Linkname: content} }

func TestForeign(t *testing.T) {
	const first = "wtptui-backup/manifest.json"
	good := file(first, `{"wtptui_backup":1}`)
	for name, test := range map[string]struct {
		data []byte
		kind engine.Kind
	}{
		"nothing":             {nil, engine.Invalid},
		"a text":              {[]byte("hello\nhello\nhello\n"), engine.Invalid},
		"another tar":         {pack(t, file("etc/passwd", "x")), engine.Invalid},
		"an empty tar":        {pack(t), engine.Invalid},
		"no manifest":         {pack(t, file("wtptui-backup/config.toml", "x")), engine.Invalid},
		"a manifest of what":  {pack(t, file(first, `{}`)), engine.Invalid},
		"a newer one":         {pack(t, file(first, `{"wtptui_backup":2,"program":"9"}`)), engine.Conflict},
		"two manifests":       {pack(t, good, good), engine.Damaged},
		"only a manifest":     {pack(t, good), engine.Damaged},
		"a way out":           {pack(t, good, file("wtptui-backup/../../etc/cron.d/x", "x")), engine.Invalid},
		"a way out in a name": {pack(t, good, file("wtptui-backup/keys/../../x.key", "x")), engine.Invalid},
		"an absolute path":    {pack(t, good, file("/wtptui-backup/config.toml", "x")), engine.Invalid},
		"a key that hides":    {pack(t, good, file("wtptui-backup/keys/.x.key", "x")), engine.Invalid},
		"a link": {pack(t, good, tar.Header{
			Name: "wtptui-backup/config.toml", Typeflag: tar.TypeSymlink,
			Linkname: "/etc/passwd",
		}), engine.Invalid},
		"a folder": {
			pack(t, good, tar.Header{Name: "wtptui-backup/keys/", Typeflag: tar.TypeDir}),
			engine.Invalid,
		},
		"a giant key":  {pack(t, good, file("wtptui-backup/keys/a.key", strings.Repeat("x", 5000))), engine.TooLarge},
		"wrong sums":   {pack(t, good, file("wtptui-backup/SHA256SUMS", "00  manifest.json\n")), engine.Damaged},
		"too few sums": {pack(t, good, file("wtptui-backup/SHA256SUMS", "")), engine.Damaged},
	} {
		_, err := backup.Read(bytes.NewReader(test.data), func(name string, _ []byte) error {
			t.Errorf("%s is taken", name)
			return nil
		})
		if engine.KindOf(err) != test.kind {
			t.Errorf("%s: %v, want kind %s", name, err, test.kind)
		}
	}
}

// What cannot be read back is not written.
func TestWriterRefuses(t *testing.T) {
	var to bytes.Buffer
	w, err := backup.NewWriter(&to, manifest)
	if err != nil {
		t.Fatal(err)
	}
	if w.Add("keys/../x", nil) == nil || w.Add("keys/a.key", make([]byte, 5000)) == nil {
		t.Error("it is written")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(write(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := backup.Read(bytes.NewReader(data), nil)
		if err != nil && engine.KindOf(err) == engine.Internal {
			t.Errorf("an error without a kind: %v", err)
		}
	})
}
