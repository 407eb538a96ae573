package publish

import (
	"sync"
	"time"

	"wtptui/engine"
)

// reportEvery is the shortest time between two reports.
const reportEvery = 100 * time.Millisecond

// Meter counts what is done and reports it, at most ten times a second and from one goroutine at a time. A nil Meter
// counts nothing.
type Meter struct {
	report func(engine.PublishProgress)

	mu   sync.Mutex
	now  engine.PublishProgress
	last time.Time
}

// NewMeter makes a meter that reports to report, which may be nil.
func NewMeter(report func(engine.PublishProgress)) *Meter {
	if report == nil {
		return nil
	}
	return &Meter{report: report}
}

// Begin starts a stage of so many files and bytes.
func (m *Meter) Begin(stage engine.PublishStage, files int, bytes int64) {
	m.change(func(p *engine.PublishProgress) {
		*p = engine.PublishProgress{Stage: stage, AllFiles: files, AllBytes: bytes}
	})
}

// Found reports what the check has found, at once.
func (m *Meter) Found(findings []engine.Finding) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now
	now.Findings = findings
	m.last = time.Now()
	m.report(now)
}

// Done counts files and bytes of the stage.
func (m *Meter) Done(files int, bytes int64) {
	m.change(func(p *engine.PublishProgress) { p.Files += files; p.Bytes += bytes })
}

// grow counts files and bytes that are still to be done.
func (m *Meter) grow(files int, bytes int64) {
	m.change(func(p *engine.PublishProgress) { p.AllFiles += files; p.AllBytes += bytes })
}

func (m *Meter) change(f func(*engine.PublishProgress)) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	f(&m.now)
	if now := time.Now(); now.Sub(m.last) >= reportEvery {
		m.last = now
		m.report(m.now)
	}
}
