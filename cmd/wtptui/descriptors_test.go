//go:build !windows

package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine/enginetest"
)

// With fewer file descriptors than sites, the program still serves all of them. While a client holds all remaining
// descriptors it answers nobody. Afterwards it answers again, and nothing has ended or is damaged.
func TestFewDescriptors(t *testing.T) {
	if testing.Short() {
		t.Skip("publishes some hundred sites")
	}
	const sites = 300 // more than descriptors; a thousand take longer, and make no difference
	bin, err := peers.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := shortDir(t)
	hosts := publishSites(t, dir, sites)
	begin := func() (cmd *exec.Cmd, log *os.File) {
		t.Helper()
		if log, err = os.Create(filepath.Join(dir, "stderr")); err != nil {
			t.Fatal(err)
		}
		cmd = exec.Command("sh", "-c", `ulimit -n 256 && exec "$0" serve`, bin)
		cmd.Env, cmd.Stderr = append(isolatedEnv(dir), "WTPTUI_STUN=none"), log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill() }) // if it has not ended
		awaitSeeding(t, dir, sites)
		return cmd, log
	}
	cmd, log := begin()
	address := pagesAddress(t, dir)
	fetchAll(t, address, hosts, 50)

	var held []net.Conn
	for range 400 {
		if c, err := net.Dial("tcp", address); err == nil {
			held = append(held, c)
		}
	}
	for _, c := range held {
		fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s.localhost:", hosts[0]) // an incomplete request
	}
	<-time.After(3 * time.Second) // Background work goes on meanwhile, without descriptors.
	for _, c := range held {
		c.Close()
	}
	fetchAll(t, address, hosts, 8)
	endProcess(t, cmd)
	_ = log.Close()

	cmd, log = begin()
	fetchAll(t, pagesAddress(t, dir), hosts, 8)
	endProcess(t, cmd)
	_ = log.Close()
}

// pagesAddress returns the address at which the process that has locked the folder serves pages.
func pagesAddress(t *testing.T, dir string) string {
	t.Helper()
	client, err := awaitStart(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	snapshots, err := client.Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := enginetest.Receive(t, snapshots, "the first snapshot")
	return "127.0.0.1:" + strings.TrimSuffix(strings.TrimPrefix(s.Status.ServeURL, "http://localhost:"), "/")
}

// fetchAll fetches a page of each site, so many in parallel, and retries each for a minute.
func fetchAll(t *testing.T, address string, hosts []string, parallel int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
		MaxIdleConns: parallel,
	}}
	defer client.CloseIdleConnections()
	_, port, _ := net.SplitHostPort(address)
	var wg sync.WaitGroup
	work := make(chan int)
	for range parallel {
		wg.Go(func() {
			for i := range work {
				want := strings.Repeat(fmt.Sprint(i*10+3), 3000)
				url := "http://" + hosts[i] + ".localhost:" + port + "/page3.html"
				err := fetch(client, url, want)
				for until := time.Now().Add(time.Minute); err != nil && time.Now().Before(until); err = fetch(client, url, want) {
					<-time.After(50 * time.Millisecond)
				}
				if err != nil {
					t.Errorf("the page of site %d: %v", i, err)
				}
			}
		})
	}
	for i := range hosts {
		work <- i
	}
	close(work)
	wg.Wait()
}

func fetch(client *http.Client, url, want string) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || string(body) != want) {
		err = fmt.Errorf("status %d, %d bytes", resp.StatusCode, len(body))
	}
	return err
}
