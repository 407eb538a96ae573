package sites

import (
	"context"
	"sync"
	"time"
)

// owner is the goroutine that the state belongs to. Whoever wants to know or change something asks it to run a
// function, and it runs one at a time; so it needs no lock, and it must never wait. What waits, for a disk or for the
// network, is a task: it works on a goroutine of its own and reports back.
type owner struct {
	calls       chan func()
	quit, ended chan struct{}
	// after is done after everything that was asked for, by the same goroutine.
	afterEach func()
	// ctx ends when the engine closes, and the tasks with it.
	ctx    context.Context
	cancel context.CancelFunc
	tasks  sync.WaitGroup
	// reports is how many tasks are to report soon. It belongs to the goroutine like all else.
	pendingReports int
}

func newOwner() *owner {
	o := &owner{calls: make(chan func()), quit: make(chan struct{}), ended: make(chan struct{})}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

// run does what is asked for, and tick whenever time has passed, until stop.
func (o *owner) run(ticks <-chan time.Time, tick func(now time.Time)) {
	defer close(o.ended)
	for {
		select {
		case f := <-o.calls:
			f()
		case now := <-ticks:
			if o.ctx.Err() == nil { // what it begins is waited for
				tick(now)
				o.afterEach()
			}
		case <-o.quit:
			return
		}
	}
}

// stop ends the tasks, lets them report, and ends the goroutine. Nothing may be asked for that starts a task meanwhile.
func (o *owner) stop() {
	o.do(o.cancel)
	o.tasks.Wait()
	close(o.quit)
	<-o.ended
}

// ask runs f on the owner's goroutine. It reports false, without having run it, when that has ended.
func (o *owner) do(f func()) bool { return o.doUntil(nil, f) }

// doWithin is ask for those who can do without: it reports false also when the owner does not get to it within d.
func (o *owner) doWithin(d time.Duration, f func()) bool {
	late := time.NewTimer(d)
	defer late.Stop()
	return o.doUntil(late.C, f)
}

func (o *owner) doUntil(late <-chan time.Time, f func()) bool {
	ran := make(chan struct{})
	select {
	case o.calls <- func() {
		defer close(ran)
		f()
		o.afterEach()
	}:
		<-ran
		return true
	case <-late:
	case <-o.ended:
	}
	return false
}

// task runs work on a goroutine of its own and then report on the owner's, which calls it.
func (o *owner) startTask(work, report func()) {
	o.pendingReports++
	o.tasks.Go(func() {
		work()
		o.do(func() {
			o.pendingReports--
			report()
		})
	})
}

// background runs work, which may take for ever and must end with the context.
func (o *owner) startBackground(work func(ctx context.Context)) {
	if o.ctx.Err() == nil {
		o.tasks.Go(func() { work(o.ctx) })
	}
}
