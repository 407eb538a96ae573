package fleet

import (
	"context"
	"slices"

	"wtptui/engine"
)

// Detail implements engine.Engine.
func (e *Engine) Detail(ctx context.Context, ref string) (engine.Detail, error) {
	m, host, err := e.findMemberOfRef("fleet: detail", ref)
	if err != nil {
		return engine.Detail{}, err
	}
	d, err := m.Engine.Detail(ctx, host)
	if err != nil {
		return d, withRefs(err, m.Name)
	}
	d.Site.Machine = m.Name
	d.Log = slices.Clone(d.Log)
	for i := range d.Log {
		if d.Log[i].Host != "" {
			d.Log[i].Host = engine.Ref(d.Log[i].Host, m.Name)
		}
	}
	return d, nil
}

// Add implements engine.Engine.
func (e *Engine) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	m, err := e.findMember("fleet: add", "", req.Machine)
	if err != nil {
		return engine.Site{}, err
	}
	req.Machine = ""
	s, err := m.Engine.Add(ctx, req)
	if err != nil {
		return s, withRefs(err, m.Name)
	}
	s.Machine = m.Name
	return s, nil
}

// Do implements engine.Engine. It is one transaction on each machine.
func (e *Engine) Do(ctx context.Context, verb engine.Verb, refs ...string) error {
	if len(refs) == 0 {
		return nil
	}
	return e.forEachMember("fleet: "+string(verb), refs, func(m Member, hosts []string) error {
		return m.Engine.Do(ctx, verb, hosts...)
	})
}

// Assign implements engine.Engine.
func (e *Engine) Assign(ctx context.Context, a engine.Assignment, refs ...string) error {
	a, err := a.Check()
	if err != nil || len(refs) == 0 {
		return err
	}
	return e.forEachMember("fleet: assign", refs, func(m Member, hosts []string) error {
		return m.Engine.Assign(ctx, a, hosts...)
	})
}

// KeepOpen implements engine.Engine. If a machine goes away, only its own sites are no longer kept open.
func (e *Engine) KeepOpen(ctx context.Context, refs ...string) error {
	if len(refs) == 0 {
		<-ctx.Done()
		return nil
	}
	return e.forEachMember("fleet: keep open", refs, func(m Member, hosts []string) error {
		return m.Engine.KeepOpen(ctx, hosts...)
	})
}

// Bin implements engine.Engine.
func (e *Engine) Bin(ctx context.Context) ([]engine.Binned, error) {
	all, err := collectFromAll(ctx, &e.router, "fleet: bin", func(ctx context.Context, m Member) ([]engine.Binned, error) {
		binned, err := m.Engine.Bin(ctx)
		binned = slices.Clone(binned)
		for i := range binned {
			binned[i].Machine = m.Name
		}
		return binned, err
	})
	slices.SortStableFunc(all, func(a, b engine.Binned) int { return b.Since.Std().Compare(a.Since.Std()) })
	return all, err
}

// Keys implements engine.Engine.
func (e *Engine) Keys(ctx context.Context) ([]engine.Key, error) {
	return collectFromAll(ctx, &e.router, "fleet: keys", func(ctx context.Context, m Member) ([]engine.Key, error) {
		keys, err := m.Engine.Keys(ctx)
		keys = slices.Clone(keys)
		for i := range keys {
			keys[i].Machine = m.Name
		}
		return keys, err
	})
}

// SetLimits implements engine.Engine.
func (e *Engine) SetLimits(ctx context.Context, l engine.Limits) error {
	m, err := e.findMember("fleet: limits", "", l.Machine)
	if err != nil {
		return err
	}
	l.Machine = ""
	return m.Engine.SetLimits(ctx, l)
}

// SetHome implements engine.Engine.
func (e *Engine) SetHome(ctx context.Context, ref string, on bool) error {
	m, name, err := e.findMemberOfRef("fleet: home", ref)
	if err != nil {
		return err
	}
	return withRefs(m.Engine.SetHome(ctx, name, on), m.Name)
}

// Switch implements engine.Engine.
func (e *Engine) Switch(ctx context.Context, ref, infohash string) error {
	m, host, err := e.findMemberOfRef("fleet: switch", ref)
	if err != nil {
		return err
	}
	return withRefs(m.Engine.Switch(ctx, host, infohash), m.Name)
}

// Resolve implements engine.Engine. For a Ref without a machine, the first connected machine resolves the name.
func (e *Engine) Resolve(ctx context.Context, ref string) (engine.Name, error) {
	host, name := engine.CutRef(ref)
	if name == "" {
		for i, m := range e.members {
			if e.reports.awayReason(i) == "" {
				return m.Engine.Resolve(ctx, host)
			}
		}
	}
	m, err := e.findMember("fleet: resolve", ref, name)
	if err != nil {
		return engine.Name{}, err
	}
	n, err := m.Engine.Resolve(ctx, host)
	return n, withRefs(err, m.Name)
}

// Publish implements engine.Engine. The publication's host is a Ref.
func (e *Engine) Publish(
	ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress),
) (engine.Publication, error) {
	m, err := e.findMember("fleet: publish", "", req.Machine)
	if err != nil {
		return engine.Publication{}, err
	}
	req.Machine = ""
	p, err := m.Engine.Publish(ctx, req, progress)
	if p.Host != "" {
		p.Host = engine.Ref(p.Host, m.Name)
	}
	return p, withRefs(err, m.Name)
}

// Probe implements engine.Engine.
func (e *Engine) Probe(ctx context.Context, ref string) (engine.Reach, error) {
	m, host, err := e.findMemberOfRef("fleet: probe", ref)
	if err != nil {
		return engine.Reach{}, err
	}
	r, err := m.Engine.Probe(ctx, host)
	if err != nil {
		return r, withRefs(err, m.Name)
	}
	r.Host = engine.Ref(r.Host, m.Name)
	return r, nil
}

// Export implements engine.Engine. The folder is on the site's machine.
func (e *Engine) Export(ctx context.Context, ref string, req engine.ExportRequest) error {
	m, host, err := e.findMemberOfRef("fleet: export", ref)
	if err != nil {
		return err
	}
	return withRefs(m.Engine.Export(ctx, host, req), m.Name)
}

// Metainfo implements engine.Engine.
func (e *Engine) Metainfo(ctx context.Context, ref string) ([]byte, error) {
	m, host, err := e.findMemberOfRef("fleet: metainfo", ref)
	if err != nil {
		return nil, err
	}
	info, err := m.Engine.Metainfo(ctx, host)
	return info, withRefs(err, m.Name)
}
