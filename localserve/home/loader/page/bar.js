// The bar below the site: who delivers it, and whether this reader helps.
import { bytesText } from "./answer.js";

const memory = {}; // where the browser keeps nothing
export const recall = (key) => { try { return localStorage["wtptui-" + key]; } catch { return memory[key]; } };
const keep = (key, value) => { try { localStorage["wtptui-" + key] = value; } catch { memory[key] = value; } };
const percent = (part, all) => (all ? Math.floor(100 * part / all) : 0) + " %";

export class Bar {
  #said = "";

  // onhelp is called with the reader's choice to help.
  constructor(onhelp) {
    const root = document.getElementById("bar");
    root.innerHTML = `<i class="dot" aria-hidden="true"></i><span class="text"></span><span class="rates"></span>
<span class="share"></span><span class="note" role="status"></span>
<button class="news" hidden>Show the new version</button>
<span class="ask" role="group" hidden>Help deliver this site? Other readers then see your network address (IP).
<button class="yes">Yes, help</button> <button class="no">No</button></span>
<a class="link" target="_top" title="opens in wtptui"></a>
<label class="help" title="Other readers get this site from you while it is open. They see your network address (IP).">
<input type="checkbox" role="switch">help deliver</label><button class="fold"></button>`;
    for (const part of root.querySelectorAll("*")) this[part.className || "box"] = part;
    this.box.onchange = () => { this.choose(this.box.checked); onhelp(this.box.checked); };
    this.fold.onclick = () => this.#fold(recall("bar") ? "" : "folded");
    this.#fold(recall("bar") || "");
  }

  #fold(state) {
    keep("bar", state);
    document.documentElement.dataset.bar = state;
    this.fold.textContent = state ? "⌃" : "⌄";
    this.fold.title = state ? "Show who delivers this site" : "Fold this bar away";
    this.fold.ariaLabel = this.fold.title;
    this.fold.ariaExpanded = String(!state);
  }

  // choose shows and keeps what the reader has chosen.
  choose(help) {
    this.box.checked = help;
    this.ask.hidden = true;
    keep("help", help ? "yes" : "no");
  }

  // say shows a sentence in the place of others.
  say(text) { this.note.textContent = this.#said = text; }

  address(host, path) { this.link.href = this.link.textContent = `wtp://${host}/${path}`; }

  // offer shows that there is a new version.
  offer(show) {
    this.news.hidden = false;
    this.news.onclick = () => { this.news.hidden = true; show(); };
  }

  // question resolves to whether the reader wants to help.
  question() {
    this.ask.hidden = false;
    return new Promise((resolve) => {
      const answer = (help) => () => { this.choose(help); resolve(help); };
      Object.assign(this.yes, { onclick: answer(true) });
      Object.assign(this.no, { onclick: answer(false) });
    });
  }

  // show shows the client's figures.
  show({ peers, down, up, fromSwarm, fromHome, have, size, trackers, fault }, home) {
    this.text.textContent = `${peers} peer${peers === 1 ? "" : "s"}`;
    this.rates.textContent = `↓ ${bytesText(down)}/s ↑ ${bytesText(up)}/s`;
    this.share.textContent = `${percent(have, size)} here · ${percent(fromSwarm, fromSwarm + fromHome)} from peers`;
    const whole = size > 0 && have === size;
    this.dot.dataset.state = peers ? "swarm" : home || whole ? "home" : "nobody";
    const silent = trackers.length > 0 && trackers.every(({ ok, error }) => !ok && error);
    const alone = home ? "No peer is there; the home delivers" : "No peer is there yet";
    const lonely = silent ? "The tracker does not answer" : whole ? "" : alone;
    this.note.textContent = this.#said || fault || (peers || !this.box.checked ? "" : lonely);
  }
}
