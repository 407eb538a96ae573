package webtorrent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/transport/v5"
	"github.com/pion/transport/v5/stdnet"
	"github.com/pion/webrtc/v4"
)

// socketBuffer is the size in bytes of the receive buffer that each socket asks for. A peer on a fast line sends hundreds
// of packets at once; what the kernel has no room for costs a retransmission, and with it the speed of the connection.
const socketBuffer = 1 << 20

// sockets opens UDP sockets for pion.
type sockets struct{ *stdnet.Net }

// ListenUDP implements transport.Net.
func (s sockets) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	conn, err := net.ListenUDP(network, local)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(socketBuffer) // the system may give less
	return conn, nil
}

// newPeerConnection has data channels and nothing else. Loopback addresses are for peers that were met on a loopback
// tracker; a peer that has fallen silent is lost after that time.
func newPeerConnection(servers []ICEServer, local bool, lost time.Duration) (*webrtc.PeerConnection, error) {
	var s webrtc.SettingEngine
	s.LoggerFactory = quiet()
	s.DetachDataChannels()
	s.DisableActiveTCP(true)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled) // names are resolved before pion sees them
	s.SetIncludeLoopbackCandidate(local)
	s.SetRemoteIPFilter(func(ip net.IP) bool {
		addr, ok := netip.AddrFromSlice(ip)
		return ok && usable(addr, local)
	})
	s.SetICETimeouts(5*time.Second, lost, 2*time.Second)
	// How long to hope for a better way than one through a NAT. On a local network the better one answers in no time,
	// and where an address is hidden behind mDNS the way that the peer found is as good.
	s.SetSrflxAcceptanceMinWait(200 * time.Millisecond)
	s.SetPrflxAcceptanceMinWait(200 * time.Millisecond)
	s.SetSCTPMaxMessageSize(maxReceived)
	s.EnableSCTPZeroChecksum(true)     // DTLS checks already
	interfaces, err := stdnet.NewNet() // as they are now
	if err != nil {
		return nil, fmt.Errorf("webtorrent: network interfaces: %w", err)
	}
	s.SetNet(sockets{interfaces})
	api := webrtc.NewAPI(
		webrtc.WithSettingEngine(s),
		webrtc.WithMediaEngine(new(webrtc.MediaEngine)),
		webrtc.WithInterceptorRegistry(new(interceptor.Registry)),
	)
	var cfg webrtc.Configuration
	for _, s := range servers {
		cfg.ICEServers = append(cfg.ICEServers, webrtc.ICEServer{
			URLs: []string{s.URL}, Username: s.Username, Credential: s.Password,
		})
	}
	pc, err := api.NewPeerConnection(cfg)
	if err != nil {
		return nil, fmt.Errorf("webtorrent: new peer connection: %w", err)
	}
	return pc, nil
}

// quiet keeps pion from writing to the standard error.
func quiet() logging.LoggerFactory {
	return &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
}

// makeOffer gives an offer that has our addresses in it. WebTorrent sends no addresses later, so those that are not
// known within limit, because a STUN server does not answer, are left out.
func makeOffer(ctx context.Context, pc *webrtc.PeerConnection, limit time.Duration) (sdp string, err error) {
	return describe(ctx, pc, limit, func() (webrtc.SessionDescription, error) { return pc.CreateOffer(nil) })
}

// makeAnswer answers an offer that is clean; see cleanSDP.
func makeAnswer(ctx context.Context, pc *webrtc.PeerConnection, offer string, limit time.Duration) (sdp string, err error) {
	return describe(ctx, pc, limit, func() (webrtc.SessionDescription, error) {
		err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer})
		if err != nil {
			return webrtc.SessionDescription{}, err
		}
		return pc.CreateAnswer(nil)
	})
}

func describe(ctx context.Context, pc *webrtc.PeerConnection, limit time.Duration, create func() (webrtc.SessionDescription, error)) (sdp string, err error) {
	defer recovered(&err)
	desc, err := create()
	if err != nil {
		return "", fmt.Errorf("webtorrent: describe connection: %w", err)
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(desc); err != nil {
		return "", fmt.Errorf("webtorrent: describe connection: %w", err)
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-gathered:
	case <-timer.C:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	local := pc.LocalDescription()
	if local == nil {
		return "", errors.New("webtorrent: the connection was closed")
	}
	return local.SDP, nil
}

// acceptAnswer takes the answer to our offer; it has to be clean.
func acceptAnswer(pc *webrtc.PeerConnection, answer string) (err error) {
	defer recovered(&err)
	err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
	if err != nil {
		return fmt.Errorf("webtorrent: accept answer: %w", err)
	}
	return nil
}

// addCandidate adds an address of the peer's to a connection that has its description.
func addCandidate(pc *webrtc.PeerConnection, c candidate) (err error) {
	defer recovered(&err)
	if err := pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: c.String()}); err != nil {
		return fmt.Errorf("webtorrent: add candidate: %w", err)
	}
	return nil
}

// recovered makes an error of a panic. pion reads here what strangers wrote, and a mistake of its must not end the
// program.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("webtorrent: session description: panic: %v", r)
	}
}

// endpoints are the addresses of the candidate pair that a connection uses; pion may not know them.
func endpoints(pc *webrtc.PeerConnection) (local, remote netip.AddrPort) {
	pair, err := pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || pair == nil {
		return local, remote
	}
	return endpoint(pair.Local), endpoint(pair.Remote)
}

func endpoint(c *webrtc.ICECandidate) netip.AddrPort {
	if c == nil {
		return netip.AddrPort{}
	}
	ip, err := netip.ParseAddr(c.Address)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(ip.Unmap(), c.Port)
}
