// The keyword wtp in the address bar: an address, or the title of a site that is here.

import { api, isChromium } from './browser.js'

const most = 6

export function answerKeyword(host) {
  api.omnibox.setDefaultSuggestion({ description: 'Open a wtp:// site: its address, or the title of one that is here' })
  api.omnibox.onInputChanged.addListener((text, suggest) => {
    host.ask('find', { text, most }).then(({ sites }) => suggest(sites.map(suggestion)), () => suggest([]))
  })
  api.omnibox.onInputEntered.addListener(async (text, disposition) => {
    const url = await host.ask('open', { text }).catch(() => whereUnknown(host.news, text))
    if (disposition === 'currentTab') api.tabs.update({ url })
    else api.tabs.create({ url, active: disposition === 'newForegroundTab' })
  })
}

// Where wtptui runs, its server says what is wrong with the address; where it does not, the popup's page says so.
function whereUnknown({ running, root }, text) {
  return (running && root ? `${root}?uri=` : api.runtime.getURL('popup.html?open=')) + encodeURIComponent(text)
}

function suggestion({ url, title, host }) {
  return isChromium
    ? { content: url, description: `${title ? `${xml(title)} <dim>–</dim> ` : ''}<url>${xml(url)}</url>` }
    : { content: url, description: title ? `${title} – ${host}` : host }
}

const xml = text => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`)
