// The site that was here has been taken off. Whatever a worker of its had stored is forgotten, and so is the worker.
const PATIENCE = 2000; // milliseconds until pages that do not leave are not waited for

addEventListener("install", () => skipWaiting());

addEventListener("activate", (event) => {
  event.waitUntil(forget());
});

async function forget() {
  await clear();
  await registration.unregister();
  // Pages that are open ask the server anew, and learn from it that the site is gone. Until they have left, they may
  // store something again.
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  // A page of another worker's cannot be sent anywhere.
  const left = Promise.allSettled(pages.map((page) => page.navigate(page.url)));
  await Promise.race([left, new Promise((done) => setTimeout(done, PATIENCE))]);
  await clear();
}

async function clear() {
  for (const name of await caches.keys()) {
    await caches.delete(name);
  }
}
