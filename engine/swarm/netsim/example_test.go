package netsim_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"

	"wtptui/engine/swarm/netsim"
)

// A client requests a line and a picture from a distant server at home. This takes half a second. Within
// testing/synctest.Test it takes no real time, and always exactly the same virtual time.
func Example() {
	n := netsim.New(1)
	defer n.Close()
	server := n.Host("server", netsim.Link{Up: 1 << 20, Latency: 5 * time.Millisecond})
	client := n.Host("client", netsim.Link{Latency: 45 * time.Millisecond})

	listener, err := server.Listen(80)
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		question, _ := bufio.NewReader(c).ReadString('\n')
		fmt.Fprintf(c, "no idea what %q is\n", question)
		if _, err := c.Write(make([]byte, 128<<10)); err != nil {
			fmt.Println(err)
		}
	}()

	c, err := client.Dial(context.Background(), netip.AddrPortFrom(server.Addr(), 80))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Fprintln(c, "wtp")
	answer := bufio.NewReader(c)
	line, _ := answer.ReadString('\n')
	fmt.Print(line)
	size, err := io.Copy(io.Discard, answer)
	fmt.Println(size, err)
	// Output:
	// no idea what "wtp\n" is
	// 131072 <nil>
}
