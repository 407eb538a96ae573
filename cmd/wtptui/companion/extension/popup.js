// The popup: the site that the tab shows, or the list of all sites. What it says comes ready from the host, in the
// dashboard's words.

import { api } from './browser.js'
import { ask } from './ask.js'
import { SiteView } from './siteview.js'
import { ListView } from './listview.js'

const $ = id => document.getElementById(id)
const asked = new URLSearchParams(location.search)

const say = text => { $('said').textContent = text }

const site = new SiteView(say)
const list = new ListView(say)
// A longer address is the site's own doing.
const maxPage = 2000

let page = asked.get('page') ?? ''
let wantsList = false
let wanted = asked.get('open') ?? '' // what to open as soon as wtptui runs

async function currentPage() {
  const [tab] = await api.tabs.query({ active: true, currentWindow: true })
  return tab?.url ?? '' // Only those of sites are ever told.
}

function show(section, isSite) {
  for (const id of ['off', 'site', 'list']) $(id).hidden = id !== section
  $('other').hidden = !isSite
  $('other').textContent = section === 'list' ? 'This site' : 'All sites'
}

async function refresh() {
  const news = await ask('news')
  $('mark').src = news.running ? 'icons/on-32.png' : 'icons/off-32.png'
  if (!news.running) return news.why === 'connecting' ? undefined : showOff(news)
  if (wanted) {
    const text = wanted
    wanted = ''
    await list.open(text)
  }
  const here = page ? await ask('site', { page }) : null
  if (here && !wantsList) {
    show('site', true)
    await site.show(here)
    return
  }
  const begins = $('list').hidden
  show('list', Boolean(here))
  await list.show()
  if (begins) $('filter').focus()
}

function showOff({ registered, why, can_start: canStart }) {
  show('off')
  $('off-title').textContent = registered ? 'wtptui does not run' : 'The browser cannot reach wtptui'
  $('off-why').textContent = !registered
    ? `Run “wtptui register --companion” in a terminal once, with the wtptui that this extension came from. The browser says: ${why}`
    : canStart ? 'Sites from the swarm open while it runs. Started here, it goes on in the background; “wtptui” in a terminal shows it, “wtptui stop” ends it.'
      : why
  $('start').hidden = !registered || !canStart
}

$('start').addEventListener('click', async () => {
  $('start').disabled = true
  say('Starting wtptui…')
  try {
    await ask('start')
    say('')
  } catch (error) {
    say(error.message)
  }
  $('start').disabled = false
})

$('other').addEventListener('click', event => {
  event.preventDefault()
  wantsList = !wantsList
  refresh()
})

// One after the other, however long an answer takes. What went wrong is forgotten when it goes well again.
let wrong = ''
async function keepFresh() {
  try {
    await refresh()
    if (wrong && $('said').textContent === wrong) say('')
    wrong = ''
  } catch (error) {
    wrong = error.message
    say(wrong)
  }
  setTimeout(keepFresh, 1000)
}

if (!page) page = await currentPage()
page = /^http:/.test(page) ? page.split('#')[0] : ''
if (page.length > maxPage) page = new URL(page).origin + '/'
keepFresh()
