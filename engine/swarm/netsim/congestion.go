package netsim

import (
	"math"
	"time"
)

// The constants of CUBIC (RFC 9438) and of HyStart++ (RFC 9406).
const (
	initialWindow = 10 * mss
	largestWindow = 16 << 20
	cubicC        = 0.4
	cubicBeta     = 0.7
	roundSamples  = 8
	thresholdMin  = int64(4 * time.Millisecond)
	thresholdMax  = int64(16 * time.Millisecond)
)

// congestion is a sender's congestion control: slow start, which ends when the round trip grows longer or a segment is
// lost, and then CUBIC.
type congestion struct {
	initial   int64 // the initial window
	window    int64 // bytes that may be in flight
	threshold int64 // slow start ends here
	rtt       int64 // smoothed, in nanoseconds

	recovering int64 // losses before this position have been answered

	minRTT     int64 // the shortest round trip so far, sending times aside
	round      int64 // a round of slow start ends when this position is acknowledged
	roundLeast int64
	samples    int

	peak          int64   // the window at the last loss
	epoch         int64   // when CUBIC began after it
	secondsToPeak float64 // seconds from then until the window is at its peak again
}

func (c *congestion) init(window int64) {
	if window == 0 {
		window = initialWindow
	}
	*c = congestion{initial: window, window: window, threshold: largestWindow, minRTT: never, roundLeast: never}
}

func (c *congestion) timeout() int64 { return c.rtt + int64(shortestRTO) }

// beforeSend must be called before something is sent: a window that was not used for long is reduced.
func (c *congestion) beforeSend(f *flow) {
	if f.inFlight > 0 || f.lastSent == 0 {
		return
	}
	idle := f.net.now - f.lastSent
	for timeout := c.timeout(); idle > timeout && c.window > c.initial; idle -= timeout {
		c.window = max(c.window/2, c.initial)
	}
}

// grow must be called for each acknowledged segment, before it is subtracted from what is in flight.
func (c *congestion) grow(f *flow, s *segment) {
	now := f.net.now
	if s.resent == 0 {
		sample := now - s.sentAt
		if c.rtt == 0 {
			c.rtt = sample
		}
		c.rtt += (sample - c.rtt) / 8
		c.checkRoundTrip(f, s, sample-s.sendTime)
	}
	if c.window < c.threshold {
		if 2*f.inFlight >= c.window {
			c.window = min(c.window+s.length, largestWindow)
		}
		return
	}
	if f.inFlight+f.segmentSize() >= c.window {
		c.cubic(now, s.length)
	}
}

// checkRoundTrip ends slow start when the shortest round trip of a round is longer than before: a queue has begun to
// fill.
func (c *congestion) checkRoundTrip(f *flow, s *segment, sample int64) {
	c.roundLeast = min(c.roundLeast, sample)
	c.samples++
	if c.window < c.threshold && c.samples == roundSamples && c.minRTT != never &&
		c.roundLeast >= c.minRTT+min(max(c.minRTT/8, thresholdMin), thresholdMax) {
		c.threshold, c.peak, c.epoch = c.window, c.window, f.net.now
	}
	if s.position >= c.round {
		c.minRTT = min(c.minRTT, c.roundLeast)
		c.round, c.roundLeast, c.samples = f.sent, never, 0
	}
}

func (c *congestion) cubic(now, acked int64) {
	t := float64(now-c.epoch+c.rtt) / float64(time.Second)
	peak := float64(c.peak) / mss
	window := float64(c.window) / mss
	target := cubicC*math.Pow(t-c.secondsToPeak, 3) + peak
	if rtt := float64(max(c.rtt, 1)) / float64(time.Second); t > 0 {
		// What Reno would have by now.
		target = max(target, peak*cubicBeta+3*(1-cubicBeta)/(1+cubicBeta)*t/rtt)
	}
	if target > window {
		growth := min((target-window)/window, 0.5) * float64(acked)
		c.window = min(c.window+int64(growth), largestWindow)
	}
}

// shrink must be called for each segment that is detected as lost, before it is subtracted from what is in flight.
func (c *congestion) shrink(f *flow, s *segment) {
	if s.position >= c.recovering {
		c.peak = c.window
		c.threshold = max(int64(float64(c.window)*cubicBeta), 2*mss)
		c.window = c.threshold
		c.epoch = f.net.now
		c.secondsToPeak = math.Cbrt(float64(c.peak) / mss * (1 - cubicBeta) / cubicC)
		c.recovering = f.sent
	}
	if s.timeout {
		c.window = mss
	}
}
