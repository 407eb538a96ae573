import { api } from './browser.js'
import { ask } from './ask.js'
import { element } from './siteview.js'

const $ = id => document.getElementById(id)

// ListView is the list of all sites, with a filter that also takes an address.
export class ListView {
  #say
  #rows = new Map()

  constructor(say) {
    this.#say = say
    $('filter').addEventListener('input', () => this.show())
    $('filter').addEventListener('keydown', event => {
      if (event.key === 'Enter') this.open($('filter').value)
      if (event.key === 'ArrowDown') move(event, 1)
    })
    $('sites').addEventListener('keydown', event => {
      if (event.key === 'ArrowDown') move(event, 1)
      if (event.key === 'ArrowUp') move(event, -1)
    })
    $('sites').addEventListener('click', event => {
      event.preventDefault()
      const link = event.target.closest('a[href]')
      if (link) goTo(link.href)
    })
  }

  async show() {
    const text = $('filter').value
    const { sites, all } = await ask('find', { text })
    if (text !== $('filter').value) return // The answer to what is typed by now is on its way.
    const rows = sites.map(site => {
      const row = this.#rows.get(site.host) ?? makeRow(site)
      fill(row, site)
      return [site.host, row]
    })
    // What is there stays: a click that has begun, or the focus, would be lost with its row.
    const shown = $('sites').children
    const sameRows = rows.length === shown.length && rows.every(([, row], i) => row === shown[i])
    if (!sameRows) {
      const focused = document.activeElement
      $('sites').replaceChildren(...rows.map(([, row]) => row))
      focused?.focus()
    }
    this.#rows = new Map(rows)
    $('more').textContent = sites.length < all ? `${all - sites.length} more: filter to find them`
      : all ? ''
        : text ? 'No site here is called so: Enter opens it as an address'
          : 'No sites yet. Type an address above, or publish a folder with “wtptui publish”.'
  }

  // open goes to what was typed: an address, or the only site that is meant.
  async open(text) {
    try {
      goTo(await ask('open', { text }))
    } catch (error) {
      const { sites, all } = await ask('find', { text, most: 1 })
      if (all === 1 && sites[0].local) goTo(sites[0].local)
      else this.#say(error.message)
    }
  }
}

function makeRow({ host, local }) {
  const link = document.createElement('a')
  if (local) link.href = local // An engine that serves no pages has none.
  link.dataset.host = host
  for (const [left, right] of [['name', 'right state'], ['name host', 'right dim']]) {
    const line = element('div', '', 'line')
    line.append(element('span', '', left), element('span', '', right))
    link.append(line)
  }
  const row = document.createElement('li')
  row.append(link)
  return row
}

function fill(row, { host, title, state, tone, peers, left }) {
  const [name, how, where, facts] = row.querySelectorAll('span')
  write(name, title || host)
  write(how, state)
  how.className = `right ${tone}`
  write(where, title ? host : '')
  write(facts, `${peers} ${peers === 1 ? 'peer' : 'peers'}${left ? `, expires in ${left}` : ''}`)
}

function write(span, text) {
  if (span.textContent !== text) span.textContent = text
}

function move(event, by) {
  event.preventDefault()
  const stops = [$('filter'), ...$('sites').querySelectorAll('a')]
  stops[Math.max(0, Math.min(stops.length - 1, stops.indexOf(document.activeElement) + by))].focus()
}

async function goTo(url) {
  await api.tabs.create({ url })
  close()
}
