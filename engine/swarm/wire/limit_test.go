package wire

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// TestUpLimit: blocks are sent at the limited rate, whatever the burst, and other messages do not wait.
func TestUpLimit(t *testing.T) {
	const perSecond = BlockSize
	for name, tt := range map[string]struct {
		burst int
		after time.Duration // for ten blocks
	}{
		"burst of a block":             {BlockSize, 9 * time.Second},
		"burst of less than a block":   {BlockSize / 2, 9*time.Second + time.Second/2},
		"burst of less than all":       {3*BlockSize + BlockSize/2, 6*time.Second + time.Second/2},
		"burst of more than is at one": {16 * BlockSize, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubbles(t, func(t *testing.T, obfuscate bool) {
				ours, theirs := started(t, Options{Up: NewLimit(rate.NewLimiter(perSecond, tt.burst))}, obfuscate)
				begin := time.Now()
				for n := range 10 {
					ours.Serve(blockAt(n))
				}
				if tt.after > 0 {
					go func() {
						time.Sleep(tt.after - time.Second/4)
						ours.Send(Message{Type: Have, Block: Block{Piece: 7}})
					}()
				}
				for n := range 9 {
					expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(n)})
				}
				if tt.after > 0 {
					expectMessage(t, theirs, Message{Type: Have, Block: Block{Piece: 7}})
					if d := time.Since(begin); d != tt.after-time.Second/4 {
						t.Errorf("what is said waits %v", d)
					}
				}
				expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(9)})
				if d := (time.Since(begin) - tt.after).Abs(); d > time.Microsecond {
					t.Errorf("ten blocks took %v, want %v", time.Since(begin), tt.after)
				}
			})
		})
	}
}

// TestDownLimit: blocks are read at the limited rate.
func TestDownLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs, ours := connected(t, pipe, true)
		theirs.Start(Options{Block: content})
		ours.Start(Options{Down: NewLimit(rate.NewLimiter(BlockSize/64, 1000))})
		go drain(theirs.conn)
		begin := time.Now()
		for n := range 10 {
			theirs.Serve(blockAt(n))
		}
		for n := range 10 {
			expectMessage(t, ours, Message{Type: Piece, Block: blockAt(n)})
		}
		if d := time.Since(begin); d < 630*time.Second || d > 640*time.Second {
			t.Errorf("ten blocks took %v", d)
		}
	})
}

// TestLimitsChange: a new limit also counts for those who wait already.
func TestLimitsChange(t *testing.T) {
	for name, first := range map[string]rate.Limit{"slow": 1, "nothing": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				up, down := rate.NewLimiter(first, BlockSize), rate.NewLimiter(first, BlockSize)
				theirs, ours := connected(t, pipe, false)
				theirs.Start(Options{Block: content, Up: NewLimit(up)})
				ours.Start(Options{Down: NewLimit(down)})
				for n := range 5 {
					theirs.Serve(blockAt(n))
				}
				expectMessage(t, ours, Message{Type: Piece, Block: blockAt(0)})
				begin := time.Now()
				go func() {
					time.Sleep(30 * time.Second)
					up.SetLimit(rate.Inf)
					time.Sleep(30 * time.Second)
					down.SetLimit(rate.Inf)
				}()
				for n := 1; n < 5; n++ {
					expectMessage(t, ours, Message{Type: Piece, Block: blockAt(n)})
				}
				if d := time.Since(begin); d < 60*time.Second || d > 60*time.Second+limitPoll {
					t.Errorf("it took %v", d)
				}
			})
		})
	}
}

// TestLimitEnds: Close wakes those who wait for a limit, and returns what they had reserved.
func TestLimitEnds(t *testing.T) {
	for _, way := range []string{"up", "down"} {
		t.Run(way, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := rate.NewLimiter(1, BlockSize)
				up, down := Options{Block: content}, Options{}
				if way == "up" {
					up.Up = NewLimit(limiter)
				} else {
					down.Down = NewLimit(limiter)
				}
				theirs, ours := connected(t, pipe, false)
				theirs.Start(up)
				ours.Start(down)
				for n := range 3 {
					theirs.Serve(blockAt(n))
				}
				expectMessage(t, ours, Message{Type: Piece, Block: blockAt(0)})
				done := false
				go func() {
					_, err := ours.Read()
					if done = true; !errors.Is(err, ErrClosed) {
						t.Errorf("%v", err)
					}
				}()
				synctest.Wait()
				if done || limiter.Tokens() > -BlockSize/2 {
					t.Errorf("nobody waits: %v tokens are left", limiter.Tokens())
				}
				ours.Close()
				theirs.Close()
				ours.Wait()
				theirs.Wait()
				synctest.Wait()
				if !done || limiter.Tokens() < 0 {
					t.Errorf("ended: %t, %v tokens are left", done, limiter.Tokens())
				}
			})
		})
	}
}

// TestFairLimit: connections that share a limiter get equal parts.
func TestFairLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := rate.NewLimiter(4*BlockSize, BlockSize)
		sent := [4]int{}
		for i := range sent {
			ours, theirs := started(t, Options{Up: NewLimit(up), Sent: func(n int) { sent[i] += n }}, false)
			for n := range 1000 {
				ours.Serve(blockAt(n))
			}
			go drain(theirs.conn)
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		for i := range sent {
			if sent[i] < 19*BlockSize || sent[i] > 21*BlockSize {
				t.Errorf("peer %d got %d blocks, want 20", i, sent[i]/BlockSize)
			}
		}
	})
}

// TestSeveralLimiters: bytes pass all limiters of a connection, and what one of them delays is available to
// connections that do not share it.
func TestSeveralLimiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, few := rate.NewLimiter(8*BlockSize, BlockSize), rate.NewLimiter(2*BlockSize, BlockSize)
		limits := [3]*Limit{NewLimit(all, few), NewLimit(all, nil, few), NewLimit(all)}
		var sent [3]atomic.Int64
		for i := range sent {
			ours, theirs := started(t, Options{Up: limits[i], Sent: func(n int) { sent[i].Add(int64(n)) }}, false)
			for n := range 1000 {
				ours.Serve(blockAt(n))
			}
			go drain(theirs.conn)
		}
		wantBlocks := func(what string, want ...int) {
			t.Helper()
			for i := range sent {
				sent[i].Store(0)
			}
			time.Sleep(20 * time.Second)
			synctest.Wait()
			for i := range sent {
				// Who gets the tokens of a moment in which several wait is open.
				if got, slack := int(sent[i].Load())/BlockSize, 3+want[i]/30; got < want[i]-slack || got > want[i]+slack {
					t.Errorf("%s: peer %d got %d blocks, want %d", what, i, got, want[i])
				}
			}
		}
		wantBlocks("two share a limiter", 20, 20, 120)
		limits[1].Set(all)
		limits[2].Set(few, all)
		time.Sleep(limitPoll)
		wantBlocks("another two do", 20, 120, 20)
		all.SetLimit(BlockSize)
		time.Sleep(2 * limitPoll)
		wantBlocks("there is less than that for all", 7, 7, 7)
	})
}
