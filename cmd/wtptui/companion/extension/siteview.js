import { ask } from './ask.js'

const $ = id => document.getElementById(id)

// Details cost more than all else, so they are asked for less often, in seconds.
const detailsEvery = 5

// SiteView is the site that the tab shows.
export class SiteView {
  #say
  #site
  #since = Infinity

  constructor(say) {
    this.#say = say
    $('pin').addEventListener('click', () => this.#site.pinned
      ? this.#do('unpin', 'Unpinned: its thirty minutes begin')
      : this.#do('pin', 'Pinned: seeded for ever'))
    $('touch').addEventListener('click', () => this.#do('touch', 'Kept for another while'))
    $('link').addEventListener('click', () => this.#copy())
  }

  async show(site) {
    if (site.host !== this.#site?.host) this.#since = Infinity
    this.#site = site
    $('title').textContent = site.title || site.host
    $('address').textContent = site.address
    $('state').textContent = site.state
    $('state').className = `state ${site.tone}`
    $('lacks').textContent = site.lacks
    $('lacks').className = site.bad ? 'bad' : 'dim'
    $('lacks').hidden = !site.lacks
    $('done').value = site.done
    $('done').hidden = site.done === 1
    for (const field of ['have', 'kept', 'copies', 'down', 'up']) $(field).textContent = site[field]
    $('totals').textContent = `${site.downloaded} down, ${site.uploaded} up, ratio ${site.ratio}`
    draw($('down-spark'), site.trace.down, 'download')
    draw($('up-spark'), site.trace.up, 'upload')
    $('pin').textContent = site.own ? 'Yours' : site.pinned ? 'Pinned' : 'Pin'
    $('pin').setAttribute('aria-pressed', site.pinned || site.own)
    $('pin').disabled = site.own || site.found
    $('touch').disabled = site.pinned || site.own || site.found
    if (++this.#since >= detailsEvery) {
      this.#since = 0
      this.#detail(await ask('details', { host: site.host }))
    }
    $('peers').textContent = `${site.peers}, ${site.seeds} with all of it` + (this.ways ? ` (${this.ways})` : '')
  }

  #detail({ ways, versions }) {
    this.ways = ways
    $('versions').hidden = versions.length < 2
    $('versions').querySelector('ul').replaceChildren(...versions.map(({ infohash, state, since }) => {
      const line = document.createElement('li')
      line.append(element('code', infohash.slice(0, 12)), element('span', state), element('span', since))
      return line
    }))
  }

  async #do(op, done) {
    try {
      await ask(op, { host: this.#site.host })
      this.#say(done)
      await this.show(await ask('site', { page: this.#site.local }))
    } catch (error) {
      this.#say(error.message)
    }
  }

  async #copy() {
    const { link } = this.#site
    if (!link) {
      this.#say('No link for anyone yet: “wtptui serve --home NAME” or “wtptui publish --loader DIR” makes one')
      return
    }
    try {
      await navigator.clipboard.writeText(link)
      this.#say(`Copied ${link}`)
    } catch {
      this.#say(link) // to be copied by hand
    }
  }
}

export function element(name, text, className = '') {
  const e = document.createElement(name)
  e.textContent = text
  e.className = className
  return e
}

// draw makes a line of the last minute, the newest at the right.
function draw(svg, values, what) {
  const most = Math.max(1, ...values ?? [])
  const points = (values ?? []).map((v, i) => `${60 - values.length + i},${21 - 20 * v / most}`)
  svg.querySelector('path').setAttribute('d', points.length > 1 ? `M${points.join(' ')}` : '')
  svg.setAttribute('aria-label', `${what} rate of the last minute`)
}
