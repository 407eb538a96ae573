// What Chromium and Firefox call differently, or do differently.

export const api = globalThis.browser ?? globalThis.chrome

// Chromium reads the text of a suggestion as XML, Firefox as it is.
export const isChromium = location.protocol === 'chrome-extension:'

// shownTabs gives the tabs that show sites. One that is only on its way to a site is not among them.
export async function shownTabs() {
  const tabs = await api.tabs.query({ url: 'http://*.localhost/*' })
  return tabs.filter(tab => tab.url?.startsWith('http:')).map(({ id, url }) => ({ id, origin: new URL(url).origin }))
}
