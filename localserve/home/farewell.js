// The site that was here has been taken off. Whatever a worker of its had stored is forgotten, and so is the worker.
addEventListener("install", () => skipWaiting());

addEventListener("activate", (event) => {
  event.waitUntil(forget());
});

async function forget() {
  for (const name of await caches.keys()) {
    await caches.delete(name);
  }
  await registration.unregister();
  // Pages that are open ask the server anew, and learn from it that the site is gone.
  for (const client of await clients.matchAll({ type: "window", includeUncontrolled: true })) {
    client.navigate(client.url).catch(() => {}); // A page of another worker's cannot be.
  }
}
