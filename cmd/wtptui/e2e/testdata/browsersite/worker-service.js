// A service worker that changes nothing.
oninstall = () => skipWaiting()
onactivate = (e) => e.waitUntil(clients.claim())
onfetch = () => {}
