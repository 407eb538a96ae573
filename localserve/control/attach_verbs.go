package control

import (
	"context"

	"wtptui/engine"
)

// Detail implements engine.Engine.
func (a *Attachment) Detail(ctx context.Context, host string) (engine.Detail, error) {
	c, err := a.connectedClient("control: detail", host)
	if err != nil {
		return engine.Detail{}, err
	}
	return c.Detail(ctx, host)
}

// Add implements engine.Engine.
func (a *Attachment) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	c, err := a.connectedClient("control: add", "")
	if err != nil {
		return engine.Site{}, err
	}
	return c.Add(ctx, req)
}

// Do implements engine.Engine.
func (a *Attachment) Do(ctx context.Context, verb engine.Verb, hosts ...string) error {
	c, err := a.connectedClient("control: "+string(verb), singleHost(hosts))
	if err != nil {
		return err
	}
	return c.Do(ctx, verb, hosts...)
}

// KeepOpen implements engine.Engine. It ends with the connection.
func (a *Attachment) KeepOpen(ctx context.Context, hosts ...string) error {
	c, err := a.connectedClient("control: keep open", singleHost(hosts))
	if err != nil {
		return err
	}
	return c.KeepOpen(ctx, hosts...)
}

// Bin implements engine.Engine.
func (a *Attachment) Bin(ctx context.Context) ([]engine.Binned, error) {
	c, err := a.connectedClient("control: bin", "")
	if err != nil {
		return nil, err
	}
	return c.Bin(ctx)
}

// Keys implements engine.Engine.
func (a *Attachment) Keys(ctx context.Context) ([]engine.Key, error) {
	c, err := a.connectedClient("control: keys", "")
	if err != nil {
		return nil, err
	}
	return c.Keys(ctx)
}

// Assign implements engine.Engine.
func (a *Attachment) Assign(ctx context.Context, as engine.Assignment, hosts ...string) error {
	c, err := a.connectedClient("control: assign", singleHost(hosts))
	if err != nil {
		return err
	}
	return c.Assign(ctx, as, hosts...)
}

// SetLimits implements engine.Engine.
func (a *Attachment) SetLimits(ctx context.Context, limits engine.Limits) error {
	c, err := a.connectedClient("control: set limits", "")
	if err != nil {
		return err
	}
	return c.SetLimits(ctx, limits)
}

// SetHome implements engine.Engine.
func (a *Attachment) SetHome(ctx context.Context, name string, on bool) error {
	c, err := a.connectedClient("control: set home", "")
	if err != nil {
		return err
	}
	return c.SetHome(ctx, name, on)
}

// Switch implements engine.Engine.
func (a *Attachment) Switch(ctx context.Context, host, infohash string) error {
	c, err := a.connectedClient("control: switch", host)
	if err != nil {
		return err
	}
	return c.Switch(ctx, host, infohash)
}

// Resolve implements engine.Engine.
func (a *Attachment) Resolve(ctx context.Context, domain string) (engine.Name, error) {
	c, err := a.connectedClient("control: resolve", domain)
	if err != nil {
		return engine.Name{}, err
	}
	return c.Resolve(ctx, domain)
}

// Publish implements engine.Engine.
func (a *Attachment) Publish(
	ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress),
) (engine.Publication, error) {
	c, err := a.connectedClient("control: publish", "")
	if err != nil {
		return engine.Publication{}, err
	}
	return c.Publish(ctx, req, progress)
}

// Probe implements engine.Engine.
func (a *Attachment) Probe(ctx context.Context, host string) (engine.Reach, error) {
	c, err := a.connectedClient("control: probe", host)
	if err != nil {
		return engine.Reach{}, err
	}
	return c.Probe(ctx, host)
}

// Export implements engine.Engine.
func (a *Attachment) Export(ctx context.Context, host string, req engine.ExportRequest) error {
	c, err := a.connectedClient("control: export", host)
	if err != nil {
		return err
	}
	return c.Export(ctx, host, req)
}

// Metainfo implements engine.Engine.
func (a *Attachment) Metainfo(ctx context.Context, host string) ([]byte, error) {
	c, err := a.connectedClient("control: metainfo", host)
	if err != nil {
		return nil, err
	}
	return c.Metainfo(ctx, host)
}
