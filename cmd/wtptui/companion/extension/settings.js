// The two things that need access to other pages. The browser keeps what was decided.

import { api } from './browser.js'
import { typed, anyPage } from './addresses.js'

const switches = [['typed', typed], ['links', anyPage]].map(([id, access]) => ({ box: document.getElementById(id), access }))

async function show() {
  for (const { box, access } of switches) box.checked = await api.permissions.contains(access)
  const [typed, links] = switches.map(({ box }) => box)
  typed.disabled = links.checked // All pages are those of search engines, too.
  document.getElementById('both').hidden = !links.checked
}

for (const { box, access } of switches) {
  box.addEventListener('change', async () => {
    await (box.checked ? api.permissions.request(access) : api.permissions.remove(access)).catch(error => {
      document.getElementById('said').textContent = error.message
    })
    show()
  })
}

show()
