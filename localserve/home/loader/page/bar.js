// The bar below the site: who delivers it, and whether this reader helps.
import { bytesText } from "./answer.js";

const memory = {}; // for browsers that store nothing
export const loadSetting = (key) => { try { return localStorage["wtptui-" + key]; } catch { return memory[key]; } };
const saveSetting = (key, value) => { try { localStorage["wtptui-" + key] = value; } catch { memory[key] = value; } };
const percent = (part, all) => (all ? Math.floor(100 * part / all) : 0) + " %";

export class Bar {
  #fixedNote = "";

  // onhelp is called when the reader turns helping on or off.
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
    this.box.onchange = () => { this.setHelping(this.box.checked); onhelp(this.box.checked); };
    this.fold.onclick = () => this.#setFolded(loadSetting("bar") ? "" : "folded");
    this.#setFolded(loadSetting("bar") || "");
  }

  #setFolded(state) {
    saveSetting("bar", state);
    document.documentElement.dataset.bar = state;
    this.fold.textContent = state ? "⌃" : "⌄";
    this.fold.title = state ? "Show who delivers this site" : "Fold this bar away";
    this.fold.ariaLabel = this.fold.title;
    this.fold.ariaExpanded = String(!state);
  }

  // setHelping shows and stores the reader's choice.
  setHelping(help) {
    this.box.checked = help;
    this.ask.hidden = true;
    saveSetting("help", help ? "yes" : "no");
  }

  // setNote shows a sentence instead of all others.
  setNote(text) { this.note.textContent = this.#fixedNote = text; }

  setAddress(host, path) { this.link.href = this.link.textContent = `wtp://${host}/${path}`; }

  // offerUpdate shows a button that calls show.
  offerUpdate(show) {
    this.news.hidden = false;
    this.news.onclick = () => { this.news.hidden = true; show(); };
  }

  // askToHelp resolves to the reader's choice.
  askToHelp() {
    this.ask.hidden = false;
    return new Promise((resolve) => {
      const answer = (help) => () => { this.setHelping(help); resolve(help); };
      Object.assign(this.yes, { onclick: answer(true) });
      Object.assign(this.no, { onclick: answer(false) });
    });
  }

  // showStats shows the client's statistics.
  showStats({ peers, down, up, fromSwarm, fromHome, have, size, trackers, fault }, home) {
    this.text.textContent = `${peers} peer${peers === 1 ? "" : "s"}`;
    this.rates.textContent = `↓ ${bytesText(down)}/s ↑ ${bytesText(up)}/s`;
    this.share.textContent = `${percent(have, size)} here · ${percent(fromSwarm, fromSwarm + fromHome)} from peers`;
    const whole = size > 0 && have === size;
    this.dot.dataset.state = peers ? "swarm" : home || whole ? "home" : "nobody";
    const silent = trackers.length > 0 && trackers.every(({ ok, error }) => !ok && error);
    const alone = home ? "No peer is there; the home delivers" : "No peer is there yet";
    const lonely = silent ? "The tracker does not answer" : whole ? "" : alone;
    this.note.textContent = this.#fixedNote || fault || (peers || !this.box.checked ? "" : lonely);
  }
}
