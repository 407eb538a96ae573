// The native host: one port, over which questions go and answers and news come.

import { api } from './browser.js'

const name = 'io.wtptui.companion'

export class Host {
  #port
  #asked = new Map()
  #next = 1
  #hear
  #connected

  // hear gets the news, and connected is called when a new host is there.
  constructor(hear, connected) {
    this.#hear = hear
    this.#connected = connected
    this.news = { registered: true, running: false, why: 'connecting', root: '', tabs: [] }
  }

  connect() {
    if (this.#port) return
    const port = this.#port = api.runtime.connectNative(name)
    port.onMessage.addListener(message => this.#take(message))
    port.onDisconnect.addListener(() => {
      if (port !== this.#port) return
      const why = port.error?.message ?? api.runtime.lastError?.message ?? 'the host has ended'
      this.#port = undefined
      for (const { reject } of this.#asked.values()) reject(new Error('wtptui has gone: try again'))
      this.#asked.clear()
      this.#told({ registered: this.#heard, running: false, why, tabs: [] })
    })
    this.#heard = false
    this.#connected()
  }

  // Whether this host has ever said anything: one that has not is not registered, or was refused.
  #heard = true

  #take(message) {
    this.#heard = true
    if (message.event === 'news') {
      this.#told({ registered: true, ...message })
      return
    }
    const asked = this.#asked.get(message.id)
    this.#asked.delete(message.id)
    if (message.error) asked?.reject(new Error(message.error))
    else asked?.resolve(message.result ?? null)
  }

  #told(news) {
    this.news = { ...this.news, ...news, root: news.root || this.news.root }
    this.#hear(this.news)
  }

  // ask starts the host if it does not run.
  ask(op, rest = {}) {
    this.connect()
    return new Promise((resolve, reject) => {
      const id = this.#next++
      this.#asked.set(id, { resolve, reject })
      this.#port.postMessage({ ...rest, id, op })
    })
  }

  // tell is for what a host that starts later is told anyway.
  tell(op, rest) {
    if (this.#port) this.ask(op, rest).catch(() => {})
  }
}
