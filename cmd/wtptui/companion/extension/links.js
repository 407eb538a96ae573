// A real click on a wtp:// link opens it without the question of the browser; see follow in background.js.
// One that was put here before the extension was replaced by a newer one has no id any more, and leaves clicks alone.
addEventListener('click', event => {
  if (!event.isTrusted || !chrome.runtime?.id) return
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  const isLink = element => element.localName === 'a' && /^\s*wtp:/i.test(element.getAttribute('href'))
  const link = event.composedPath().find(isLink)
  if (!link) return
  event.preventDefault()
  const href = link.getAttribute('href').trim()
  // The question ends before the tab is led away: a page that is leaving gets no answer any more, which looks like a
  // background script that fails.
  chrome.runtime.sendMessage({ canFollow: true }, can => {
    if (chrome.runtime.lastError && leaving) return
    leaving = can
    if (can) chrome.runtime.sendMessage({ follow: href })
    else location.href = href
  })
}, true)

let leaving = false // as far as is known: whoever goes back may see the page again
