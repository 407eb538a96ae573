// The frame that the site is in, and what is seen of it from outside: address, title, icon, and the ways out.
const DETECT_INTERVAL = 50; // milliseconds between looks for the next page

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
  #scroll = savedScroll(location.href); // where the page was scrolled to when a person left or reloaded it

  // options: base, the site's folder; home, whether it is a home's; local, which returns where a wtp address of the
  // site is here; changed, called with each new address; loaded, called after each page.
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
    // All of the page is printed, not what is seen of it.
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
    try { sessionStorage["wtptui-place"] = place; } catch { /* It begins anew. */ }
  }

  // inside is a URL of this host as one in the site's folder: what is outside was meant from the site's root.
  #toSiteURL(href) { return href.startsWith(this.base) ? href : this.base + href.slice(location.origin.length + 1); }

  // follow shows what the address bar says when a person has changed that.
  #followAddressBar() { if (this.#toSiteURL(this.#window.location.href) !== location.href) this.open(location.href); }

  #startDetecting() {
    clearInterval(this.#detectTimer);
    this.#detectTimer = setInterval(() => this.#detectPage(), DETECT_INTERVAL);
  }

  // look takes note of a new page as soon as there is one.
  #detectPage() {
    let page = null;
    try { page = this.#window.document; } catch { /* It is another site's. */ }
    if (!page || page === this.#page || page.URL === "about:blank") return;
    clearInterval(this.#detectTimer);
    const window = this.#window;
    if (!this.#page) { // A home does not know of the fragment, for which it has begun to show the page.
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
    if (page.readyState === "complete") this.loaded(); // It was before anybody listened.
  }

  // watch notices where scripts go, and keeps another worker from taking the loader's place.
  #watchNavigation(window) {
    window.navigation?.addEventListener("currententrychange", () => this.#updateAddressBar());
    window.navigation?.addEventListener("navigate", (event) => {
      const to = new URL(event.destination.url);
      if (!event.cancelable || event.formData || !/^http/.test(to.protocol) || to.origin === location.origin) return;
      event.preventDefault();
      location[event.navigationType === "replace" ? "replace" : "assign"](to); // Back leads past a page that leads on.
    });
    for (const name of window.navigation ? [] : ["pushState", "replaceState"]) {
      const own = window.history[name];
      window.history[name] = (...values) => { own.apply(window.history, values); this.#updateAddressBar(); };
    }
    const workers = window.navigator.serviceWorker;
    const refusal = () => new window.DOMException("This site has a worker.", "NotSupportedError");
    if (workers) workers.register = () => Promise.reject(refusal());
  }

  // tell keeps the address bar in step.
  #updateAddressBar() {
    const href = this.#toSiteURL(this.#window.location.href);
    try {
      if (href !== location.href) history.replaceState(null, "", href);
    } catch { /* Some browsers take only so many in a while. */ }
    this.changed(href);
  }

  // describe shows the page's title and icon, now and when they change.
  #updateTitleAndIcon() {
    const page = this.#page;
    const show = async () => {
      document.title = page.title;
      const told = page.querySelector("link[rel~=icon]")?.href || "";
      const here = told.startsWith("data:") && told; // No other server is asked for one.
      const icon = here || (told.startsWith(this.base) ? told : this.base + "favicon.ico");
      if (icon === this.#icon) return;
      this.#icon = icon; // Browsers would fetch it past the worker.
      const file = !here && await fetch(icon).then((answer) => answer.ok && answer.blob()).catch(() => null);
      const shown = document.querySelector("link[rel=icon]");
      if (icon === this.#icon) shown.href = here || (file ? URL.createObjectURL(file) : "data:,");
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
    event.preventDefault(); // Chromium would ask the host for it, past the worker.
    fetch(link.href).then((answer) => answer.blob()).then((file) => {
      const download = link.download || link.pathname.split("/").at(-1);
      Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download }).click();
    });
  }

  // A form's properties may be hidden by what is in it, and a button has the page's address for want of one.
  #submit({ target, submitter }) {
    const action = submitter?.getAttribute("formaction") || target.getAttribute("action");
    if (action) this.#retarget(target, new URL(action, target.ownerDocument.baseURI).href);
  }

  // lead has a link or a form leave the frame, unless it leads to a page of the site.
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
