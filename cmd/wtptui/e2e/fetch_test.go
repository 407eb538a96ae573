package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// fetchFile returns one file. It tries again while the server answers 503, as it does until the site is ready.
func fetchFile(t testing.TB, w *peers.Wtptui, limit time.Duration, local, name string) []byte {
	t.Helper()
	var body []byte
	peers.Eventually(t, limit, "GET "+local+name, func() error {
		status, got, err := w.Get(t.Context(), local, name)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("status %d: %.200s", status, got)
		}
		body = got
		return err
	})
	return body
}

// compareFile requests one file and compares it with the original.
func compareFile(ctx context.Context, w *peers.Wtptui, local, dir, name string) error {
	want, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	status, got, err := w.Get(ctx, local, name)
	switch {
	case err != nil:
		return fmt.Errorf("GET %s: %w", name, err)
	case status != http.StatusOK:
		return fmt.Errorf("GET %s: status %d: %.200s", name, status, got)
	case !bytes.Equal(got, want):
		return fmt.Errorf("GET %s: %d bytes differ from the %d of the original", name, len(got), len(want))
	}
	return nil
}

// checkSameSite requests every file of dir, eight at a time as a browser would, and compares each with the original.
func checkSameSite(t *testing.T, w *peers.Wtptui, limit time.Duration, local, dir string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	names := make(chan string)
	var fetchers sync.WaitGroup
	for range 8 {
		fetchers.Go(func() {
			for name := range names {
				if err := compareFile(ctx, w, local, dir, name); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, name := range peers.Files(t, dir) {
		names <- name
	}
	close(names)
	fetchers.Wait()
}
