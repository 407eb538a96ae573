// Runs the bittorrent-tracker package on loopback and prints one JSON line per thing that happens to it.
//
//   node tracker.mjs NODE_MODULES INTERVAL_MS PEERS_CACHE_TTL_MS PORT HTTP_ADDRESS
//
// It ends when its standard input does, so it cannot outlive the test.

import { pathToFileURL } from 'node:url'

const [modules, interval, peersCacheTtl, port, address] = process.argv.slice(2)
// server.js by its path: the package's index also loads the client, whose native WebRTC part need not be installed.
const { default: Server } = await import(pathToFileURL(`${modules}/bittorrent-tracker/server.js`))

const print = (line) => process.stdout.write(JSON.stringify(line) + '\n')
const tracker = new Server({
  interval: Number(interval) || undefined,
  peersCacheTtl: Number(peersCacheTtl) || undefined,
  stats: false
})

for (const event of ['start', 'complete', 'update', 'stop']) {
  // Over HTTP and UDP addr is the peer's "ip:port"; a WebSocket peer has no port of its own and is known by its id.
  tracker.on(event, (addr, params) => print({
    event,
    infohash: params.info_hash,
    peer_id: params.peer_id,
    transport: params.type ?? 'http',
    port: params.port ?? 0,
    left: Number.isSafeInteger(params.left) ? params.left : -1
  }))
}
tracker.on('warning', (err) => console.error('warning:', err.message))
tracker.on('error', (err) => {
  // The package insists on an IPv6 socket too; a machine without IPv6 does without.
  if (err.address === '::1') return console.error('no IPv6:', err.message)
  throw err
})

const listening = (socket) => new Promise((resolve) => socket.once('listening', resolve))
const bound = Promise.all([listening(tracker.http), listening(tracker.udp4)])
tracker.listen(Number(port), { http: address, udp: '127.0.0.1', udp6: '::1' })
await bound
print({ event: 'listening', http: tracker.http.address().port, udp: tracker.udp4.address().port })

process.stdin.on('end', () => process.exit(0)).resume()
