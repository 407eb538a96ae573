// The frame around the site, and what the top page shows of it: address, title and icon. Links out of the site are
// opened in the top page.
const DETECT_INTERVAL = 50; // ms between checks for the next page

function savedScroll(address) {
  try {
    const [x, y, url] = sessionStorage["wtptui-place"].split(" ");
    const again = performance.getEntriesByType("navigation")[0].type !== "navigate";
    return again && url === address && Number(y) ? [x, y] : [];
  } catch {
    return [];
  }
}

export class Frame {
  #page; // the document that is shown
  #detectTimer;
  #describedPage;
  #icon;
  #scroll = savedScroll(location.href); // the scroll position when a person left or reloaded the page

  // options: base, the URL of the site's folder; home, whether a home serves it; local, which returns the URL of a wtp
  // address of the site; changed, called with each new address; loaded, called when a page has loaded.
  constructor(element, options) {
    Object.assign(this, { element }, options);
    element.addEventListener("load", () => {
      this.#detectPage();
      if (!this.#page) return;
      if (this.#scroll.length) this.#window.scrollTo(...this.#scroll.splice(0));
      this.#updateTitleAndIcon();
      this.loaded();
    });
    addEventListener("pagehide", () => this.#saveScroll());
    // Without this, only the visible part of the page would be printed.
    addEventListener("beforeprint", () => { element.style.height = `${this.#page?.documentElement.scrollHeight}px`; });
    addEventListener("afterprint", () => { element.style.height = ""; });
    for (const name of ["hashchange", "popstate"]) addEventListener(name, () => this.#followAddressBar());
    this.#startDetecting();
  }

  get #window() { return this.element.contentWindow; }

  open(url) { this.#window.location.replace(url); }

  reload() { this.#window.location.reload(); }

  #saveScroll() {
    const { scrollX, scrollY } = this.#page ? this.#window : {};
    const place = [scrollX, scrollY, location.href].join(" ");
    try { sessionStorage["wtptui-place"] = place; } catch { /* The page will start at its top. */ }
  }

  // #toSiteURL returns a URL of this host as one in the site's folder: paths outside of it are relative to the site's
  // root.
  #toSiteURL(href) { return href.startsWith(this.base) ? href : this.base + href.slice(location.origin.length + 1); }

  // #followAddressBar opens the address that a person has entered.
  #followAddressBar() { if (this.#toSiteURL(this.#window.location.href) !== location.href) this.open(location.href); }

  #startDetecting() {
    clearInterval(this.#detectTimer);
    this.#detectTimer = setInterval(() => this.#detectPage(), DETECT_INTERVAL);
  }

  // #detectPage handles a new page as soon as it exists.
  #detectPage() {
    let page = null;
    try { page = this.#window.document; } catch { /* It is a page of another site. */ }
    if (!page || page === this.#page || page.URL === "about:blank") return;
    clearInterval(this.#detectTimer);
    const window = this.#window;
    if (!this.#page) { // A home has started to show the page without the fragment.
      if (location.hash && !window.location.hash) window.location.replace(location.hash);
      if (document.activeElement === document.body) window.focus();
    }
    this.#page = page;
    window.addEventListener("pagehide", () => this.#startDetecting());
    for (const name of ["click", "auxclick"]) window.addEventListener(name, (event) => this.#click(event));
    window.addEventListener("submit", (event) => event.defaultPrevented || this.#submit(event));
    for (const name of ["hashchange", "popstate"]) window.addEventListener(name, () => this.#updateAddressBar());
    page.addEventListener("DOMContentLoaded", () => this.#updateTitleAndIcon());
    this.#watchNavigation(window);
    this.#updateAddressBar();
    if (page.head) this.#updateTitleAndIcon();
    if (page.readyState === "complete") this.loaded(); // The event was before there was a listener.
  }

  // #watchNavigation detects navigation by scripts, and prevents another worker from replacing the loader's.
  #watchNavigation(window) {
    window.navigation?.addEventListener("currententrychange", () => this.#updateAddressBar());
    window.navigation?.addEventListener("navigate", (event) => {
      const to = new URL(event.destination.url);
      if (!event.cancelable || event.formData || !/^http/.test(to.protocol) || to.origin === location.origin) return;
      event.preventDefault();
      // The Back button skips a page that redirects.
      location[event.navigationType === "replace" ? "replace" : "assign"](to);
    });
    for (const name of window.navigation ? [] : ["pushState", "replaceState"]) {
      const own = window.history[name];
      window.history[name] = (...values) => { own.apply(window.history, values); this.#updateAddressBar(); };
    }
    const workers = window.navigator.serviceWorker;
    const refusal = () => new window.DOMException("This site has a worker.", "NotSupportedError");
    if (workers) workers.register = () => Promise.reject(refusal());
  }

  // #updateAddressBar sets the address bar to the address of the page.
  #updateAddressBar() {
    const href = this.#toSiteURL(this.#window.location.href);
    try {
      if (href !== location.href) history.replaceState(null, "", href);
    } catch { /* Some browsers limit how often this may be called. */ }
    this.changed(href);
  }

  // #updateTitleAndIcon shows the page's title and icon, now and when they change.
  #updateTitleAndIcon() {
    const page = this.#page;
    const show = async () => {
      document.title = page.title;
      const href = page.querySelector("link[rel~=icon]")?.href || "";
      const data = href.startsWith("data:") && href;
      const icon = data || (href.startsWith(this.base) ? href : this.base + "favicon.ico"); // Never another server's.
      if (icon === this.#icon) return;
      this.#icon = icon; // It is fetched here, since browsers fetch icons without the worker.
      const file = !data && await fetch(icon).then((answer) => answer.ok && answer.blob()).catch(() => null);
      const link = document.querySelector("link[rel=icon]");
      if (icon === this.#icon) link.href = data || (file ? URL.createObjectURL(file) : "data:,");
    };
    show();
    if (this.#describedPage === page || !page.head) return;
    this.#describedPage = page;
    const all = { childList: true, subtree: true, characterData: true, attributes: true };
    new MutationObserver(show).observe(page.head, all);
  }

  #click(event) {
    const link = event.composedPath().find((node) => /^a(rea)?$/i.test(node.localName) && node.href);
    if (!link || event.defaultPrevented) return;
    this.#retarget(link, String(link.href));
    if (this.home || !link.hasAttribute("download") || !link.href.startsWith(this.base)) return;
    event.preventDefault(); // Chromium would request it from the host, without the worker.
    fetch(link.href).then((answer) => answer.blob()).then((file) => {
      const download = link.download || link.pathname.split("/").at(-1);
      Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download }).click();
    });
  }

  // Attributes are read, since a form's fields may hide its properties, and the property of a button without an address
  // is the page's.
  #submit({ target, submitter }) {
    const action = submitter?.getAttribute("formaction") || target.getAttribute("action");
    if (action) this.#retarget(target, new URL(action, target.ownerDocument.baseURI).href);
  }

  // #retarget makes a link or a form open in the top page, unless it leads to a page of the site.
  #retarget(element, address) {
    const url = URL.canParse(address) ? new URL(address) : location;
    const own = this.local(address);
    const base = element.ownerDocument.querySelector("base[target]");
    if (own) element.setAttribute(element.action ? "action" : "href", own);
    else if (url.origin !== location.origin) {
      const target = element.getAttribute("target") ?? base?.target ?? "";
      const leaves = /^(_self)?$/i.test(target) && !/^(javascript|data|blob|about):$/.test(url.protocol);
      if (leaves) element.setAttribute("target", "_top");
    } else if (element.href && url !== location) element.href = this.#toSiteURL(url.href);
  }
}
