package publish

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// workStep shows a publication, or its dry run, under way.
type workStep struct {
	theme *theme.Theme

	req        engine.PublishRequest
	progress   engine.PublishProgress
	stageStart time.Time // when its stage began
	snapshotAt time.Time // when a snapshot came last
	stopped    bool
}

func (*workStep) situation() string                { return "working" }
func (*workStep) hasNoEffect(keys.Action) bool     { return false }
func (*workStep) click(int, int, bool) keys.Action { return "" }

func (*workStep) act(a keys.Action) (tea.Cmd, transition) {
	if a == keys.Cancel {
		return nil, doStop
	}
	return nil, nothing
}

// setProgress sets how far it is now.
func (k *workStep) setProgress(progress engine.PublishProgress) {
	if k.progress.Stage != progress.Stage {
		k.stageStart = k.snapshotAt
	}
	k.progress = progress
}

// view shows how far the engine is, and how to stop it.
func (k *workStep) view(w, _ int) []string {
	th := k.theme
	out := []string{"", "  " + th.Progress.Render("◌ ") + k.stageText(), ""}
	if part, ok := k.partDone(); ok {
		bar := max(min(w-4-6, 60), 4)
		out = append(out, "  "+th.Accent.Render(format.Gauge(part, bar))+" "+format.FitRight(format.Percent(part), 4))
		out = append(out, "  "+th.Dim.Render(k.numbersText()), "")
	}
	stop := "esc stops it; then nothing is changed."
	if k.stopped {
		stop = "Stopping…"
	}
	return append(out, "  "+th.Dim.Render(stop))
}

func (k *workStep) stageText() string {
	switch k.progress.Stage {
	case engine.PublishHash:
		return "Reading and hashing the files"
	case engine.PublishCopy:
		return "Taking the files in"
	case engine.PublishCheck:
	}
	files, size := format.Plural(k.progress.AllFiles, "file"), format.Bytes(k.progress.AllBytes)
	return "Looking through the folder: " + files + ", " + size
}

// partDone returns how much of the stage is done, from 0 to 1; false while the total is unknown.
func (k *workStep) partDone() (float64, bool) {
	n := k.progress
	switch {
	case n.Stage == engine.PublishCheck:
		return 0, false
	case n.AllBytes > 0:
		return float64(n.Bytes) / float64(n.AllBytes), true
	case n.AllFiles > 0:
		return float64(n.Files) / float64(n.AllFiles), true
	}
	return 0, false
}

// numbersText returns what is done, the total, and the rate.
func (k *workStep) numbersText() string {
	n := k.progress
	text := fmt.Sprintf("%s of %s, %s of %s", format.Count(n.Files), format.Plural(n.AllFiles, "file"),
		format.Bytes(n.Bytes), format.Bytes(n.AllBytes))
	if k.stageStart.IsZero() || k.snapshotAt.Sub(k.stageStart) < time.Second {
		return text
	}
	if rate := float64(n.Bytes) / k.snapshotAt.Sub(k.stageStart).Seconds(); rate > 1 {
		text += ", " + format.Speed(int64(rate))
		if left := time.Duration(float64(n.AllBytes-n.Bytes) / rate * float64(time.Second)); left >= time.Second {
			text += ", about " + format.Duration(left) + " to go"
		}
	}
	return text
}
