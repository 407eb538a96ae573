package localserve

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The tests in this file run on synctest's clock: seconds pass at once, and exactly.

func TestSubresourcesWait(t *testing.T) {
	tests := map[string][]string{
		"curl": {"Accept: */*"},
		"style sheet": {
			"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: style", "Accept: text/css,*/*;q=0.1",
		},
	}
	for name, headers := range tests {
		synctest.Test(t, func(t *testing.T) {
			m, _ := holdAt("", 0)
			o := openerOf(m)
			p, _ := startPiped(t, o)
			o.BeforeOpen = delay(20 * time.Second)
			if got, took := p.get(t, "/d.bin", headers...); got.status != 200 || took != 20*time.Second {
				t.Errorf("%s: %d after %s, want 200 after 20 s", name, got.status, took)
			}
			o.BeforeOpen = waitForContext
			got, took := p.get(t, "/d.bin", headers...)
			if got.status != 504 || took != time.Minute || got.header.Get("Retry-After") == "" ||
				!strings.Contains(got.body, "none found yet") {
				t.Errorf("%s: %d after %s: %q", name, got.status, took, got.body)
			}
		})
	}
}

func TestFirstByteOr504(t *testing.T) {
	for _, headers := range [][]string{nil, {"Range: bytes=0-5"}, {"Range: bytes=0-0,5-6"}} {
		synctest.Test(t, func(t *testing.T) {
			m, free := holdAt("d.bin", 0)
			p, _ := startPiped(t, openerOf(m))
			got, took := p.get(t, "/d.bin", headers...)
			if got.status != 504 || took != time.Minute || got.header.Get("Content-Range") != "" ||
				got.header.Get("ETag") != "" {
				t.Errorf("%v: %d after %s, %v", headers, got.status, took, got.header)
			}
			if !strings.Contains(got.body, "first piece of d.bin") {
				t.Errorf("%v: %q", headers, got.body)
			}
			time.AfterFunc(29*time.Second, func() { close(free) })
			if got, took := p.get(t, "/d.bin", headers...); got.status/100 != 2 || took != 29*time.Second {
				t.Errorf("%v: %d after %s, want success after 29 s", headers, got.status, took)
			}
			if n := m.Readers(); n != 0 {
				t.Errorf("%d readers are still open", n)
			}
		})
	}
}

func TestRangeOfIncompleteFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := holdAt("d.bin", 0)
		p, _ := startPiped(t, openerOf(m))
		for ranges, body := range map[string]string{"bytes=10-12": digits[10:13], "bytes=-3": "xyz"} {
			got, took := p.get(t, "/d.bin", "Range: "+ranges)
			if got.status != 206 || got.body != body || took != 0 {
				t.Errorf("%s: %d %q after %s", ranges, got.status, got.body, took)
			}
		}
		// Neither HEAD nor a validator needs the data.
		tag := m.Entry("d.bin", digits).Tag
		if got, took := p.get(t, "/d.bin", `If-None-Match: "`+tag+`"`); got.status != 304 || took != 0 {
			t.Errorf("If-None-Match: %d after %s", got.status, took)
		}
	})
}

func TestBodyIsSentAsItArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, free := holdAt("d.bin", 10)
		p, _ := startPiped(t, openerOf(m))
		conn := p.dial()
		defer conn.Close()
		p.send(t, conn, "/d.bin")
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 10)
		if _, err := io.ReadFull(res.Body, first); err != nil || string(first) != digits[:10] {
			t.Fatalf("%q, %v", first, err)
		}
		time.Sleep(59 * time.Second) // on synctest's clock
		close(free)
		rest, err := io.ReadAll(res.Body)
		if err != nil || string(rest) != digits[10:] {
			t.Errorf("%q, %v", rest, err)
		}
	})
}

// TestStalledBodyIsCutOff promises that a body that stalls does not look complete.
func TestStalledBodyIsCutOff(t *testing.T) {
	for target, file := range map[string]string{"/d.bin": "d.bin", "/packed.js": "packed.js.gz"} {
		synctest.Test(t, func(t *testing.T) {
			m, _ := holdAt(file, 10)
			m.Files[file] = digits
			p, _ := startPiped(t, openerOf(m))
			began := time.Now()
			conn := p.dial()
			defer conn.Close()
			p.send(t, conn, target, "Accept-Encoding: gzip")
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != digits[:10] || time.Since(began) != time.Minute {
				t.Errorf("%s: %q, %v after %s", target, body, err, time.Since(began))
			}
			synctest.Wait()
			if m.Readers() != 0 || m.Requests[0].Bytes != 10 || !m.Requests[0].Cut {
				t.Errorf("%s: %d readers, recorded %+v", target, m.Readers(), m.Requests)
			}
		})
	}
}

