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

func writeBackup(t testing.TB) []byte {
	t.Helper()
	var buffer bytes.Buffer
	w, err := backup.NewWriter(&buffer, manifest)
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
	return buffer.Bytes()
}

func readBackup(data []byte) (got [][2]string, err error) {
	_, err = backup.Read(bytes.NewReader(data), func(name string, data []byte) error {
		got = append(got, [2]string{name, string(data)})
		return nil
	})
	return got, err
}

func TestRoundTrip(t *testing.T) {
	if got, err := readBackup(writeBackup(t)); err != nil || fmt.Sprint(got) != fmt.Sprint(files) {
		t.Errorf("%v, %.200q", err, got)
	}
	want := manifest
	want.Format = backup.Format
	if m, err := backup.Read(bytes.NewReader(writeBackup(t)), nil); err != nil || m != want {
		t.Errorf("%+v, %v", m, err)
	}
	stop := errors.New("stop")
	_, err := backup.Read(bytes.NewReader(writeBackup(t)), func(string, []byte) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("when the handler fails: %v", err)
	}
}

// A truncated backup is refused, and so is one in which any byte differs, unless its content is the same.
func TestDamageIsDetected(t *testing.T) {
	whole := writeBackup(t)
	for n := range whole {
		if _, err := backup.Read(bytes.NewReader(whole[:n]), nil); err == nil {
			t.Errorf("the first %d of %d bytes pass", n, len(whole))
		}
		other := bytes.Clone(whole)
		other[n] ^= 0x10
		// Some bits of the compressed form do not matter.
		if got, err := readBackup(other); err == nil && fmt.Sprint(got) != fmt.Sprint(files) {
			t.Errorf("with byte %d changed it passes, with other content", n)
		}
	}
	if _, err := backup.Read(bytes.NewReader(whole[:len(whole)/2]), nil); engine.KindOf(err) != engine.Damaged {
		t.Errorf("half of it: %v", err)
	}
}

// packTar returns a gzipped tar with these entries. Those without a Typeflag are regular files with the content in
// Linkname.
func packTar(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var buffer bytes.Buffer
	compressed := gzip.NewWriter(&buffer)
	w := tar.NewWriter(compressed)
	for _, entry := range entries {
		data := []byte(entry.Linkname)
		if entry.Typeflag == 0 {
			entry.Typeflag, entry.Linkname = tar.TypeReg, ""
			entry.Size = int64(len(data))
		}
		if err := w.WriteHeader(&entry); err != nil {
			t.Fatal(err)
		}
		if entry.Typeflag == tar.TypeReg {
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(w.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

// regularFile returns an entry for packTar with this name and content.
func regularFile(name, content string) tar.Header { return tar.Header{Name: name, Linkname: content} }

func TestForeignArchivesAreRefused(t *testing.T) {
	const first = "wtptui-backup/manifest.json"
	good := regularFile(first, `{"wtptui_backup":1}`)
	for name, test := range map[string]struct {
		data []byte
		kind engine.Kind
	}{
		"nothing":             {nil, engine.Invalid},
		"a text":              {[]byte("hello\nhello\nhello\n"), engine.Invalid},
		"another tar":         {packTar(t, regularFile("etc/passwd", "x")), engine.Invalid},
		"an empty tar":        {packTar(t), engine.Invalid},
		"no manifest":         {packTar(t, regularFile("wtptui-backup/config.toml", "x")), engine.Invalid},
		"a manifest of what":  {packTar(t, regularFile(first, `{}`)), engine.Invalid},
		"a newer one":         {packTar(t, regularFile(first, `{"wtptui_backup":2,"program":"9"}`)), engine.Conflict},
		"two manifests":       {packTar(t, good, good), engine.Damaged},
		"only a manifest":     {packTar(t, good), engine.Damaged},
		"a way out":           {packTar(t, good, regularFile("wtptui-backup/../../etc/cron.d/x", "x")), engine.Invalid},
		"a way out in a name": {packTar(t, good, regularFile("wtptui-backup/keys/../../x.key", "x")), engine.Invalid},
		"an absolute path":    {packTar(t, good, regularFile("/wtptui-backup/config.toml", "x")), engine.Invalid},
		"a key that hides":    {packTar(t, good, regularFile("wtptui-backup/keys/.x.key", "x")), engine.Invalid},
		"a link": {packTar(t, good, tar.Header{
			Name: "wtptui-backup/config.toml", Typeflag: tar.TypeSymlink,
			Linkname: "/etc/passwd",
		}), engine.Invalid},
		"a folder": {
			packTar(t, good, tar.Header{Name: "wtptui-backup/keys/", Typeflag: tar.TypeDir}),
			engine.Invalid,
		},
		"a giant key": {
			packTar(t, good, regularFile("wtptui-backup/keys/a.key", strings.Repeat("x", 5000))),
			engine.TooLarge,
		},
		"wrong sums":   {packTar(t, good, regularFile("wtptui-backup/SHA256SUMS", "00  manifest.json\n")), engine.Damaged},
		"too few sums": {packTar(t, good, regularFile("wtptui-backup/SHA256SUMS", "")), engine.Damaged},
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

// A file that Read would refuse is not written.
func TestWriterRefusesWhatReadWouldRefuse(t *testing.T) {
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
	f.Add(writeBackup(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := backup.Read(bytes.NewReader(data), nil)
		if err != nil && engine.KindOf(err) == engine.Internal {
			t.Errorf("an error without a kind: %v", err)
		}
	})
}
