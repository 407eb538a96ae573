// Runs the client of the bittorrent-tracker package, as WebTorrent and others use it, and obeys JSON lines.
//
//   node tracker_client.mjs NODE_MODULES ANNOUNCE_URL INFOHASH PORT
//
// Standard input takes commands, {"id": N, "cmd": "start" | "update" | "complete" | "stop", "left": BYTES} and
// {"id": N, "cmd": "scrape", "infohashes": [...]}. Each is answered by one line with the same id, one after the other. It
// ends when its standard input does.

import { randomBytes } from 'node:crypto'
import { register } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

// The native part of WebRTC need not be installed: this stands in for it, makes no offers, and answers none.
const silent = `
import { EventEmitter } from 'node:events'
export default class extends EventEmitter {
  static WEBRTC_SUPPORT = true
  signal () {}
  destroy () {}
}`
const resolver = `export async function resolve (specifier, context, next) {
  if (specifier !== '@thaunknown/simple-peer/lite.js') return next(specifier, context)
  return { url: ${JSON.stringify('data:text/javascript,' + encodeURIComponent(silent))}, shortCircuit: true }
}`
register('data:text/javascript,' + encodeURIComponent(resolver))

const [modules, announce, infoHash, port] = process.argv.slice(2)
const { default: Client } = await import(pathToFileURL(`${modules}/bittorrent-tracker/client.js`))

let pending = { peers: [], scraped: {} }
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n')
const peerId = Buffer.concat([Buffer.from('-XX0000-'), randomBytes(12)])
const client = new Client({ infoHash, announce, port: Number(port), peerId })
client.on('error', (err) => { throw err })
client.on('update', (answer) => { pending.complete = answer.complete; pending.incomplete = answer.incomplete })
client.on('update', (answer) => { pending.interval = answer.interval ?? 0; finish() })
client.on('peer', (peer) => { if (typeof peer === 'string') pending.peers.push(peer) })
client.on('warning', (err) => { pending.error = err.message; finish() })
client.on('scrape', (counts) => {
  // Over HTTP it gives the hex digits of the hex digits.
  const hash = counts.infoHash.length === 80 ? Buffer.from(counts.infoHash, 'hex').toString() : counts.infoHash
  pending.scraped[hash] = {
    complete: counts.complete, incomplete: counts.incomplete, downloaded: counts.downloaded
  }
  finish()
})

let finish = () => {}

// answered waits for what the client makes of the tracker's answer: one or several events, all at once.
const answered = (id) => new Promise((resolve) => {
  pending = { id, peers: [], scraped: {} }
  finish = () => {
    finish = () => {}
    setImmediate(() => { print(pending); resolve() })
  }
})

// Over HTTP and WebSocket the client wants infohashes in hex, over UDP their bytes.
const forScrape = (hashes) => {
  const all = announce.startsWith('udp:') ? hashes.map((h) => Buffer.from(h, 'hex')) : hashes
  return all.length === 1 ? all[0] : all
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, cmd, left, infohashes } = JSON.parse(line)
  const answer = answered(id)
  if (cmd === 'scrape') client.scrape({ infoHash: forScrape(infohashes) })
  else client[cmd]({ left, numwant: announce.startsWith('ws') ? 0 : 50 })
  await answer
}
process.exit(0)
