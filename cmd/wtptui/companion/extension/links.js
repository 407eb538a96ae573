// A real click on a wtp:// link opens it without the question of the browser; see follow in background.js.
// One that was put here before the extension was replaced by a newer one has no id any more, and leaves clicks alone.
addEventListener('click', event => {
  if (!event.isTrusted || !chrome.runtime?.id || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  const link = event.composedPath().find(element => element.localName === 'a' && /^\s*wtp:/i.test(element.getAttribute('href')))
  if (!link) return
  event.preventDefault()
  const href = link.getAttribute('href').trim()
  chrome.runtime.sendMessage({ link: href }, led => { if (chrome.runtime.lastError || !led) location.href = href })
}, true)
