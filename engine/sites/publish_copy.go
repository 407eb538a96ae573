package sites

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"wtptui/engine"
	"wtptui/engine/publish"
	"wtptui/engine/swarm"
)

// publishCopy copies the folder, hashes the copy and makes it the site. The copy is hashed, not the folder, so that
// what is seeded matches its infohash whatever happens to the folder meanwhile.
func (job *publishJob) publishCopy(ctx context.Context) error {
	in, err := job.p.cfg.Swarm.Intake()
	if err != nil {
		return err
	}
	defer in.Discard()
	return (&copyJob{publishJob: job, intake: in}).importFiles(ctx)
}

// copyJob is a publishJob that copies the files.
type copyJob struct {
	*publishJob

	intake swarm.Intake
	shared []bool // files that were linked or shared, not copied
}

func (c *copyJob) importFiles(ctx context.Context) error {
	if err := c.compare(ctx); err != nil {
		return err
	}
	if c.unchanged() {
		return c.publishUnchanged(ctx)
	}
	var size int64
	for i, f := range c.plan.Files {
		if c.same[i] < 0 {
			size += f.Size
		}
	}
	if err := c.ensureRoom(ctx, size); err != nil {
		return err
	}
	if err := c.shareFiles(ctx); err != nil {
		return err
	}
	var err error
	c.meta, err = publish.Hash(ctx, c.plan, c.openForHash, c.previous.Reuse(c.plan, c.same), c.meter)
	if err != nil {
		return err
	}
	return c.commit(ctx)
}

// ensureRoom ensures that there is room for size bytes, and empties the bin for that if necessary.
func (c *copyJob) ensureRoom(ctx context.Context, size int64) error {
	missing, err := c.intake.CheckSpace(size)
	if err != nil && c.p.emptyBin(ctx, missing) {
		_, err = c.intake.CheckSpace(size)
	}
	return err
}

// compare finds the files that the previous version has already: those not written since, and those with the same
// bytes, as after a build that rewrites every file. With Paranoid only the bytes count.
func (c *copyJob) compare(ctx context.Context) error {
	c.same = make([]int, len(c.plan.Files))
	for i := range c.same {
		c.same[i] = -1
	}
	if c.previous == nil {
		return nil
	}
	return c.eachFile(ctx, func(i int) error {
		f := c.plan.Files[i]
		index, sameSize := c.previous.Find(f)
		if !sameSize {
			return nil
		}
		same := !c.req.Paranoid && c.previous.Same(f)
		if !same {
			opened, err := c.folder.Open(f)
			if err != nil {
				return publish.UnreadableError(f.Path, err)
			}
			defer opened.Close()
			if same, err = c.intake.Same(c.base, index, opened); err != nil {
				return publish.UnreadableError(f.Path, err)
			}
		}
		if same {
			c.same[i] = index
		}
		return nil
	})
}

// unchanged reports whether the folder equals what the site serves, file for file.
func (job *publishJob) unchanged() bool {
	return job.previous != nil && job.base == job.served && job.previous.Compare(job.plan, job.same).None()
}

// shareFiles links or shares the files that need not be copied: those of the previous version, and all of them if the
// file system can share data.
func (c *copyJob) shareFiles(ctx context.Context) error {
	c.meter.Begin(engine.PublishCopy, len(c.plan.Files), c.plan.Size)
	c.shared = make([]bool, len(c.plan.Files))
	var unable atomic.Bool
	return c.eachFile(ctx, func(i int) (err error) {
		f := c.plan.Files[i]
		switch {
		case f.Size == 0: // Empty files are never read, and fetched versions lack them.
			err = createEmpty(c.intake, i)
		case c.same[i] >= 0:
			err = c.intake.Link(i, c.base, c.same[i])
			c.shared[i] = err == nil
		case !unable.Load():
			c.shared[i], err = c.shareFile(i)
			unable.Store(!c.shared[i])
		}
		c.meter.Done(1, f.Size)
		return err
	})
}

func createEmpty(in swarm.Intake, i int) error {
	f, err := in.Create(i)
	if err != nil {
		return err
	}
	return f.Close()
}

// shareFile shares the file's data with the copy. It reports whether the file system could do that.
func (c *copyJob) shareFile(i int) (bool, error) {
	f := c.plan.Files[i]
	opened, err := c.folder.Open(f)
	if err != nil {
		return false, publish.UnreadableError(f.Path, err)
	}
	defer opened.Close()
	file, ok := opened.(*os.File)
	if !ok {
		return false, nil
	}
	shared, err := c.intake.Share(i, file)
	if err != nil || !shared {
		return false, err
	}
	switch same, err := c.folder.Unchanged(f, opened); {
	case err != nil:
		return false, publish.UnreadableError(f.Path, err)
	case !same:
		return false, publish.ChangedError(f.Path)
	}
	return true, nil
}

// openForHash opens a file for hashing. A file that is not here yet is copied while it is read.
func (c *copyJob) openForHash(i int) (publish.Bytes, error) {
	if c.shared[i] {
		return c.intake.Open(i)
	}
	to, err := c.intake.Create(i)
	if err != nil {
		return nil, err
	}
	return c.folder.Copy(c.plan.Files[i], to)
}

// eachFile calls do for every file of the plan, several at a time, until a call fails or ctx ends.
func (job *publishJob) eachFile(ctx context.Context, do func(i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	n := len(job.plan.Files)
	for range min(2*runtime.GOMAXPROCS(0), n) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					cancel(err)
				}
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
