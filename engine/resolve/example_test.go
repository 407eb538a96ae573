package resolve_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/miekg/dns"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

// A domain points to the infohash in its TXT record, which is queried over HTTPS.
func ExampleResolver_Resolve() {
	server := httptest.NewServer(http.HandlerFunc(txtServer))
	defer server.Close()
	resolver := resolve.New(resolve.Config{Servers: []string{server.URL}})
	defer resolver.Close()

	ctx := context.Background()
	for _, host := range []string{"docs.example", "shop.example"} {
		answer, err := resolver.Resolve(ctx, host)
		fmt.Printf("%s: %q, for %s, %q\n", host, answer.Infohash, answer.Lifetime, engine.KindOf(err))
	}
	// Output:
	// docs.example: "2705a338bb5332457ab08d729f811b9fb7b58788", for 10m0s, ""
	// shop.example: "", for 0s, "not_found"
}

// txtServer answers DNS queries over HTTPS (RFC 8484). Its zone holds only docs.example.
func txtServer(w http.ResponseWriter, r *http.Request) {
	query := new(dns.Msg)
	body, err := io.ReadAll(r.Body)
	if err != nil || query.Unpack(body) != nil {
		http.Error(w, "not a DNS query", http.StatusBadRequest)
		return
	}
	reply := new(dns.Msg).SetReply(query)
	reply.Rcode = dns.RcodeNameError
	if query.Question[0].Name == "docs.example." && query.Question[0].Qtype == dns.TypeTXT {
		txt, err := dns.NewRR(`docs.example. 600 TXT "wtpkey=2705a338bb5332457ab08d729f811b9fb7b58788"`)
		if err == nil {
			reply.Rcode, reply.Answer = dns.RcodeSuccess, []dns.RR{txt}
		}
	}
	packed, err := reply.Pack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/dns-message")
	_, _ = w.Write(packed)
}
