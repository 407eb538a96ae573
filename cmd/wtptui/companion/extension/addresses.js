// wtp:// addresses that are typed, and those in links of any page. Both need access to other pages, which a person
// gives in the settings and takes back there.

import { api } from './browser.js'

// The search engines that browsers send a typed wtp:// address to, because they do not know the scheme.
const engines = [
  'www.google.com', 'duckduckgo.com', 'www.bing.com', 'search.yahoo.com', 'search.brave.com', 'www.ecosia.org',
  'www.startpage.com', 'www.qwant.com', 'kagi.com', 'www.mojeek.com', 'yandex.com', 'www.baidu.com', 'www.perplexity.ai'
]

export const typed = { origins: engines.map(host => `https://${host}/*`) }
export const anyPage = { origins: ['*://*/*'] }

const rule = 1

// catchTyped leads what is typed to the server at root before it leaves the browser. The rule holds also while wtptui
// does not run: the address is nobody's business then, either.
let caught = '' // the root that the rule leads to; at the start of this script the rule may be one of an older version
export async function catchTyped(root) {
  if (!root || root === caught) return
  caught = root
  const wanted = {
    id: rule,
    condition: {
      regexFilter: '^https://[^?#]*\\?([^#]*&)?(q|p|query|text|wd)=(wtp(:|%3A)(/|%2F)(/|%2F)[^&#]*)',
      requestDomains: engines,
      resourceTypes: ['main_frame']
    },
    action: { type: 'redirect', redirect: { regexSubstitution: `${root}?uri=\\3` } }
  }
  await api.declarativeNetRequest.updateDynamicRules({ removeRuleIds: [rule], addRules: [wanted] }).catch(console.error)
}

// watchLinks has links.js run in other pages as long as the person allows it.
export function watchLinks() {
  api.permissions.onAdded.addListener(setLinks)
  api.permissions.onRemoved.addListener(setLinks)
  setLinks()
}

let setting = Promise.resolve()
function setLinks() {
  setting = setting.then(async () => {
    const want = await api.permissions.contains(anyPage)
    const [is] = await api.scripting.getRegisteredContentScripts({ ids: ['links'] })
    if (want && !is) {
      const script = { id: 'links', js: ['links.js'], matches: anyPage.origins, runAt: 'document_start' }
      await api.scripting.registerContentScripts([script])
    } else if (!want && is) {
      await api.scripting.unregisterContentScripts({ ids: ['links'] })
    }
  }).catch(console.error)
}
