package main

import (
	"context"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

func (p *program) peersCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "peers HOST",
		Short:   "List the connected peers of one site",
		GroupID: groupSites,
		Args:    cobra.MatchAll(exactly(1, "one host"), hosts),
		RunE: p.connected(func(ctx context.Context, eng engine.Engine, args []string) error {
			d, err := p.detail(ctx, eng, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(p.stdout, append([]engine.Peer{}, d.Peers...))
			}
			var rows [][]string
			for _, peer := range d.Peers {
				rows = append(rows, []string{
					peer.Address, string(peer.Via), percent(peer.Done), rate(peer.DownRate), rate(peer.UpRate),
					bytes(peer.Downloaded), bytes(peer.Uploaded), peer.Source, peer.Client,
				})
			}
			table(p.stdout, []string{"ADDRESS", "VIA", ">DONE", ">DOWN", ">UP", ">DOWNLOADED", ">UPLOADED", "SOURCE", "CLIENT"}, rows)
			return nil
		}),
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}
