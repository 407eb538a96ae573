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

// socketBuffer is the requested size of each socket's receive buffer in bytes. A peer on a fast link sends bursts of
// hundreds of packets; a dropped packet costs a retransmission, and slows the connection.
const socketBuffer = 1 << 20

// sockets opens the UDP sockets of pion.
type sockets struct{ *stdnet.Net }

// ListenUDP implements transport.Net.
func (s sockets) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	conn, err := net.ListenUDP(network, local)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(socketBuffer) // the system may grant less
	return conn, nil
}

// newPeerConnection returns a peer connection with data channels only. local enables loopback addresses, for peers
// found through a loopback tracker; lost is how long a silent peer is waited for.
func newPeerConnection(servers []ICEServer, local bool, lost time.Duration) (*webrtc.PeerConnection, error) {
	var s webrtc.SettingEngine
	s.LoggerFactory = discardLogger()
	s.DetachDataChannels()
	s.DisableActiveTCP(true)
	s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	s.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled) // names are resolved before pion sees them
	s.SetIncludeLoopbackCandidate(local)
	s.SetRemoteIPFilter(func(ip net.IP) bool {
		addr, ok := netip.AddrFromSlice(ip)
		return ok && isUsableIP(addr, local)
	})
	s.SetICETimeouts(5*time.Second, lost, 2*time.Second)
	// How long to wait for a better path than one through a NAT. On a local network the better one answers at once,
	// and where an address is hidden behind mDNS the path that the peer found is as good.
	s.SetSrflxAcceptanceMinWait(200 * time.Millisecond)
	s.SetPrflxAcceptanceMinWait(200 * time.Millisecond)
	s.SetSCTPMaxMessageSize(maxReceived)
	s.EnableSCTPZeroChecksum(true)     // DTLS has checksums already
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

// discardLogger keeps pion from writing to the standard error.
func discardLogger() logging.LoggerFactory {
	return &logging.DefaultLoggerFactory{Writer: io.Discard, DefaultLogLevel: logging.LogLevelDisabled}
}

// makeOffer returns an offer with our addresses. WebTorrent sends no addresses later, so those that are not known
// within limit, because a STUN server does not answer, are omitted.
func makeOffer(ctx context.Context, pc *webrtc.PeerConnection, limit time.Duration) (sdp string, err error) {
	return describe(ctx, pc, limit, func() (webrtc.SessionDescription, error) { return pc.CreateOffer(nil) })
}

// makeAnswer answers an offer that was cleaned with cleanSDP.
func makeAnswer(
	ctx context.Context, pc *webrtc.PeerConnection, offer string, limit time.Duration,
) (sdp string, err error) {
	return describe(ctx, pc, limit, func() (webrtc.SessionDescription, error) {
		err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer})
		if err != nil {
			return webrtc.SessionDescription{}, err
		}
		return pc.CreateAnswer(nil)
	})
}

func describe(
	ctx context.Context, pc *webrtc.PeerConnection, limit time.Duration,
	create func() (webrtc.SessionDescription, error),
) (sdp string, err error) {
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

// acceptAnswer applies the answer to our offer, which must have been cleaned with cleanSDP.
func acceptAnswer(pc *webrtc.PeerConnection, answer string) (err error) {
	defer recovered(&err)
	err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer})
	if err != nil {
		return fmt.Errorf("webtorrent: accept answer: %w", err)
	}
	return nil
}

// addCandidate adds an address of the peer to a connection that has its description.
func addCandidate(pc *webrtc.PeerConnection, c candidate) (err error) {
	defer recovered(&err)
	if err := pc.AddICECandidate(webrtc.ICECandidateInit{Candidate: c.String()}); err != nil {
		return fmt.Errorf("webtorrent: add candidate: %w", err)
	}
	return nil
}

// recovered turns a panic into an error. pion parses untrusted input here, and its bugs must not end the program.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("webtorrent: session description: panic: %v", r)
	}
}

// endpoints returns the addresses of the selected candidate pair; pion may not know them.
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
