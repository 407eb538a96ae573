package main

import (
	"context"
	"fmt"
	"io"

	"wtptui/engine"
)

// writePublishedLoader writes the loader of a site that has just been published, with --loader.
func (p *publishRun) writePublishedLoader(
	ctx context.Context, eng engine.Engine, pub engine.Publication,
) (*loaderReport, error) {
	if p.loader == nil {
		return nil, nil
	}
	r, err := p.loader.write(ctx, eng, pub.Host)
	if err != nil {
		return nil, &engine.Error{
			Op: "publish", Host: pub.Host, Kind: engine.KindOf(err), Err: err,
			Msg: "the site is published, but its loader was not written: " + engine.Message(err),
		}
	}
	if r.Infohash != pub.Infohash { // A reader still has the previous version open, or the site is paused.
		r.Warnings = append(r.Warnings, "The site is still at its version before, and so is the loader: "+
			"`wtptui publish --loader "+engine.Clean(p.loader.dir)+"` writes it again.")
	}
	return r, nil
}

// writeAndPrintLoader writes the loader like writePublishedLoader, and prints what is left to do.
func (p *publishRun) writeAndPrintLoader(
	ctx context.Context, eng engine.Engine, pub engine.Publication, w io.Writer,
) error {
	r, err := p.writePublishedLoader(ctx, eng, pub)
	if err != nil || r == nil {
		return err
	}
	d, err := eng.Detail(ctx, pub.Host)
	if err == nil {
		p.loader.printReport(w, r, d.Site)
	}
	return err
}

// rewriteLoader writes the loader of a site that was published before.
func (p *publishRun) rewriteLoader(ctx context.Context, eng engine.Engine, _ []string) error {
	host, err := p.loader.chooseSite(ctx, eng)
	if err != nil {
		return err
	}
	d, err := eng.Detail(ctx, host)
	if err != nil {
		return err
	}
	return p.loader.export(ctx, eng, d, p.asJSON)
}

// export writes the loader of a listed site, and prints what is left to do.
func (l *loaderFolder) export(ctx context.Context, eng engine.Engine, d engine.Detail, asJSON bool) error {
	if err := l.check(d.Published.Dir, true); err != nil {
		return err
	}
	r, err := l.write(ctx, eng, d.Site.Host)
	switch {
	case err != nil:
		return err
	case asJSON:
		return printJSON(l.stdout, *r)
	}
	fmt.Fprintf(l.stdout, "%s at version %s\n", d.Site.URL, r.Infohash)
	l.printReport(l.stdout, r, d.Site)
	return nil
}
