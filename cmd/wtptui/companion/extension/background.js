// The start: what the browser tells of tabs goes to wtptui, and what wtptui tells of sites goes to the toolbar.
//
// A page can talk to nothing here. The only script that ever runs in pages is links.js, where the person allowed it.

import { api, shownTabs } from './browser.js'
import { Host } from './host.js'
import { showInToolbar } from './toolbar.js'
import { catchTyped, watchLinks } from './addresses.js'
import { answerKeyword } from './keyword.js'

const host = new Host(news => {
  showInToolbar(news)
  catchTyped(news.root)
}, tellShown)

// What all tabs show is told whenever one of them has moved. Private windows have no part in it: the manifest keeps the
// whole extension out of them.
async function tellShown() {
  const tabs = await shownTabs()
  host.tell('shown', { origins: [...new Set(tabs.map(({ origin }) => origin))] })
}

let toldSoon
function tellSoon() {
  toldSoon ??= setTimeout(() => { toldSoon = undefined; tellShown() }, 100)
}

api.tabs.onUpdated.addListener((id, change) => {
  if (change.url || change.status === 'loading') {
    tellSoon()
    showInToolbar(host.news)
  }
})
api.tabs.onRemoved.addListener(tellSoon)
api.tabs.onReplaced?.addListener(tellSoon)

// A host that has ended is started again. While it runs, its port keeps this script alive.
api.alarms.create('host', { periodInMinutes: 0.5 })
api.alarms.onAlarm.addListener(() => host.connect())
api.runtime.onStartup.addListener(() => host.connect())
api.runtime.onInstalled.addListener(() => host.connect())

// The popup and the settings ask through here, and links.js asks to follow a link. Other extensions have no way in.
api.runtime.onMessage.addListener((message, sender, respond) => {
  if (sender.id !== api.runtime.id) return false
  if (sender.url?.startsWith(api.runtime.getURL(''))) {
    ofOurs(message).then(result => respond({ result }), error => respond({ error: error.message }))
    return true
  }
  if (message?.canFollow) respond(canFollow())
  if (typeof message?.follow === 'string' && sender.tab) follow(message.follow, sender.tab.id)
  return false
})

async function ofOurs({ op, ...rest }) {
  if (op === 'news') {
    host.connect()
    return host.news
  }
  return host.ask(op, rest)
}

const canFollow = () => host.news.running && Boolean(host.news.root)

// follow leads a tab to the site of a link that a person has clicked. The server asks them first if it is not known.
function follow(link, tabId) {
  if (canFollow()) api.tabs.update(tabId, { url: `${host.news.root}?ask&uri=${encodeURIComponent(link)}` })
}

watchLinks()
answerKeyword(host)
host.connect()
