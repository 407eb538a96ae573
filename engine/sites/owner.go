package sites

import (
	"context"
	"sync"
	"time"
)

// owner is the goroutine that owns the state. Other goroutines have it run functions, one at a time, so the state needs
// no lock; these functions must never wait. What waits, for a disk or for the network, is a task: it works on a
// goroutine of its own and reports back.
type owner struct {
	calls       chan func()
	quit, ended chan struct{}
	// afterEach is called after each function and each tick, on the owner's goroutine.
	afterEach func()
	// ctx ends when the engine closes. It ends the tasks.
	ctx    context.Context
	cancel context.CancelFunc
	tasks  sync.WaitGroup
	// pendingReports counts tasks that have not reported yet. Only the owner's goroutine touches it.
	pendingReports int
}

func newOwner() *owner {
	o := &owner{calls: make(chan func()), quit: make(chan struct{}), ended: make(chan struct{})}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

// run runs the functions of do, and tick with each value of ticks, until stop is called.
func (o *owner) run(ticks <-chan time.Time, tick func(now time.Time)) {
	defer close(o.ended)
	for {
		select {
		case f := <-o.calls:
			f()
		case now := <-ticks:
			if o.ctx.Err() == nil { // no new tasks while stop waits for them
				tick(now)
				o.afterEach()
			}
		case <-o.quit:
			return
		}
	}
}

// stop ends the tasks, lets them report, and ends the goroutine. Nothing that starts a task may be called meanwhile.
func (o *owner) stop() {
	o.do(o.cancel)
	o.tasks.Wait()
	close(o.quit)
	<-o.ended
}

// do runs f on the owner's goroutine and waits for it. It returns false, without having run f, if that goroutine has
// ended.
func (o *owner) do(f func()) bool { return o.doUntil(nil, f) }

// doWithin is like do, but also returns false if the owner does not start f within d.
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

// startTask runs work on a goroutine of its own and then report on the owner's. Only the owner's goroutine may call it.
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

// startBackground runs work on a goroutine of its own. It may take for ever but must end with the context.
func (o *owner) startBackground(work func(ctx context.Context)) {
	if o.ctx.Err() == nil {
		o.tasks.Go(func() { work(o.ctx) })
	}
}
