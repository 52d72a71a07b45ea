"""What a browser measures of a page: whether the keyboard reaches all of it, and whether it fits when enlarged."""

from playwright.sync_api import Page

# A button, link or field that is shown: not what is in closed details or invisible, nor a radio but the first, nor a
# tab but the chosen one.
_REACHABLE = """
() => {
  const shown = e => e.checkVisibility({checkVisibilityCSS: true}) && e.getClientRects().length > 0;
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')];
  const groups = new Set();
  const wanted = all.filter(e => {
    if (!shown(e) || e.disabled || (e.tabIndex < 0 && e.closest('.hidden'))) return false;
    if (e.role === 'tab' && e.ariaSelected === 'false') return false;  // the arrows lead there
    if (e.type !== 'radio') return true;
    const group = e.form && e.form.elements[e.name];
    const picked = group && [...group].some(r => r.checked);
    if (picked ? !e.checked : groups.has(e.name)) return false;
    groups.add(e.name);
    return true;
  });
  window.reach = {all: [...document.querySelectorAll('*')], wanted, seen: []};
  const hit = e => {
    const seen = b => [
      Math.max(b.left, 0), Math.max(b.top, 0), Math.min(b.right, innerWidth), Math.min(b.bottom, innerHeight)];
    return [...e.getClientRects()].map(seen).some(([left, top, right, bottom]) => [.5, .1, .9].some(part => {
      const at = document.elementFromPoint(left + (right - left) * part, top + (bottom - top) * part);
      return at !== null && (e.contains(at) || at.contains(e));
    }));
  };
  document.addEventListener('focusin', event => {
    const e = event.target, style = getComputedStyle(e);
    const ringed = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    window.reach.seen.push({e, ringed, hit: hit(e)});
  });
  document.activeElement.blur();
  return wanted.length;
}
"""
_REACHED = """
() => {
  const {all, wanted, seen} = window.reach;
  const name = e => e.outerHTML.slice(0, 120);
  const faults = [];
  const visited = new Set(seen.map(s => s.e));
  for (const e of wanted) if (!visited.has(e)) faults.push('not reached: ' + name(e));
  for (const s of seen) {
    if (!s.ringed) faults.push('no visible focus: ' + name(s.e));
    if (!s.hit) faults.push('hidden while it has the focus: ' + name(s.e));
  }
  const order = seen.map(s => all.indexOf(s.e));
  let rounds = 0;  // where an error has the focus at first, the beginning comes after the end
  for (let i = 1; i < Math.min(order.length, wanted.length); i++)
    if (order[i] < order[i - 1] && ++rounds > 1) faults.push('out of order: ' + name(seen[i].e));
  return faults;
}
"""
_FITS = """
() => {
  const faults = [], width = document.documentElement.clientWidth;
  const name = e => e.outerHTML.slice(0, 120);
  const sideways = document.documentElement.scrollWidth - width;
  if (sideways > 0) faults.push(`the page is ${sideways} px too wide`);
  const scrolls = e => e.closest('.table, pre, textarea, .list, select, .source');
  const unseen = e => e.closest('.hidden, .skip, [hidden]') || !e.checkVisibility({checkVisibilityCSS: true});
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || unseen(e) || e.closest('script, style, title, desc, option')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 1 || box.height < 1) continue;
      if (!scrolls(e) && (box.right > width + 1 || box.left < -1)) faults.push('cut off at the side: ' + name(e));
      if (!scrolls(e)) texts.push({e, box});
    }
    for (let cut = e; cut && cut !== document.body; cut = cut.parentElement) {
      const style = getComputedStyle(cut);
      if (scrolls(cut) || !/hidden|clip/.test(style.overflow)) continue;
      if (cut.scrollWidth > cut.clientWidth + 1 || cut.scrollHeight > cut.clientHeight + 1)
        faults.push('cut off: ' + name(cut));
    }
  }
  texts.sort((a, b) => a.box.top - b.box.top);
  for (let i = 0; i < texts.length; i++)
    for (let j = i + 1; j < texts.length && texts[j].box.top < texts[i].box.bottom - 4; j++) {
      const a = texts[i], b = texts[j];
      if (a.e === b.e || a.e.contains(b.e) || b.e.contains(a.e)) continue;
      const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      if (wide > 3 && high > 6)
        faults.push(`overlap: ${a.e.textContent.slice(0, 40)} / ${b.e.textContent.slice(0, 40)}`);
    }
  return [...new Set(faults)].slice(0, 8);
}
"""


_MOST_ROUNDS = 3


def unreached(page: Page) -> list[str]:
    """Press Tab through the page; return what was not reached, out of order, or without a focus that can be seen."""
    count = int(page.evaluate(_REACHABLE))
    for _ in range(_MOST_ROUNDS):  # what scrolls by itself has the focus too
        for _ in range(count + 2):
            page.keyboard.press("Tab")
        faults: list[str] = page.evaluate(_REACHED)
        if not any(fault.startswith("not reached") for fault in faults):
            break
        count //= 4
    return faults[:8]


def misfits(page: Page) -> list[str]:
    """Return what is too wide, cut off, or lies upon other text."""
    faults: list[str] = page.evaluate(_FITS)
    return faults
