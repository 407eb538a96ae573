package engine

import "testing"

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{
		-1: "?", 0: "0 B", 1023: "1023 B", 1024: "1.0 KB", 12_700: "12.4 KB", 102_348: "99.9 KB", 102_400: "100 KB",
		1_048_063: "1023 KB",
		1_048_064: "1.0 MB", 210 << 20: "210 MB", 5 << 30: "5.0 GB", 1 << 40: "1.0 TB", 1 << 50: "1.0 PB",
	} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}
