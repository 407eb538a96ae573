package main

import (
	"io"

	"github.com/spf13/cobra"

	"wtptui/engine"
)

func peersCommand(c *client) *cobra.Command {
	return siteDetailCommand(c, "peers HOST", "List the connected peers of one site",
		func(d engine.Detail) any { return d.Peers },
		printPeers)
}

func printPeers(w io.Writer, value any) {
	peers, _ := value.([]engine.Peer)
	var rows [][]string
	for _, peer := range peers {
		rows = append(rows, []string{
			peer.Address, string(peer.Via), formatPercent(peer.Done), formatRate(peer.DownRate), formatRate(peer.UpRate),
			formatBytes(peer.Downloaded), formatBytes(peer.Uploaded), peer.Source, peer.Client,
		})
	}
	head := []string{"ADDRESS", "VIA", ">DONE", ">DOWN", ">UP", ">DOWNLOADED", ">UPLOADED", "SOURCE", "CLIENT"}
	printTable(w, head, rows)
}