func TestDisconnectClosesReader(t *testing.T) {
	for name, at := range map[string]int64{"before the first byte": 0, "in the body": 10} {
		for _, ranges := range []string{"X-No: range", "Range: bytes=0-1,2-30"} {
			synctest.Test(t, func(t *testing.T) {
				m, _ := holdAt("d.bin", at)
				p, srv := startPiped(t, openerOf(m))
				conn := p.dial()
				p.send(t, conn, "/d.bin", ranges)
				go func() { _, _ = io.Copy(io.Discard, conn) }()
				synctest.Wait()
				if m.Readers() != 1 {
					t.Fatalf("%s: %d readers are open", name, m.Readers())
				}
				gone := time.Now()
				conn.Close()
				synctest.Wait()
				if n := m.Readers(); n != 0 || len(m.Requests) != 1 || srv.siteLimiter.InUse() != 0 || time.Since(gone) != 0 {
					t.Errorf("%s, %s: %d readers, %d slots taken, recorded %v", name, ranges, n, srv.siteLimiter.InUse(), m.Requests)
				}
				if at == 0 && m.Requests[0].Status != statusGone {
					t.Errorf("%s: recorded %+v", name, m.Requests[0])
				}
			})
		}
	}
}

// TestSubresourcesAreRecordedWithTheirPage promises that a request for a part of a page is recorded with the page.
func TestSubresourcesAreRecordedWithTheirPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := holdAt("d.bin", 0)
		p, _ := startPiped(t, openerOf(m))
		part := []string{"Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"}
		own, other := "Referer: http://"+label+".localhost:7780/a/b.html?q=1", "Referer: http://localhost:7780/"
		p.get(t, "/d.bin", append([]string{own}, part...)...)
		p.get(t, "/d.bin", append([]string{other}, part...)...)
		p.get(t, "/other.txt", own, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Dest: document")
		for i, want := range []string{"/a/b.html?q=1 504", " 504", " 200"} {
			if r := m.Requests[i]; fmt.Sprint(r.Page, " ", r.Status) != want || r.Cut {
				t.Errorf("%d: recorded %+v, want %s", i, r, want)
			}
		}
	})
}

// TestOneSiteLeavesPlacesToOthers promises that a site can use half of all slots, and that others always get some.
func TestOneSiteLeavesPlacesToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, free := holdAt("d.bin", 0)
		o := openerOf(m)
		o.Sites[hash] = &memorySite{Files: map[string]string{"other.txt": "other"}}
		p, _ := startPiped(t, o)
		statuses := make(chan int, 300)
		for range 300 {
			conn := p.dial()
			p.send(t, conn, "/d.bin")
			go func() {
				defer conn.Close()
				statuses <- readReply(t, bufio.NewReader(conn), "GET").status
			}()
		}
		synctest.Wait()
		got, took := p.get(t, "/other.txt")
		if got.status != 429 || got.header.Get("Retry-After") == "" || took != 0 {
			t.Errorf("another one of the same site: %d after %s, Retry-After %q", got.status, took,
				got.header.Get("Retry-After"))
		}
		if got, took := p.getFrom(t, hash, "/other.txt"); got.status != 200 || took != 0 {
			t.Errorf("one of another site: %d after %s", got.status, took)
		}
		close(free)
		count := map[int]int{}
		for range 300 {
			count[<-statuses]++
		}
		if count[200] != 256 || count[429] != 44 {
			t.Errorf("of 300 of one site: %v", count)
		}
		synctest.Wait()
		if got, _ := p.get(t, "/other.txt"); got.status != 200 {
			t.Errorf("afterwards: %d", got.status)
		}
	})
}

// TestArrivingDataExtendsWaits promises that requests wait as long as any data of the site arrives.
func TestArrivingDataExtendsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := holdAt("d.bin", 0)
		began := time.Now()
		m.LastArrivalFunc = func() time.Time { // every 50 s, for five minutes
			at := time.Now().Truncate(50 * time.Second)
			if last := began.Add(5 * time.Minute); at.After(last) {
				return last
			}
			return at
		}
		p, _ := startPiped(t, openerOf(m))
		got, took := p.get(t, "/d.bin")
		if got.status != 504 || took != 6*time.Minute {
			t.Errorf("%d after %s", got.status, took)
		}
	})
}

func TestCloseLetsRequestsFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, free := holdAt("d.bin", 10)
		p, srv := startPiped(t, openerOf(m))
		idle := p.dial() // as browsers do, ahead of need
		defer idle.Close()
		conn := p.dial()
		defer conn.Close()
		p.send(t, conn, "/d.bin")
		time.AfterFunc(2*time.Second, func() { close(free) })
		got := make(chan reply, 1)
		go func() { got <- readReply(t, bufio.NewReader(conn), "GET") }()
		synctest.Wait()
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		err := srv.Close(ctx)
		if took := time.Since(began); err != nil || took < 2*time.Second || took > 3*time.Second {
			t.Errorf("closed after %s: %v", took, err)
		}
		if r := <-got; r.body != digits {
			t.Errorf("body %q", r.body)
		}
	})
}

func TestCloseCutsOffRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, _ := holdAt("d.bin", 0)
		p, srv := startPiped(t, openerOf(m))
		conn := p.dial()
		defer conn.Close()
		p.send(t, conn, "/d.bin")
		synctest.Wait()
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := srv.Close(ctx); err != nil || time.Since(began) != 3*time.Second {
			t.Errorf("closed after %s: %v", time.Since(began), err)
		}
		if m.Readers() != 0 || len(m.Requests) != 1 || m.Requests[0].Status != statusGone {
			t.Errorf("%d readers, recorded %v", m.Readers(), m.Requests)
		}
		if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			t.Error("the request that was cut off got an answer")
		}
	})
}
