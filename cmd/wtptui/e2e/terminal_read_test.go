//go:build !windows

package e2e_test

import "bytes"

// read draws what is written until the terminal is closed.
func (tm *terminal) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := tm.ptm.Read(buf)
		if n > 0 {
			var frames []string
			for frame := range bytes.SplitAfterSeq(buf[:n], []byte(endOfFrame)) {
				_, _ = tm.screen.Write(frame)
				frames = append(frames, tm.screen.String())
			}
			tm.mu.Lock()
			tm.frames = append(tm.frames, frames...)
			tm.written.Write(buf[:n])
			close(tm.changed)
			tm.changed = make(chan struct{})
			tm.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// endOfFrame ends a synchronized update of the screen.
const endOfFrame = "\x1b[?2026l"
