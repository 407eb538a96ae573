// The badge has the peers of the tab's site; the icon is grey when wtptui does not run.

import { api, shownTabs } from './browser.js'

let isOn // not known when this script starts: the browser keeps the icon of the last time
let iconSet = Promise.resolve()

export async function showInToolbar({ running, why, tabs }) {
  if (running !== isOn) {
    isOn = running
    const look = running ? 'on' : 'off'
    const path = { 16: `icons/${look}-16.png`, 32: `icons/${look}-32.png` }
    // The browser loads the files first, and of two that are set at once either may be the last.
    iconSet = iconSet.then(() => api.action.setIcon({ path })).catch(console.error)
    api.action.setBadgeBackgroundColor({ color: '#0b6b75' })
    api.action.setBadgeTextColor({ color: '#ffffff' })
  }
  const title = running ? 'wtptui' : `wtptui: ${why || 'not running'}`
  api.action.setTitle({ title })
  const known = new Map(tabs.map(tab => [tab.origin, tab]))
  for (const { id: tabId, origin } of await shownTabs()) {
    const site = known.get(origin)
    const text = site ? short(site.peers) : ''
    // A tab may be gone by now.
    api.action.setBadgeText({ tabId, text }).catch(() => {})
    const here = site ? `${site.title}: ${site.state}, ${plural(site.peers, 'peer')}` : title
    api.action.setTitle({ tabId, title: here }).catch(() => {})
  }
}

const short = n => n < 1000 ? String(n) : `${Math.floor(n / 1000)}k`

const plural = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`
