// Runs a net of bittorrent-dht nodes on loopback, with npm's pkarr among them, and obeys JSON lines.
//
//   node dht.mjs NODE_MODULES NODES BOOTSTRAP
//
// NODES nodes are there besides one of a client of bittorrent-dht and one of pkarr's. BOOTSTRAP are host:port nodes of
// another net, joined by commas, that they join; empty for a net of its own. Standard input takes commands,
// {"id": N, "cmd": NAME, ...}, see commands below. Each is answered by one line with the same id, one after the other.
// It ends when its standard input does.

import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

// What is no report must not be among them: pkarr's relay logs its requests.
console.log = console.error
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n')

const [modules, count, joined] = process.argv.slice(2)
const load = async (path) => import(pathToFileURL(`${modules}/${path}`))
const { default: DHT } = await load('bittorrent-dht/index.js')
const { default: PkarrDHT } = await load('pkarr/lib/dht.js')
const { default: Relay } = await load('pkarr/lib/relay.js')
const { Pkarr, SignedPacket, generateKeyPair, z32 } = await load('pkarr/index.js')
const { default: bencode } = await load('bencode/index.js')
const sodium = createRequire(`${modules}/pkarr/index.js`)('sodium-universal')

const verify = sodium.crypto_sign_verify_detached
const bytes = (hex) => Buffer.from(hex, 'hex')
const hex = (buffer) => Buffer.from(buffer).toString('hex')
const keysOf = (seed) => generateKeyPair(bytes(seed))

// nodes are all those of this process, whoever runs them: each of them stores what others put.
const nodes = []
let bootstrap = joined === '' ? false : joined.split(',')

async function started (node) {
  await new Promise((resolve) => node.listen(0, '127.0.0.1', resolve))
  nodes.push(node)
  if (!node.ready) await new Promise((resolve) => node.once('ready', resolve))
  bootstrap ||= [`127.0.0.1:${node.address().port}`]
}

async function startPkarr () {
  // It would keep its routing table in the home of the person who runs the tests.
  const storage = { loadRoutingTable () {}, saveRoutingTable () {} }
  const dht = new PkarrDHT({ bootstrap, verify, storage })
  await started(dht._dht)
  return dht
}

for (let n = 0; n < Number(count); n++) await started(new DHT({ bootstrap, verify }))
const client = new DHT({ bootstrap, verify })
await started(client)
const pkarr = await startPkarr()
const relays = []

const targetOf = (key) => client._hash(bytes(key)).toString('hex')

// nearest returns the nodes in order of their distance to a key's target.
function nearest (key) {
  const target = bytes(targetOf(key))
  const distance = (node) => hex(node.nodeId.map((byte, i) => byte ^ target[i]))
  return [...nodes].sort((a, b) => distance(a) < distance(b) ? -1 : 1)
}

// forgotten has a node read a key's item from the others: it would take what it stores itself without asking.
function forgotten (node, key) {
  node._values.remove(targetOf(key))
  return node
}

const itemOf = ({ k, seq, sig, v }) => ({ key: hex(k), seq, sig: hex(sig), value: hex(bencode.encode(v)) })

function signed ({ seed, seq, texts }) {
  const answers = texts.map((data) => ({ name: '.', type: 'TXT', class: 'IN', ttl: 300, data }))
  return SignedPacket.fromPacket(keysOf(seed), { id: 0, type: 'response', flags: 0, answers }, { timestamp: seq })
}

function read (packet) {
  const own = z32.encode(packet.publicKey())
  const texts = packet.packet().answers.filter((a) => a.type === 'TXT' && a.name === own).map((a) => a.data.join(''))
  return { seq: packet.timestamp(), texts }
}

const commands = {
  // pkarr's packet of TXT records at the key's name, put into the DHT or, if one is named, to a relay.
  async 'pkarr put' (command) {
    const packet = signed(command)
    if (!command.relay) return { nodes: (await pkarr.put(packet.bep44Args())).nodes.length }
    const answer = await Pkarr.relayPut(command.relay, packet)
    return answer.ok ? {} : { error: `the relay says ${answer.status} ${answer.statusText}` }
  },

  async 'pkarr get' ({ key, relay }) {
    if (relay) return read(await Pkarr.relayGet(relay, bytes(key)))
    forgotten(pkarr._dht, key)
    const found = await pkarr.get(bytes(key), { fullLookup: true })
    if (!found) return { missing: true }
    return { ...read(SignedPacket.fromBep44Args(found)), nodes: found.nodes.length }
  },

  // The same packet, put nowhere.
  'pkarr sign' (command) {
    return { item: itemOf(signed(command).bep44Args()) }
  },

  // A relay whose node is one of the net.
  async relay () {
    const relay = new Relay({ dht: await startPkarr() })
    relays.push(relay)
    await new Promise((resolve) => relay._server.listen(0, '127.0.0.1', resolve))
    return { port: relay.port }
  },

  // A dictionary of BEP 46.
  async 'dht put' ({ seed, seq, infohash }) {
    const { publicKey, secretKey } = keysOf(seed)
    const sign = (message) => {
      const sig = Buffer.alloc(sodium.crypto_sign_BYTES)
      sodium.crypto_sign_detached(sig, message, secretKey)
      return sig
    }
    return new Promise((resolve) => {
      client.put({ k: publicKey, seq, v: { ih: bytes(infohash) }, sign }, (err, _, n) => {
        resolve(err ? { error: err.message } : { nodes: n })
      })
    })
  },

  async 'dht get' ({ key }) {
    return new Promise((resolve) => {
      forgotten(client, key).get(targetOf(key), (err, found) => {
        resolve(err ? { error: err.message } : found ? { item: itemOf(found) } : { missing: true })
      })
    })
  },

  // What the nodes of this process store of a key, that of the nearest first; one that stores nothing has seq -1.
  held ({ key }) {
    const target = targetOf(key)
    return { held: nearest(key).map((node) => node._values.get(target)).map((v) => v ? itemOf(v) : { key, seq: -1 }) }
  },

  // The most nodes that are nearest store the item, or nothing of the key if it has no value, whatever they have.
  hold ({ item, most }) {
    const target = targetOf(item.key)
    for (const node of nearest(item.key).slice(0, most)) {
      node._values.remove(target)
      if (!item.value) continue
      const value = { v: bencode.decode(bytes(item.value)), k: bytes(item.key), sig: bytes(item.sig), seq: item.seq }
      node._values.set(target, { ...value, id: node.nodeId })
    }
    return {}
  }
}

print({ ports: nodes.map((node) => node.address().port) })
for await (const line of createInterface({ input: process.stdin })) {
  const { id, cmd, ...args } = JSON.parse(line)
  try {
    print({ id, ...await commands[cmd](args) })
  } catch (err) {
    print({ id, error: String(err.stack) })
  }
}
process.exit(0)
