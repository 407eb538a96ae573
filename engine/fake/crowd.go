package fake

import (
	"math/rand/v2"
	"strings"
	"time"

	"wtptui/engine"
)

// DemoWithMany returns n sites for people who try the program without a network: those of Demo first, then random ones
// of all kinds. The random ones are opened again and again, so that they do not expire.
func DemoWithMany(n int) []Script {
	out := Demo()
	if n <= len(out) {
		return out[:max(n, 0)]
	}
	rng := rand.New(rand.NewPCG(11, 1))
	names := crowdNames(n - len(out))
	for i, name := range names {
		sc := randomScript(name, rng)
		sc.LastCopy = i%29 == 7
		out = append(out, sc)
	}
	return out
}

var (
	crowdFirst = strings.Fields("amber birch cedar clear copper coral deep dusty early echo faint fern field first " +
		"gentle glass gold granite green harbor hazel hidden high hollow inner iron ivory " +
		"lantern late linen little lower maple marsh misty moss night north ocean old olive " +
		"open outer paper pine plain quiet rain red river rough salt silver slow small south " +
		"spare still")
	crowdSecond = strings.Fields("almanac archive atlas bakery beacon bench bindery cabinet cellar choir circle clinic " +
		"corner daily depot diary drawer engine fable folio forge garden gazette guild herald " +
		"index journal kitchen lab ledger letters library loom lookout manual map market " +
		"meadow mill museum notes observer orchard papers park pier press primer quarry radio " +
		"reader recipes")
	crowdEnds = []string{".example", ".example", ".example", ".example.org"}
)

// crowdNames returns n different domains. When all pairs of words are used up, a letter is added to them.
func crowdNames(n int) []string {
	out := make([]string, 0, n)
	for i := range n {
		first, second := crowdFirst[i%len(crowdFirst)], crowdSecond[(i*7+i/len(crowdFirst))%len(crowdSecond)]
		name := first + "-" + second
		if round := i / (len(crowdFirst) * len(crowdSecond)); round > 0 {
			name += "-" + string(rune('a'+round%26))
		}
		out = append(out, name+crowdEnds[(i*13/5)%len(crowdEnds)])
	}
	return out
}

// randomScript returns the script of a random site: most are cached, some pinned, a few in each of the other states.
func randomScript(host string, rng *rand.Rand) Script {
	words := strings.Split(host[:strings.IndexByte(host, '.')], "-")
	title := "The " + words[0] + " " + words[1]
	switch rng.IntN(4) {
	case 0:
		place := words[0] + " " + crowdSecond[rng.IntN(len(crowdSecond))]
		title = strings.ToUpper(words[1][:1]) + words[1][1:] + " of the " + place
	case 1:
		year := []string{"1998", "2004", "2011", "2019", "2024"}[rng.IntN(5)]
		title = strings.ToUpper(words[0][:1]) + words[0][1:] + " " + words[1] + ", since " + year
	}
	sc := Script{
		Host: host, Title: title, Files: 4 + rng.IntN(60), Size: 40_000 + rng.Int64N(1<<uint(16+rng.IntN(10))),
		ExpiresIn: 13*time.Minute + time.Duration(rng.IntN(1000))*time.Second, Visited: true,
		Peers: rng.IntN(4) * rng.IntN(2), KnownPeers: rng.IntN(12),
		Versions: 1 + rng.IntN(3), Requests: rng.IntN(3),
	}
	sc.Uploaded = rng.Int64N(6 * sc.Size)
	switch k := rng.IntN(100); {
	case k < 22:
		sc.Pinned = true
	case k < 24:
		sc.Pinned, sc.Mine = true, true
	case k < 28:
		sc.State, sc.Done = engine.Downloading, rng.Float64()*0.9
		sc.Peers, sc.Size = 1+rng.IntN(3), 5_000_000+rng.Int64N(120_000_000)
	case k < 30:
		sc.State, sc.Done, sc.Unseeded, sc.Peers = engine.Downloading, rng.Float64()*0.9, true, 0
	case k < 32:
		sc.State = engine.Paused
	case k < 34:
		sc.State, sc.ErrorKind = engine.Failed, engine.Unavailable
		sc.Error = "no resolver answers: it is asked again in a minute"
	case k < 40:
		sc.Host = inventInfohash(host)
	}
	return sc
}
